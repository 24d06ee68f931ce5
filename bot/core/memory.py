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
    at: int = 0
    """When it was settled (seconds since 1970, UTC); 0: it is of no matter of today."""


class Asked(Remembered):
    """An open question about a term: whose message made us ask, and the slot of the message that asks."""

    by: str
    slot: str
    because: tuple[str, ...] = ()
    """The cue words that were in the air."""
    prompted: bool = False
    """Whether that message was addressed to us."""
    at: int = 0
    """When we asked (seconds since 1970, UTC)."""


class Answer(Remembered):
    """One answer of the dialogue: the option's id, who gave it, when (seconds since 1970, UTC)."""

    option: str
    by: str
    at: int
    told: bool = False
    """Whether it was taken from a description."""
    words: tuple[str, ...] = ()
    """The words of the description that the rules matched; none where the answer is only usual for that kind of work."""


class Told(Remembered):
    """An answer that a description gives."""

    option: str
    said: bool = False
    """Whether the description says so; otherwise it is usual for that kind of work."""
    words: tuple[str, ...] = ()
    by: str = ""
    """Who answered it later."""
    at: int = 0
    """When they did; 0 while it stands as it was described."""


class Half(Remembered):
    """One half of work that comes in two: its model, the kind of work, and the matched words."""

    model: str
    activity: str
    words: tuple[str, ...] = ()


class Label(Remembered):
    """A label that the work was called by, and the id of what to say of it (empty: it holds)."""

    label: str
    mislabel: str = ""


class Described(Remembered):
    """What a description led to. Of its text only the words that the rules matched."""

    number: int
    by: str
    at: int
    model: str | None = None
    confidence: Literal["none", "provisional", "likely", "firm"] = "none"
    runner_up: str = ""
    answers: dict[str, Told] = {}
    activity: str = ""
    """The closest known kind of work."""
    words: tuple[str, ...] = ()
    """The words for that kind of work."""
    ruled_out: tuple[str, ...] = ()
    """The words for what it is said not to be."""
    open: tuple[str, ...] = ()
    """The questions whose answer could still change the model."""
    labels: tuple[Label, ...] = ()
    halves: tuple[Half, ...] = ()
    warnings: tuple[str, ...] = ()
    mistakes: dict[str, tuple[str, ...]] = {}
    forms: bool = False
    """Whether an open answer may still lead to another form of the same routine work."""
    misnamed: bool = False
    """Whether somebody gave a label that the rules do not know."""
    slot: str = ""
    """The message that shows it to everybody; empty while only one person has seen it."""
    asked: bool = False
    """Whether its open questions are being asked in the thread."""
    shared_by: str = ""
    record: str = ""
    """The id of its decision record; empty: there is none."""
    result: int = 1
    """Which result this is: each change of answers brings a new one."""


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
    spared: tuple[str, ...] = ()
    """Questions that a description made needless: they are asked only if the others do not settle the model."""
    begun_at: int = 0
    """When it began (seconds since 1970, UTC)."""
    described: int = 0
    """The number of the description that it began with; 0: none."""
    made_at: int = 0
    """When its first result was shown."""
    teller: str = ""
    """Who described the work."""
    sure: Literal["", "none", "provisional", "likely", "firm"] = ""
    """How sure the description alone was."""


class Thread(Remembered):
    """The memory of one conversation."""

    meanings: dict[str, Meaning] = {}
    asked: dict[str, Asked] = {}
    """Term -> what we asked about it; still open while the term has no meaning."""
    settled: dict[str, str] = {}
    """Term -> the slot of the message that says its meaning here."""
    dialogue: Dialogue | None = None
    works: tuple[Described, ...] = ()
    """The newest descriptions of work here, and what they led to; the newest last."""
    headed: bool = False
    """Whether a shared description heads the thread that we opened."""
    caused: dict[str, str] = {}
    """Message -> the term that it made us speak of: when it is edited or deleted, so is what we said."""
    shadowed: tuple[str, ...] = ()
    """The terms that we would have spoken of here, had the channel not been in the shadow."""
    posts: int = 0
    """How many slots were named so far, so that a new message never takes an old one's place."""
    answered: tuple[str, ...] = ()
    """The newest messages that were addressed to us."""
    talked_at: int = 0
    """When anything last happened in a direct chat, which is one conversation for ever (seconds since 1970, UTC)."""
    matter_at: int = 0
    """When the matter at hand began there (seconds since 1970, UTC)."""


