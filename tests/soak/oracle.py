"""What ought to come of it: the same stories without a network, a second process or a fault, straight through the core and the store."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.chat.slack import blocks
from bot.chat.slack.events import translate
from bot.chat.slack.payload import Us
from bot.core.brain import Brain
from bot.core.memory import Memory, Record
from bot.core.messages import Deleted, Event, Place, Said
from bot.core.turn import Decision
from bot.store import SqlStore
from tests.soak.people import BOT, Json, Story, commanded, pressed, told

ANSWERS_AT = "http://127.0.0.1:9/answer/"
NOW = 1_795_000_000
_PERSON = re.compile(r"U[0-9]{7}")


def anonymous(text: str) -> str:
    """The text whoever the person was."""
    return _PERSON.sub("U", text)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What stands in the thread after each step, what was whispered, and what is on file at the end."""

    after: tuple[tuple[str, ...], ...]
    whispers: tuple[str, ...]
    records: tuple[tuple[object, ...], ...]


@dataclass(slots=True)
class _Scene:
    """A thread as a chat service shows it."""

    posts: dict[str, Json] = field(default_factory=dict)
    whispers: list[str] = field(default_factory=list)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(anonymous(post["text"]) for post in self.posts.values())


class Oracle:
    """Plays each kind of story once."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self._known: dict[tuple[object, ...], Outcome] = {}

    def outcome(self, story: Story) -> Outcome:
        """What this story ought to lead to."""
        if story.variant not in self._known:
            self._known[story.variant] = self._play(story)
        return self._known[story.variant]

    def _play(self, story: Story) -> Outcome:
        store, scene, after = SqlStore.open("sqlite://"), _Scene(), []
        try:
            for step in range(len(story.lines)):
                for payload in self._payloads(story, step, scene):
                    self._hear(store, scene, translate(payload, Us(BOT, story.team)))
                after.append(scene.texts)
            return Outcome(tuple(after), tuple(scene.whispers), decided(store.records()))
        finally:
            store.close()

    @staticmethod
    def _payloads(story: Story, step: int, scene: _Scene) -> Sequence[Json]:
        if story.kind == "command":
            return [commanded(story, ANSWERS_AT)]
        if story.pressing and step:
            return [pressed(story, step, 0, list(scene.posts.values())[-1], ANSWERS_AT)]
        return list(told(story, step))

    def _hear(self, store: SqlStore, scene: _Scene, event: Event | None) -> None:
        if event is None or not self._brain.concerns(event):
            return

        def decide(place: Place, memory: Memory) -> Decision:
            return self._brain.decide(event, place, memory, NOW)

        url = None if isinstance(event, Said | Deleted) else event.answer_url
        store.step(event.place, event.marks, NOW, decide, url, event.person)
        while due := store.due(NOW, 9):
            for outgoing in due:
                content: dict[str, Any] = {**blocks.message(outgoing.reply, outgoing.place)}
                message = outgoing.message
                if outgoing.reply.surface == "whisper":
                    scene.whispers.append(anonymous(content["text"]))
                elif outgoing.reply.gone:
                    scene.posts.pop(message or "", None)
                else:
                    message = message or f"1.{len(scene.posts)}"
                    scene.posts[message] = {"ts": message, "text": content["text"], "blocks": content["blocks"]}
                store.sent(outgoing, message)


def decided(records: Sequence[Record]) -> tuple[tuple[object, ...], ...]:
    """What the decision records say, whoever decided where and when."""
    return tuple(
        (record.model, record.confidence, record.runner_up, tuple((name, answer.option) for name, answer in sorted(record.answers.items())))
        for record in records
    )
