"""What Spellout remembers between two events. No message text, ever: only ids, answers and the rules' own words."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Remembered(BaseModel):
    """A frozen record that survives a restart as JSON; unknown keys of a newer version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Meaning(Remembered):
    """What a term means in this thread, and how we know."""

    sense: str
    how: Literal["pressed", "noted", "spelled_out"]
    by: str = ""
    because: tuple[str, ...] = ()
    """The cue words of the rules that decided a noted reading."""
    confidence: float = 1.0


class Asked(Remembered):
    """An open question about a term: whose message made us ask, and the slot of the message that asks."""

    by: str
    slot: str


class Answer(Remembered):
    """One answer of the dialogue: the option's id, who gave it, when (seconds since 1970, UTC)."""

    option: str
    by: str
    at: int


class Dialogue(Remembered):
    """One run of the four questions in a thread."""

    number: int
    owner: str
    answers: dict[str, Answer] = {}
    asking: str | None = None
    """The question that waits for an answer; None once the dialogue has ended."""
    helped: bool = False
    """Whether the one help line after an answer that was not understood has been given."""
    domain: str | None = None
    """The domain that the thread's own words already settled, so that the gate is not asked."""
    ended: Literal["", "finished", "stopped"] = ""
    results: int = 0
    """How many results were shown so far: a changed answer brings a new one."""


class Thread(Remembered):
    """The memory of one conversation."""

    meanings: dict[str, Meaning] = {}
    asked: dict[str, Asked] = {}
    """Term -> what we asked about it; still open while the term has no meaning."""
    settled: dict[str, str] = {}
    """Term -> the slot of the message that says its meaning here."""
    dialogue: Dialogue | None = None
    posts: int = 0
    """How many slots were named so far, so that a new message never takes an old one's place."""


class Channel(Remembered):
    """The memory of one channel."""

    explained: dict[str, int] = {}
    """Term -> when (seconds since 1970, UTC) it was last explained here unprompted."""


class Memory(Remembered):
    """Everything `decide` may look at besides the event and the rules."""

    thread: Thread = Thread()
    channel: Channel = Channel()
