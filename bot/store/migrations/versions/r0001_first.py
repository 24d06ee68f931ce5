"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create conversations, channels, people, marks, records, posts and outbox."""
    for name in ("conversations", "channels", "people"):
        op.create_table(
            name,
            sa.Column("key", sa.String, primary_key=True),
            sa.Column("team", sa.String, nullable=False),
            sa.Column("memory", sa.Text, nullable=False),
            sa.Column("version", sa.Integer, nullable=False),
            sa.Column("touched_at", sa.BigInteger, nullable=False),
        )
    op.create_table(
        "marks",
        sa.Column("mark", sa.String, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "records",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("conversation", sa.String, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
    )
    op.create_index("records_by_channel", "records", ["channel", "made_at"])
    op.create_table(
        "posts",
        sa.Column("conversation", sa.String, primary_key=True),
        sa.Column("slot", sa.String, primary_key=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("posted_at", sa.BigInteger, nullable=False),
    )
    op.create_index("posts_by_message", "posts", ["channel", "message"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("conversation", sa.String, nullable=False),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("thread", sa.String, nullable=False),
        sa.Column("direct", sa.Boolean, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("slot", sa.String, nullable=False),
        sa.Column("needs_opening", sa.Boolean, nullable=False),
        sa.Column("answer_url", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("leased_until", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_by_conversation", "outbox", ["conversation", "id"])
