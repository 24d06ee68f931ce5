"""What can be wrong between the questions, the operating models, the advice and the sources."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from bot.core.advice import UNPLACED, recommend
from bot.core.models import Advice, OperatingModel, When
from bot.core.questions import UNSURE, Question, Questions, typed_answer
from bot.core.rule import Rule
from bot.core.sources import OWN, Sources

Path = tuple[str | int, ...]
Where = tuple[str, Path]
"""A file within `rules/`, and the keys and positions that lead to a place in it."""

_LIMITS = {("at_most",), ("at_least",), ("middle",)}
"""Keys whose answers are compared, so that they need a value."""

QUESTIONS, ADVICE, SOURCES = "questions.yml", "advice.yml", "sources.yml"


def problems(questions: Questions, models: tuple[OperatingModel, ...], advice: Advice, sources: Sources) -> list[tuple[Where, str]]:
    """Everything that is wrong: (where, what and what was expected). Empty for sound rules."""
    found = [*_in_questions(questions), *_in_sources(sources), *_in_advice(questions, models, advice)]
    for name, rule in _files(questions, models, advice):
        found.extend(_uncited(name, rule, sources))
    return found or list(_examples(questions, models, advice))


def _files(questions: Questions, models: tuple[OperatingModel, ...], advice: Advice) -> Iterator[tuple[str, Rule]]:
    yield QUESTIONS, questions
    yield ADVICE, advice
    for model in models:
        yield _file(model), model


def _file(model: OperatingModel) -> str:
    return f"models/{model.id}.yml"


def _listed(words: object) -> str:
    return ", ".join(f"`{word}`" for word in words) if isinstance(words, list | tuple | Mapping) else f"`{words}`"


# --------------------------------------------------------------------------- sources


def _uncited(name: str, rule: Rule, sources: Sources) -> Iterator[tuple[Where, str]]:
    for path, source in _sources(rule):
        for reference in sources.unknown(source):
            yield (name, path), f"unknown source `{reference}`, expected an S- or P-number of {SOURCES} or `{OWN}`"


def _sources(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every `source` at any depth."""
    if isinstance(value, Rule):
        for key in type(value).model_fields:
            inner = getattr(value, key)
            if key == "source":
                yield (*path, key), str(inner)
            else:
                yield from _sources(inner, (*path, key))
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from _sources(inner, (*path, place))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _sources(inner, (*path, key))


def _in_sources(sources: Sources) -> Iterator[tuple[Where, str]]:
    for kind, entries in (("articles", sources.articles), ("pages", sources.pages)):
        yield from _repeated(SOURCES, (kind,), [entry.id for entry in entries])


# --------------------------------------------------------------------------- questions


def _in_questions(questions: Questions) -> Iterator[tuple[Where, str]]:
    yield from _repeated(QUESTIONS, ("questions",), [question.id for question in questions.questions])
    for name in ("domain", "quality_driver"):
        if getattr(questions, name).id != name:
            yield (QUESTIONS, (name, "id")), f"expected the id `{name}`"
    for path, question in _each(questions):
        yield from _repeated(QUESTIONS, (*path, "options"), [option.id for option in question.options])
        if UNSURE not in question.by_id:
            yield (QUESTIONS, (*path, "options")), f"no option `{UNSURE}`, expected every question to have one"
        yield from _in_options(path, question, scored=path[0] == "questions")
        yield from _in_answers(path, question)


def _each(questions: Questions) -> Iterator[tuple[Path, Question]]:
    for place, question in enumerate(questions.questions):
        yield ("questions", place), question
    yield ("domain",), questions.domain
    yield ("quality_driver",), questions.quality_driver


def _in_options(path: Path, question: Question, scored: bool) -> Iterator[tuple[Where, str]]:
    for place, option in enumerate(question.options):
        where = (QUESTIONS, (*path, "options", place))
        decides = [name for name in ("value", "model") if getattr(option, name) is not None]
        if option.id == UNSURE or not scored:
            if decides:
                yield where, f"`{option.id}` has a {decides[0]}, expected none"
        elif len(decides) != 1:
            yield where, f"`{option.id}` has {' and '.join(decides) or 'neither'}, expected either a value or a model"
    for wording, claims in question.phrases.items():
        if len(claims) > 1:
            place = [option.id for option in question.options].index(claims[1])
            yield (QUESTIONS, (*path, "options", place)), f"“{wording}” means {_listed(claims)}, expected one option only"