Mode = Literal["helpful", "unclear", "asked", "off"]
"""How much to say unprompted: ask, note and explain; only ask; only when asked; nothing at all."""


class House(Remembered):
    """What a term always means in a channel, and who confirmed it when (seconds since 1970, UTC)."""

    sense: str
    by: str
    at: int


class Verdict(Remembered):
    """What was decided about a term that somebody wrote, so that a silence can be explained. No text but the rules' own cues."""

    term: str
    action: str
    reason: str
    sense: str = ""
    confidence: float = 0.0
    words: tuple[str, ...] = ()
    at: int = 0


class Turning(Remembered):
    """The one answer that, changed alone, would bring another model."""

    question: str
    option: str
    model: str


class Record(Remembered):
    """One decision. Times are seconds since 1970 (UTC); `channel` and `conversation` are keys of places."""

    id: str
    team: str
    channel: str
    conversation: str
    by: str
    """Who began the dialogue or described the work."""
    made_at: int
    changed_at: int
    result: int = 1
    """Which result this is: 1 is the first, each changed answer brings a new one."""
    rules: str
    """The version of the rules that decided."""
    model: str | None
    confidence: str
    answers: dict[str, Answer] = {}
    domain: str = ""
    """The special kind of work that the words of the thread had settled before anybody asked."""
    runner_up: str = ""
    turning: Turning | None = None
    warnings: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    halves: tuple[Half, ...] = ()
    mistakes: dict[str, tuple[str, ...]] = {}
    """What the plan has wrong, with the words that give it away."""
    activity: str = ""
    """The closest known kind of work, where it was described."""
    words: tuple[str, ...] = ()
    """The words for that kind of work."""
    ruled_out: tuple[str, ...] = ()
    """The words for what it is said not to be."""
    open: tuple[str, ...] = ()
    """The questions whose answer could still change the model."""
    description: str = ""
    """The person's own text; only if they asked to keep it."""


class Noted(Remembered):
    """A decision record, as it is listed in its channel."""

    id: str
    activity: str = ""
    model: str
    confidence: str
    by: str
    at: int


class Channel(Remembered):
    """The memory of one channel."""

    mode: Mode = "helpful"
    shadow: bool = False
    """Says nothing, and counts what it would have said."""
    with_others: bool = False
    """Whether somebody of the home workspace allowed it to speak where other companies listen."""
    others: bool = False
    """Whether people of another company listen there, as of the last message that we read."""
    set_by: str = ""
    """Who set the mode last."""
    quiet: bool = False
    """Whether it went quiet by itself."""
    name: str = ""
    """What the channel is called, where the service has told us."""
    explained: dict[str, int] = {}
    """Term -> when (seconds since 1970, UTC) it was last explained here unprompted."""
    house: dict[str, House] = {}
    confirmed: dict[str, dict[str, int]] = {}
    """Term -> meaning -> how often people confirmed it here."""
    heard: dict[str, dict[str, int]] = {}
    """Term -> meaning -> how often messages here settled it by themselves."""
    day: int = 0
    """The day (since 1970, UTC) that `spoken` counts."""
    spoken: int = 0
    dismissed: tuple[int, ...] = ()
    """When people asked not to be told again."""
    would: dict[str, int] = {}
    """What it would have said in the shadow: "ask RPO" -> how often."""
    records: tuple[Noted, ...] = ()
    """The newest decision records, the newest last."""
    lately: tuple[Verdict, ...] = ()
    """The last verdicts, the newest last."""


class Person(Remembered):
    """The memory of one person of a workspace."""

    dismissed: dict[str, int] = {}
    """Term -> when they asked not to be told of it again."""
    met: dict[str, int] = {}
    """Channel, term and kind of remark -> when it was last made to them unprompted."""


class Memory(Remembered):
    """Everything `decide` may look at besides the event and the rules."""

    thread: Thread = Thread()
    channel: Channel = Channel()
    person: Person = Person()
    record: Record | None = None
    """The decision record that the event is about."""
