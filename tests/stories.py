"""Stories: what people do and what Spellout then shows, written in tests/conversations/*.yml and played on any stage.

A story has a title and turns. A turn is one key and its value:

    maya: TEXT                    Maya writes; the first message of a story heads a thread, later ones answer in it
    maya in the channel: TEXT     a new message in the channel, which heads the thread from now on
    maya to the bot: TEXT         the same with a mention of the bot in front
    maya in private: TEXT         a direct message to the bot
    rosa in the shared channel: TEXT    a new message in a channel that another company's people share; Rosa is one of them
    maya to the bot in the shared channel: TEXT    the same with a mention of the bot in front
    maya edits: TEXT              the newest message of the story gets other words
    maya deletes: it              the newest message of the story is deleted
    maya saves: {FIELD: [LABEL]}  the window in front of her is sent off with these chosen (fields not named stay)
    maya presses: LABEL           the newest button of that label that she can see
    maya and jonas press: [LABEL, LABEL]  both press what they saw, at the same moment
    maya commands: /spellout X    a slash command in the channel
    maya commands in the shared channel: /spellout X
    maya commands in private: /spellout X     the same in her direct chat with the bot
    maya points at it: SHORTCUT   a message shortcut used on the message that heads the thread
    bot: TEXT or [TEXT, ...]      a new message holds all these texts, in any order
    bot changes: TEXT             an earlier message was replaced and now holds this
    bot removes: TEXT             an earlier message that held this is gone
    bot whispers to maya: TEXT    only Maya sees it
    bot opens for maya: TEXT      a window
    bot: nothing                  nothing new (the same follows from the end of a story)
    restart: the bot              the process ends and comes back on the same database
    later: 3 days                 so many minutes, hours or days pass

Everything the bot does must be told, in its order: an untold message fails the story.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The quick one, where PyYAML was built with it."""

FOLDER = Path(__file__).parent / "conversations"
NAMES = {
    "maya": "Maya Ortiz",
    "jonas": "Jonas Weber",
    "priya": "Priya Nair",
    "lena": "Lena Hoff",
    "omar": "Omar Haddad",
    "rosa": "Rosa Lind",
}
OUTSIDERS = frozenset({"rosa"})
"""Who belongs to another company."""

UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}
"""Seconds."""

Where = Literal["thread", "channel", "bot", "private", "shared", "bot shared"]
Kind = Literal["says", "changes", "removes", "whispers", "opens"]


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that became visible: what kind, to whom (empty: everybody), its text."""

    kind: Kind
    text: str
    to: str = ""

    def __str__(self) -> str:
        return f"bot {self.kind}{f' ({self.to})' if self.to else ''}: {self.text}"


@dataclass(frozen=True, slots=True)
class Story:
    """A title and its turns."""

    title: str
    turns: tuple[tuple[str, Any], ...]


class Stage(Protocol):
    """A place where a story can be played: people act, and the bot's visible doings are collected."""

    async def say(self, person: str, text: str, where: Where) -> None: ...
    async def press(self, person: str, label: str) -> None: ...
    async def press_together(self, presses: Sequence[tuple[str, str]]) -> None: ...
    async def edit(self, person: str, text: str) -> None: ...
    async def delete(self, person: str) -> None: ...
    async def submit(self, person: str, choices: Mapping[str, Sequence[str]]) -> None: ...
    async def command(self, person: str, words: str, where: Where) -> None: ...
    async def point(self, person: str, shortcut: str) -> None: ...
    async def restart(self) -> None: ...
    async def wait(self, seconds: int) -> None: ...
    async def shown(self) -> list[Shown]:
        """What became visible since the last call, once everything has come to rest."""
        ...


@cache
def stories() -> Sequence[Story]:
    """All stories of all files."""
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader):
            turns = tuple(next(iter(turn.items())) for turn in entry["turns"])
            found.append(Story(f"{path.stem}: {entry['title']}", turns))
    return found


async def play(story: Story, stage: Stage) -> None:
    """Play it; the first surprise raises an AssertionError that tells the story so far."""
    waiting: list[Shown] = []
    told: list[str] = []
    for key, value in story.turns:
        told.append(f"{key}: {value}")
        if key == "bot" and value == "nothing":
            waiting += await stage.shown()
            assert not waiting, _surprise(told, "expected nothing", waiting)
        elif key.startswith("bot"):
            waiting += await stage.shown()
            assert waiting, _surprise(told, "the bot did nothing", waiting)
            _expect(_as_shown(key, stage), value, waiting.pop(0), told, waiting)
        else:
            waiting += await stage.shown()
            assert not waiting, _surprise(told[:-1], "the bot did more than was told", waiting)
            await _act(stage, key, value)
    waiting += await stage.shown()
    assert not waiting, _surprise(told, "the bot did more than was told", waiting)


def _as_shown(key: str, stage: Stage) -> str:
    """The turn as this stage can show it: where no window opens in answer to a press or a command, a private message takes its place."""
    windows = getattr(stage, "opens_windows", True)
    return key if windows else key.replace("bot opens for ", "bot whispers to ")


async def _act(stage: Stage, key: str, told: object) -> None:
    person, _, how = key.partition(" ")
    value = str(told)
    if key == "restart":
        await stage.restart()
    elif key == "later":
        count, unit = value.split()
        await stage.wait(int(count) * UNITS[unit])
    elif how.startswith("and ") and isinstance(told, list):
        people = key.removesuffix(" press").split(" and ")
        await stage.press_together(list(zip(people, told, strict=True)))
    elif how == "edits":
        await stage.edit(person, value)
    elif how == "deletes":
        await stage.delete(person)
    elif how == "saves" and isinstance(told, dict):
        await stage.submit(person, told)
    elif how == "presses":
        await stage.press(person, value)
    elif how.startswith("commands") and (where := how.removeprefix("commands").strip()) in COMMANDED:
        await stage.command(person, value, COMMANDED[where])
    elif how == "points at it":
        await stage.point(person, value)
    elif how in WHERE:
        await stage.say(person, value, WHERE[how])
    else:
        raise AssertionError(f"unknown turn {key!r}")


WHERE: dict[str, Where] = {
    "": "thread",
    "in the channel": "channel",
    "to the bot": "bot",
    "in private": "private",
    "in the shared channel": "shared",
    "to the bot in the shared channel": "bot shared",
}

COMMANDED: dict[str, Where] = {"": "channel", "in the shared channel": "shared", "in private": "private"}


def _expect(key: str, value: object, shown: Shown, told: Sequence[str], rest: Sequence[Shown]) -> None:
    _, _, how = key.partition(" ")
    verb, _, to = how.partition(" ")
    kind = {"": "says", "changes": "changes", "removes": "removes", "whispers": "whispers", "opens": "opens"}[verb]
    to = to.removeprefix("to ").removeprefix("for ")
    texts = [str(text) for text in value] if isinstance(value, list) else [str(value)]
    missing = [text for text in texts if text not in shown.text]
    good = shown.kind == kind and shown.to == to and not missing
    assert good, _surprise(told, f"expected {key}: {missing or texts}", [shown, *rest])


def _surprise(told: Sequence[str], what: str, shown: Sequence[Shown]) -> str:
    lines = ["", *(f"  {turn}" for turn in told), f"  -> {what}", *(f"     {one}" for one in shown)]
    return "\n".join(lines)
