"""Where Spellout is installed, the installations begun, an outbox that is searched by when its replies are due, and marks by age."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create installations and install_states; what is on its way is due again when its lease ends."""
    op.create_table(
        "installations",
        sa.Column("service", sa.String, primary_key=True),
        sa.Column("team", sa.String, primary_key=True),
        sa.Column("sealed_token", sa.Text, nullable=False),
        sa.Column("bot_user", sa.String, nullable=False),
        sa.Column("bot", sa.String, nullable=False),
        sa.Column("app", sa.String, nullable=False),
        sa.Column("enterprise", sa.String, nullable=False),
        sa.Column("everywhere", sa.Boolean, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("installed_by", sa.String, nullable=False),
        sa.Column("installed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "install_states",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
    )
    op.execute("UPDATE outbox SET due_at = leased_until WHERE leased_until > due_at")
    op.create_index("outbox_by_due", "outbox", ["due_at", "id"])
    op.create_index("marks_by_age", "marks", ["at"])