def _in_answers(path: Path, question: Question) -> Iterator[tuple[Where, str]]:
    for place, example in enumerate(question.examples):
        where = (QUESTIONS, (*path, "examples", place))
        if example.means not in question.by_id:
            yield where, f"unknown option `{example.means}`, expected one of {_listed(question.by_id)}"
        elif (meant := typed_answer(question, example.say)) != example.means:
            yield where, f"“{example.say}” means {meant or 'nothing'}, expected {example.means}"
    unproved = [option.id for option in question.options if option.id not in {example.means for example in question.examples}]
    if unproved:
        yield (QUESTIONS, path), f"no example for {_listed(unproved)}, expected at least one for every option"


def _repeated(file: str, path: Path, ids: list[str]) -> Iterator[tuple[Where, str]]:
    for place, name in enumerate(ids):
        if name in ids[:place]:
            yield (file, (*path, place, "id")), f"`{name}` stands twice, expected each once"


# --------------------------------------------------------------------------- advice


def _in_advice(questions: Questions, models: tuple[OperatingModel, ...], advice: Advice) -> Iterator[tuple[Where, str]]:
    yield from _unknown_models({model.id for model in models}, questions, advice)
    yield from _unknown_answers(questions, advice)
    yield from _in_bands(advice)
    yield from _in_labels(models, advice)
    for name in ("warnings", "find_out", "mislabels", "labels"):
        yield from _repeated(ADVICE, (name,), [entry.id for entry in getattr(advice, name)])


def _unknown_models(models: set[str], questions: Questions, advice: Advice) -> Iterator[tuple[Where, str]]:
    named: list[tuple[Where, str | None]] = [
        ((QUESTIONS, (*path, "options", place, "model")), option.model)
        for path, question in _each(questions)
        for place, option in enumerate(question.options)
    ]
    named += [((ADVICE, ("alone", place)), model) for place, model in enumerate(advice.alone)]
    named += [((ADVICE, ("gates", place, "model")), gate.model) for place, gate in enumerate(advice.gates)]
    named += [((ADVICE, ("bands", place, "model")), band.model) for place, band in enumerate(advice.bands)]
    named += [((ADVICE, ("quality_driver", name, "model")), effect.model) for name, effect in advice.quality_driver.items()]
    named += [
        ((ADVICE, ("warnings", place, "models", inner)), model)
        for place, warning in enumerate(advice.warnings)
        for inner, model in enumerate(warning.models)
    ]
    for where, model in named:
        if model is not None and model not in models:
            yield where, f"unknown operating model `{model}`, expected one of {_listed(sorted(models))}"
    deciding = {option.model for question in questions.questions for option in question.options if option.model}
    for model in sorted(deciding - set(advice.alone)):
        yield (ADVICE, ("alone",)), f"`{model}` is missing, expected every model that an answer decides alone"


def _unknown_answers(questions: Questions, advice: Advice) -> Iterator[tuple[Where, str]]:
    """Questions and options that are named and do not exist, and questions that should be named and are not."""
    for path, name, option in _named_answers(advice):
        question = questions.by_id.get(name)
        if question is None:
            yield (ADVICE, path), f"unknown question `{name}`, expected one of {_listed(questions.by_id)}"
        elif option not in question.by_id:
            yield (ADVICE, path), f"unknown answer `{option}` to `{name}`, expected one of {_listed(question.by_id)}"
        elif path[-2:-1] in _LIMITS and question.by_id[option].value is None:
            yield (ADVICE, path), f"`{option}` has no value, expected an answer to `{name}` that has one"
    for question in questions.questions:
        if question.id not in advice.unsure.middle:
            yield (ADVICE, ("unsure", "middle")), f"`{question.id}` is missing, expected one of its options with a value"
    for place, domain in enumerate(advice.other_domains):
        if domain in questions.domain.by_id:
            yield (ADVICE, ("other_domains", place)), f"`{domain}` is an option of the domain question, expected another domain"


