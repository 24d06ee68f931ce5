"""Makes decision records of dialogues and of shared classifications, and notes them in the channel's memory."""

from bot.core.advice import NO_GATE, mislabelled
from bot.core.interview import Interview
from bot.core.memory import Answer, Described, Dialogue, Label, Noted
from bot.core.record import Record, Turning, record_id
from bot.core.rulebook import Rulebook
from bot.core.turn import Turn
from bot.core.verdict import DOMAIN

LISTED = 20
"""How many records of a channel can be listed in it."""


class Recorder:
    """Builds records from what is remembered."""

    def __init__(self, rules: Rulebook, interview: Interview) -> None:
        self._rules, self._interview = rules, interview

    def keep(self, turn: Turn, record: Record) -> None:
        """Save the record with this step."""
        turn.records[record.id] = record
        noted = Noted(id=record.id, model=record.model or "", confidence=record.confidence, by=record.by, at=record.changed_at)
        others = tuple(entry for entry in turn.channel.records if entry.id != record.id)
        turn.note_channel(records=(*others, noted)[-LISTED:])

    def of_dialogue(self, turn: Turn, dialogue: Dialogue) -> Record:
        """The record of a dialogue's newest result; one that began with a description goes on with that one's record."""
        outcome = self._interview.outcome(dialogue)
        work = turn.thread.described if turn.thread.described and turn.thread.described.number == dialogue.described else None
        name = f"w{dialogue.described}" if dialogue.described else f"d{dialogue.number}"
        flip = outcome.flips[0] if outcome.flips else None
        made_at = dialogue.made_at or turn.now
        return Record(
            id=record_id(turn.place.key, name),
            team=turn.place.team,
            channel=turn.place.channel_key,
            conversation=turn.place.key,
            by=dialogue.owner,
            made_at=made_at,
            changed_at=max((made_at, *(answer.at for answer in dialogue.answers.values()))),
            result=max(dialogue.results, 1),
            rules=self._rules.version,
            model=outcome.model,
            confidence=outcome.confidence,
            answers=self._answers(dialogue),
            domain=dialogue.domain if dialogue.domain and DOMAIN not in dialogue.answers and dialogue.domain != NO_GATE else "",
            runner_up=outcome.runner_up or "",
            turning=Turning(question=flip.question, option=flip.option, model=flip.model) if flip else None,
            warnings=outcome.warnings,
            labels=self._labels(work, outcome.model),
            activity=work.activity if work else "",
        )

    def _answers(self, dialogue: Dialogue) -> dict[str, Answer]:
        """The answers in the order of asking."""
        return {name: dialogue.answers[name] for name in self._interview.order if name in dialogue.answers}

    def _labels(self, work: Described | None, model: str | None) -> tuple[Label, ...]:
        """Whether the labels that the work was called by hold for the model that came out."""
        if work is None or model is None:
            return ()
        return tuple(Label(label=check.label, mislabel=mislabelled(check.label, model, self._rules.advice) or "") for check in work.labels)

    def of_work(self, turn: Turn, work: Described, description: str = "") -> Record:
        """The record of a description alone."""
        answers = {
            name: Answer(option=told.option, by=work.by, at=work.at, told=True, words=told.words)
            for name in self._interview.order
            if (told := work.answers.get(name)) and name not in work.open and self._interview.option(name, told.option)
        }
        return Record(
            id=record_id(turn.place.key, f"w{work.number}"),
            team=turn.place.team,
            channel=turn.place.channel_key,
            conversation=turn.place.key,
            by=work.by,
            made_at=work.at,
            changed_at=work.at,
            rules=self._rules.version,
            model=work.model,
            confidence=work.confidence,
            answers=answers,
            runner_up=work.runner_up,
            warnings=work.warnings,
            labels=work.labels,
            halves=work.halves,
            activity=work.activity,
            description=description,
        )
