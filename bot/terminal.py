"""Spellout in a terminal: replies as text, and the dialogue with typed answers."""

from collections.abc import Callable, Iterator

from rich.console import Console
from rich.text import Text as Styled

from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import (
    Choice,
    Choices,
    Code,
    Commanded,
    Divider,
    Event,
    Fact,
    Heading,
    Items,
    Line,
    Note,
    Part,
    Place,
    Pointed,
    Pressed,
    Reply,
    Said,
    Span,
    Text,
)

YOU = "you"
_STYLES = {"plain": "", "bold": "bold", "italic": "italic"}
_PLACE = Place(service="terminal", team="local", channel="local", thread="dm", direct=True)


def styled(line: Line) -> Styled:
    """A line as styled text; nothing in it is parsed."""
    text = Styled()
    for piece in line:
        if isinstance(piece, Span):
            text.append(f"{piece.text} ({piece.link})" if piece.link else piece.text, _STYLES[piece.style])
        else:
            text.append(piece.person)
    return text


def show(console: Console, reply: Reply, *, buttons: bool = True) -> None:
    """Print a reply, without its buttons where nobody can press them. What is taken away stays: a terminal cannot unsay."""
    if reply.gone:
        return
    for part in reply.parts:
        for mark, text in _paragraphs(part, buttons):
            _print(console, mark, text)
    console.print()


def _print(console: Console, mark: str, text: Styled) -> None:
    """Print a paragraph, wrapped under its mark ("- ", "1. ")."""
    width = max(console.width - len(mark), 20)
    for number, line in enumerate(text.wrap(console, width)):
        line.rstrip()
        console.print(Styled(" " * len(mark) if number else mark) + line, soft_wrap=True)


def _paragraphs(part: Part, buttons: bool) -> Iterator[tuple[str, Styled]]:
    """The paragraphs of a part with their marks; a number to be typed is a mark."""
    match part:
        case Heading(text):
            yield "", Styled(text, "bold underline")
        case Text(line, Choice(label=typed)) if typed.isdecimal():
            yield f"{typed:>3}. ", styled(line)
        case Text(line, beside):
            yield "", styled(line) + (_buttons(beside) if beside and buttons else Styled())
        case Items(lines, numbered):
            for number, line in enumerate(lines, 1):
                yield f"{number:3}. " if numbered else "  - ", styled(line)
        case Fact(label, lines):
            yield "", Styled(label, "bold")
            for line in lines:
                yield "  - ", styled(line)
        case Note(line):
            yield "", Styled.assemble(styled(line), style="dim")
        case Code(text):
            yield "", Styled(text.rstrip())
        case Divider():
            yield "", Styled(" ")
        case Choices(choices) if buttons:
            yield "", _buttons(*choices)


def _buttons(*choices: Choice) -> Styled:
    return Styled("".join(f"  [{choice.label}]" for choice in choices), "dim")


def _answers(choice: Choice) -> bool:
    return choice.id.startswith("answer:")


class Talk:
    """One person's conversation with Spellout in a terminal; it is forgotten when it ends."""

    def __init__(self, brain: Brain, console: Console, clock: Callable[[], int]) -> None:
        self._brain, self._console, self._clock = brain, console, clock
        self._memory = Memory()
        self._buttons: dict[str, str] = {}
        """What can be typed instead of being pressed: a label -> its choice. Answers are not among them: the core understands those."""

    def explain(self, text: str) -> None:
        """Say what the terms of a text mean, and why."""
        for reply in self._decide(Pointed(_PLACE, YOU, "explain", text, ())):
            show(self._console, reply, buttons=False)

    def choose(self, ask: Callable[[], str | None]) -> None:
        """Run the dialogue until it has ended and there is nothing more to type; None from `ask` is the end of the input."""
        self._tell(Commanded(_PLACE, YOU, "choose", ()))
        while (typed := ask()) is not None:
            line = typed.strip()
            if not line and self._ended:
                break
            if line:
                pressed = self._buttons.get(line.strip("[]").casefold())
                self._tell(Pressed(_PLACE, YOU, pressed, ()) if pressed else Said(_PLACE, YOU, line, (), addressed=True))

    @property
    def _ended(self) -> bool:
        dialogue = self._memory.thread.dialogue
        return dialogue is None or bool(dialogue.ended)

    def _tell(self, event: Event) -> None:
        for reply in self._decide(event):
            show(self._console, reply)
            self._buttons |= {choice.label.casefold(): choice.id for choice in _choices(reply) if not _answers(choice)}

    def _decide(self, event: Event) -> tuple[Reply, ...]:
        decision = self._brain.decide(event, _PLACE, self._memory, self._clock())
        self._memory = decision.memory
        return decision.replies


def _choices(reply: Reply) -> Iterator[Choice]:
    for part in reply.parts:
        if isinstance(part, Choices):
            yield from part.choices
        elif isinstance(part, Text) and part.beside:
            yield part.beside