def _named_answers(advice: Advice) -> Iterator[tuple[Path, str, str]]:
    for path, when in _conditions(advice):
        yield from (((*path, name), name, option) for name, options in when.items() for option in options)
    for driver, effect in advice.quality_driver.items():
        yield ("quality_driver", driver), "quality_driver", driver
        for limit, answers in (("at_most", effect.at_most), ("at_least", effect.at_least)):
            yield from ((("quality_driver", driver, limit, name), name, option) for name, option in answers.items())
    for place, gate in enumerate(advice.gates):
        yield ("gates", place, "domain"), "domain", gate.domain
    yield from ((("unsure", "middle", name), name, option) for name, option in advice.unsure.middle.items())
    for place, fact in enumerate(advice.find_out):
        yield from ((("find_out", place, "helps", inner), name, UNSURE) for inner, name in enumerate(fact.helps))


def _conditions(advice: Advice) -> Iterator[tuple[Path, When]]:
    for name in ("contradictions", "bounds", "warnings"):
        for place, entry in enumerate(getattr(advice, name)):
            yield (name, place, "when"), entry.when
    for place, gate in enumerate(advice.gates):
        for inner, when in enumerate(gate.any_of):
            yield ("gates", place, "any_of", inner), when


def _in_bands(advice: Advice) -> Iterator[tuple[Where, str]]:
    tops = [band.up_to for band in advice.bands]
    for place, (lower, upper) in enumerate(pairwise(tops), 1):
        if upper <= lower:
            yield (ADVICE, ("bands", place, "up_to")), f"{upper} follows {lower}, expected each band to reach further than the one before"
    if tops[-1] != 12:
        yield (ADVICE, ("bands", len(tops) - 1, "up_to")), f"the last band ends at {tops[-1]}, expected 12, the highest score"
    limits: list[tuple[Path, str | None]] = [
        (("bounds", place, side), getattr(bound, side)) for place, bound in enumerate(advice.bounds) for side in ("at_most", "at_least")
    ]
    limits += [
        (("quality_driver", name, side), getattr(effect, side))
        for name, effect in advice.quality_driver.items()
        for side in ("model_at_most", "model_at_least")
    ]
    for path, model in limits:
        if model is not None and model not in advice.ladder:
            yield (ADVICE, path), f"`{model}` is not among the bands, expected one of {_listed(advice.ladder)}"


def _in_labels(models: tuple[OperatingModel, ...], advice: Advice) -> Iterator[tuple[Where, str]]:
    texts = [text.id for text in advice.mislabels]
    if UNPLACED not in texts:
        yield (ADVICE, ("mislabels",)), f"`{UNPLACED}` is missing, expected what to say while the work cannot be placed"
    for place, label in enumerate(advice.labels):
        where = (ADVICE, ("labels", place))
        named = [*label.fits, *label.otherwise]
        for model in models:
            if named.count(model.id) != 1:
                yield where, f"`{model.id}` stands {named.count(model.id)} times under `{label.id}`, expected once: under fits or otherwise"
        for model_id in set(named) - {model.id for model in models}:
            yield where, f"unknown operating model `{model_id}`"
        for model_id, text in label.otherwise.items():
            if text not in texts:
                yield (ADVICE, ("labels", place, "otherwise", model_id)), f"unknown text `{text}`, expected one of {_listed(texts)}"


# --------------------------------------------------------------------------- examples of the models


def _examples(questions: Questions, models: tuple[OperatingModel, ...], advice: Advice) -> Iterator[tuple[Where, str]]:
    for model in models:
        for place, example in enumerate(model.examples):
            where = (_file(model), ("examples", place, "answers"))
            try:
                reached = recommend(example.answers, questions, advice).model
            except ValueError as error:
                yield where, str(error)
                continue
            if reached != model.id:
                yield where, f"these answers lead to {reached or 'no recommendation'}, expected `{model.id}`"
