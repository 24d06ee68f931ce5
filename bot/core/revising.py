"""Described work whose answers people change: the model that follows, what is open then, and how sure that is."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product

from bot.core.advice import Recommendation, mislabelled, recommend
from bot.core.interview import ORDER
from bot.core.memory import Described, Dialogue, Label, Record, Told
from bot.core.questions import UNSURE
from bot.core.rulebook import Rulebook
from bot.core.verdict import DOMAIN


class Reviser:
    """Works out what changed answers lead to."""

    def __init__(self, rules: Rulebook) -> None:
        self._questions, self._advice, self._signals = rules.questions, rules.advice, rules.signals
        ladder = [band.model for band in rules.advice.bands]
        self._routine = tuple(ladder[: len(ladder) // 2])
        self._four = tuple(question.id for question in rules.questions.questions)

    def revised(self, work: Described, changes: Mapping[str, str], by: str, at: int) -> Described | None:
        """The work with these answers (question -> option), given by a person at that time; None where they change nothing."""
        news = {name: option for name, option in changes.items() if self._is_new(work, name, option)}
        if not news:
            return None
        told = {name: Told(option=option, by=by, at=at) for name, option in news.items()}
        answered = work.model_copy(update={"answers": work.answers | told})
        return self._concluded(answered, self._outcome(answered))

    def finished(self, work: Described, dialogue: Dialogue, outcome: Recommendation) -> Described:
        """The work with the answers that a dialogue about it ended with."""
        told = {
            name: Told(option=answer.option, by=answer.by, at=answer.at) for name, answer in dialogue.answers.items() if not answer.told
        }
        taken = {name: work.answers[name] for name, answer in dialogue.answers.items() if answer.told and name in work.answers}
        spared = {name: each for name, each in work.answers.items() if name not in dialogue.answers and name not in work.open}
        follows = self._following(work.model_copy(update={"answers": spared | taken | told, "open": ()}), outcome)
        return follows.model_copy(update={"confidence": outcome.confidence, "forms": False})

    def reopened(self, record: Record, number: int) -> Described:
        """The work of a decision record, to be changed."""
        answers = {
            name: Told(
                option=answer.option,
                said=bool(answer.words),
                words=answer.words,
                by="" if answer.told else answer.by,
                at=0 if answer.told else answer.at,
            )
            for name, answer in record.answers.items()
        }
        if record.domain:
            answers.setdefault(DOMAIN, Told(option=record.domain, said=True))
        shared = (
            "model",
            "confidence",
            "runner_up",
            "warnings",
            "labels",
            "halves",
            "mistakes",
            "activity",
            "words",
            "ruled_out",
            "open",
            "result",
        )
        same = {name: getattr(record, name) for name in shared}
        return Described(number=number, by=record.by, at=record.made_at, answers=answers, record=record.id, **same)

    # ------------------------------------------------------------------ what follows

    def _is_new(self, work: Described, name: str, option: str) -> bool:
        """Whether it answers what was open, or otherwise than before."""
        question, before = self._questions.by_id.get(name), work.answers.get(name)
        if question is None or option not in question.by_id:
            return False
        return before is None or before.option != option or (name in work.open and not before.at)

    def _outcome(self, work: Described) -> Recommendation:
        return recommend(self._options(work), self._questions, self._advice)

    def _options(self, work: Described) -> dict[str, str]:
        """The answers that the rules know."""
        by_id, others = self._questions.by_id, self._advice.other_domains
        return {
            name: told.option
            for name, told in work.answers.items()
            if name in by_id and (told.option in by_id[name].by_id or (name == DOMAIN and told.option in others))
        }

    def _concluded(self, work: Described, outcome: Recommendation) -> Described:
        """What the answers lead to. No surer than before while anything is open, and firm only where nothing is assumed."""
        still_open = self._open(work, outcome)
        settled = all(_answered(work, name) for name in self._four)
        before = min(work.confidence, "likely", key=ORDER.index) if still_open else max(work.confidence, "likely", key=ORDER.index)
        most = "firm" if settled and not still_open else before
        confidence = min(outcome.confidence, most, key=ORDER.index) if outcome.model else "provisional"
        forms = not still_open and not work.halves and bool(self._turning(work, outcome.model, lambda model: model))
        update = {"confidence": confidence, "open": still_open, "forms": forms, "result": work.result + 1}
        return self._following(work, outcome).model_copy(update=update)

    def _following(self, work: Described, outcome: Recommendation) -> Described:
        """What is said beside the model; where the answers lead to none, the earlier one stays."""
        model = outcome.model or work.model or ""
        labels = tuple(Label(label=check.label, mislabel=mislabelled(check.label, model, self._advice) or "") for check in work.labels)
        only = {mistake.id: mistake.models for mistake in self._signals.mistakes}
        mistakes = {name: words for name, words in work.mistakes.items() if not only.get(name) or model in only[name]}
        update = {
            "model": model or None,
            "runner_up": outcome.runner_up or "",
            "labels": labels,
            "mistakes": mistakes,
            "warnings": outcome.warnings,
            "halves": work.halves if model == work.model else (),
        }
        return work.model_copy(update=update)

    def _open(self, work: Described, outcome: Recommendation) -> tuple[str, ...]:
        """The questions that nobody and nothing has answered yet, and whose answer could change the model."""
        if work.halves and outcome.model == work.model:
            return ()
        names = self._turning(work, outcome.model, self._kind)
        if DOMAIN in work.open and not _answered(work, DOMAIN):
            names.append(DOMAIN)
        ask = [outcome.ask] if outcome.ask and not _answered(work, outcome.ask) else []
        return tuple(dict.fromkeys((*names, *ask)))

    def _turning(self, work: Described, model: str | None, kind: Callable[[str | None], str | None]) -> list[str]:
        """Those of the four questions that are not answered, and may turn out to lead to a model of another kind."""
        return [name for name in self._four if not _answered(work, name) and self._kinds(work, name, kind) - {kind(model)}]

    def _kinds(self, work: Described, name: str, kind: Callable[[str | None], str | None]) -> set[str | None]:
        """What the answers to a question that may turn out to be true lead to, whatever is true of the unknown ones."""
        answers = self._options(work)
        unknown = {other: self._scale(other) for other in self._four if other not in answers}
        scale = self._scale(name)
        if name in answers and name not in work.open and answers[name] in scale:
            at = scale.index(answers[name])
            scale = scale[max(0, at - 1) : at + 2]
        others = {other: may_be for other, may_be in unknown.items() if other != name}
        rests = ({**answers, **dict(zip(others, chosen, strict=True))} for chosen in product(*others.values()))
        return {kind(recommend({**rest, name: option}, self._questions, self._advice).model) for rest in rests for option in scale}

    def _scale(self, name: str) -> Sequence[str]:
        return [option.id for option in self._questions.by_id[name].options if option.id != UNSURE and option.model is None]

    def _kind(self, model: str | None) -> str | None:
        """The model; the forms of routine work are one here, as they are where a description is read."""
        return self._routine[0] if model in self._routine else model


def _answered(work: Described, name: str) -> bool:
    told = work.answers.get(name)
    return told is not None and bool(told.at or told.said)
