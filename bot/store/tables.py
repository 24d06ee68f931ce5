"""The tables. Times are whole seconds since 1970 (UTC); memory and replies are JSON; what people wrote is in none of them, but for
a description that its writer asked to keep."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()


def _memories(name: str) -> Table:
    """A table of what is remembered; `version` counts the changes of a row, so that two writers cannot overwrite each other."""
    return Table(
        name,
        metadata,
        Column("key", String, primary_key=True),
        Column("team", String, nullable=False),
        Column("memory", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("touched_at", BigInteger, nullable=False),
    )


conversations = _memories("conversations")
"""One row a thread that something is remembered of."""

channels = _memories("channels")
people = _memories("people")

marks = Table(
    "marks",
    metadata,
    Column("mark", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index("marks_by_age", "at"),
    sqlite_with_rowid=False,
)
"""The names of deliveries already taken, so that a repetition is noticed."""

records = Table(
    "records",
    metadata,
    Column("id", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
    Column("description", Text),
    Index("records_by_channel", "channel", "made_at"),
)
"""Decision records, kept until somebody deletes them. `description` is what a person wrote, only where they asked to keep it."""

OPENING = "opening"
"""The slot of the message that heads a thread which Spellout opened."""

posts = Table(
    "posts",
    metadata,
    Column("conversation", String, primary_key=True),
    Column("slot", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("team", String, nullable=False),
    Column("message", String, nullable=False),
    Column("posted_at", BigInteger, nullable=False),
    Index("posts_by_message", "channel", "message"),
)
"""Which message stands in which slot of a conversation; `channel` is the channel's key."""

outbox = Table(
    "outbox",
    metadata,
    # SQLite's integer key is 64 bits wide, and only under this type name does it count by itself.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("conversation", String, nullable=False),
    Column("service", String, nullable=False),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("direct", Boolean, nullable=False),
    Column("reply", Text, nullable=False),
    Column("slot", String, nullable=False),
    Column("needs_opening", Boolean, nullable=False),
    Column("answer_url", Text),
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("leased_until", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("outbox_by_conversation", "conversation", "id"),
    Index("outbox_by_due", "due_at", "id"),
    sqlite_autoincrement=True,  # an id is never used twice: a late note about one reply must not hit another
)
"""Replies not yet sent, in order of `id`. `needs_opening`: it belongs into a thread whose first message is not posted yet. While a
reply is on its way, `due_at` is when its lease ends."""

installations = Table(
    "installations",
    metadata,
    Column("service", String, primary_key=True),
    Column("team", String, primary_key=True),
    Column("sealed_token", Text, nullable=False),
    Column("bot_user", String, nullable=False),
    Column("bot", String, nullable=False),
    Column("app", String, nullable=False),
    Column("enterprise", String, nullable=False),
    Column("everywhere", Boolean, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("installed_by", String, nullable=False),
    Column("installed_at", BigInteger, nullable=False),
)
"""Where Spellout is installed. The token is sealed; `scopes` are separated by commas."""

install_states = Table(
    "install_states",
    metadata,
    Column("hash", String, primary_key=True),
    Column("ends_at", BigInteger, nullable=False),
)
"""Installations that were begun: the SHA-256 of the state that comes back with the one who began it."""
