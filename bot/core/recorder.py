"""Makes decision records of dialogues and of shared classifications, and notes them in the channel's memory."""

from collections.abc import Mapping
from typing import Any

from bot.core.advice import NO_GATE
from bot.core.interview import Interview, answers_of
from bot.core.memory import Answer, Described, Dialogue, Noted, Record, Turning
from bot.core.record import record_id
from bot.core.revising import Reviser
from bot.core.rulebook import Rulebook
from bot.core.turn import Turn
from bot.core.verdict import DOMAIN

LISTED = 20
"""How many records of a channel can be listed in it."""


class Recorder:
    """Builds records from what is remembered."""

    def __init__(self, rules: Rulebook, interview: Interview, reviser: Reviser) -> None:
        self._rules, self._interview, self._reviser = rules, interview, reviser

    def keep(self, turn: Turn, record: Record) -> None:
        """Save the record with this step."""
        turn.records[record.id] = record
        noted = Noted(
            id=record.id,
            activity=record.activity,
            model=record.model or "",
            confidence=record.confidence,
            by=record.by,
            at=record.changed_at,
        )
        others = tuple(entry for entry in turn.channel.records if entry.id != record.id)
        turn.note_channel(records=(*others, noted)[-LISTED:])

    def of_dialogue(self, turn: Turn, dialogue: Dialogue) -> Record:
        """The record of a dialogue's newest result; one that began with a description goes on with that one's record."""
        outcome = self._interview.outcome(dialogue)
        work = turn.work(dialogue.described)
        flip = outcome.flips[0] if outcome.flips else None
        made_at = dialogue.made_at or turn.now
        told = self._reviser.finished(work, dialogue, outcome) if work else None
        settled = dialogue.domain if dialogue.domain and not work and DOMAIN not in dialogue.answers and dialogue.domain != NO_GATE else ""
        return Record(
            id=self.name_of_dialogue(turn, dialogue),
            team=turn.place.team,
            channel=turn.place.channel_key,
            conversation=turn.place.key,
            by=work.by if work else dialogue.owner,
            made_at=made_at,
            changed_at=max((made_at, *(answer.at for answer in dialogue.answers.values()))),
            result=max(dialogue.results, 1),
            rules=self._rules.version,
            model=outcome.model,
            confidence=outcome.confidence,
            answers=self._ordered(dialogue.answers),
            domain=settled,
            runner_up=outcome.runner_up or "",
            turning=Turning(question=flip.question, option=flip.option, model=flip.model) if flip else None,
            warnings=outcome.warnings,
            **(_described(told) if told else {}),
        )

    def name_of_dialogue(self, turn: Turn, dialogue: Dialogue) -> str:
        """The id of a dialogue's record."""
        work = turn.work(dialogue.described)
        if work and work.record:
            return work.record
        return self.name(turn, f"w{dialogue.described}" if dialogue.described else f"d{dialogue.number}")

    @staticmethod
    def name(turn: Turn, what: str) -> str:
        """The id of the record of something in this conversation."""
        return record_id(turn.place.key, what)

    def _ordered(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        """The answers in the order of asking."""
        return {name: answers[name] for name in self._interview.order if name in answers}

    def of_work(self, turn: Turn, work: Described, description: str = "") -> Record:
        """The record of a description, with what has been answered since."""
        answers = answers_of(work)
        return Record(
            id=work.record or self.name(turn, f"w{work.number}"),
            team=turn.place.team,
            channel=turn.place.channel_key,
            conversation=turn.place.key,
            by=work.by,
            made_at=work.at,
            changed_at=max((work.at, *(answer.at for answer in answers.values()))),
            result=work.result,
            rules=self._rules.version,
            model=work.model,
            confidence=work.confidence,
            answers=self._ordered({name: answer for name, answer in answers.items() if self._interview.option(name, answer.option)}),
            runner_up=work.runner_up,
            warnings=work.warnings,
            halves=work.halves,
            open=work.open,
            description=description,
            **_described(work),
        )


def _described(work: Described) -> dict[str, Any]:
    """What a record takes over from a description as it stands."""
    return {name: getattr(work, name) for name in ("labels", "mistakes", "activity", "words", "ruled_out")}
