"""Whether what the rules name exists: questions, answers, models, domains, trades, sources."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from bot.core.manners import Manners
from bot.core.models import Advice
from bot.core.problems import KEY, Found, Path, Problem, listed, repeated, unknown
from bot.core.questions import UNSURE, Question, Questions, plain_words
from bot.core.rulebook import Rulebook

_WEB = ("https://", "http://")


# --------------------------------------------------------------------------- rules/questions.yml


def question_problems(questions: Questions) -> Found:
    """What is wrong within the questions."""
    placed: list[tuple[Path, Question]] = [(("questions", place), question) for place, question in enumerate(questions.questions)]
    follow_ups: list[tuple[Path, Question]] = [(("domain",), questions.domain), (("quality_driver",), questions.quality_driver)]
    yield from repeated((((*path, "id"), question.id) for path, question in (*placed, *follow_ups)), "question")
    for path, question in follow_ups:
        if question.id != path[0]:
            yield (*path, "id"), f"`{question.id}` stands under `{path[0]}`, expected `{path[0]}`"
    for path, question in (*placed, *follow_ups):
        for inner, message in _within(question, scored=len(path) > 1):
            yield (*path, *inner), message


def _within(question: Question, scored: bool) -> Found:
    for key in ("id", "label", "short"):
        yield from repeated(((("options", place, key), getattr(option, key)) for place, option in enumerate(question.options)), key)
    yield from _worth(question, scored)
    yield from _shared_words(question)
    for place, example in enumerate(question.examples):
        if example.means not in question.by_id:
            yield ("examples", place, "means"), unknown("answer", example.means, question.by_id)


def _worth(question: Question, scored: bool) -> Found:
    """Each answer of the four questions has points, or decides alone, or says "not sure"; the follow-ups have no points."""
    if UNSURE not in question.by_id:
        yield ("options",), f"no answer `{UNSURE}`, expected one for people who do not know"
    for place, option in enumerate(question.options):
        worth = (option.value is not None) + (option.model is not None)
        if worth and (option.id == UNSURE or not scored):
            yield ("options", place), f"`{option.id}` has points or a model, expected neither here"
        elif worth != 1 and option.id != UNSURE and scored:
            yield ("options", place), f"`{option.id}` has {'both' if worth else 'no'} points and model, expected one of `value`, `model`"


def _shared_words(question: Question) -> Found:
    """No wording may mean two answers, and none may be the number of another answer."""
    owners = {str(number): option.id for number, option in enumerate(question.options, 1)}
    for place, option in enumerate(question.options):
        wordings: list[tuple[Path, str]] = [(("id",), option.id), (("label",), option.label), (("short",), option.short)]
        wordings += [(("also", number), text) for number, text in enumerate(option.also)]
        for path, text in wordings:
            owner = owners.setdefault(plain_words(text), option.id)
            if owner != option.id:
                yield ("options", place, *path), f"`{text}` already means `{owner}`, expected words that mean one answer only"


# --------------------------------------------------------------------------- rules/advice.yml


def advice_problems(advice: Advice) -> Found:
    """What is wrong within the advice."""
    for name in ("warnings", "find_out", "mislabels", "labels"):
        yield from repeated((((name, place, "id"), item.id) for place, item in enumerate(getattr(advice, name))), "id")
    yield from repeated(((("bands", place, "model"), band.model) for place, band in enumerate(advice.bands)), "band for")
    before = -1
    for place, band in enumerate(advice.bands):
        if band.up_to <= before:
            yield ("bands", place, "up_to"), f"`up_to` is {band.up_to}, expected more than {before} of the band before"
        before = band.up_to
    for place, label in enumerate(advice.labels):
        known = [text.id for text in advice.mislabels]
        for model, text in label.otherwise.items():
            if text not in known:
                yield ("labels", place, "otherwise", model), unknown("text on a wrong label", text, known)
            if model in label.fits:
                yield ("labels", place, "otherwise", model, KEY), f"`{model}` stands under `fits` too, expected it in one place"


def _conditions(advice: Advice) -> Iterator[tuple[Path, Mapping[str, tuple[str, ...]]]]:
    """Every condition on answers, with its place."""
    for name in ("contradictions", "bounds", "warnings"):
        for place, item in enumerate(getattr(advice, name)):
            yield (name, place, "when"), item.when
    for place, gate in enumerate(advice.gates):
        for number, when in enumerate(gate.any_of):
            yield ("gates", place, "any_of", number), when


def _named_answers(advice: Advice) -> Iterator[tuple[Path, str, str]]:
    """Every question and answer that the advice names: the place of the answer, the question, the answer."""
    for path, when in _conditions(advice):
        for question, options in when.items():
            yield from (((*path, question, place), question, option) for place, option in enumerate(options))
    for driver, effect in advice.quality_driver.items():
        yield ("quality_driver", driver, KEY), "quality_driver", driver
        for limit in ("at_most", "at_least"):
            for question, option in getattr(effect, limit).items():
                yield ("quality_driver", driver, limit, question), question, option
    for place, gate in enumerate(advice.gates):
        yield ("gates", place, "domain"), "domain", gate.domain
    for question, option in advice.unsure.middle.items():
        yield ("unsure", "middle", question), question, option


def answers_exist(rules: Rulebook) -> Iterator[Problem]:
    """Questions and answers that advice and models name are those of rules/questions.yml."""
    for path, question, option in _named_answers(rules.advice):
        yield from _answer("advice.yml", path, question, option, rules.questions)
    for place, fact in enumerate(rules.advice.find_out):
        for number, question in enumerate(fact.helps):
            if question not in rules.questions.by_id:
                yield Problem("advice.yml", ("find_out", place, "helps", number), unknown("question", question, rules.questions.by_id))
    for model in rules.models:
        for place, example in enumerate(model.examples):
            for question, option in example.answers.items():
                if question != "domain" or option not in rules.advice.other_domains:
                    path = ("examples", place, "answers", question)
                    yield from _answer(f"models/{model.id}.yml", path, question, option, rules.questions)
    yield from _middles(rules)


def _answer(file: str, path: Path, question: str, option: str, questions: Questions) -> Iterator[Problem]:
    known = questions.by_id.get(question)
    if known is None:
        keyed = path[: len(path) - path[::-1].index(question)]
        yield Problem(file, (*keyed, KEY), unknown("question", question, questions.by_id))
    elif option not in known.by_id:
        yield Problem(file, path, unknown(f"answer to {question}", option, known.by_id))


def _middles(rules: Rulebook) -> Iterator[Problem]:
    """The four questions and no others have a middle answer, and it has points; so have limits on single answers."""
    middle = rules.advice.unsure.middle
    wanted = [question.id for question in rules.questions.questions]
    missing = [name for name in wanted if name not in middle]
    if missing:
        yield Problem(
            "advice.yml", ("unsure", "middle"), f"{listed(missing)} missing, expected a middle answer to each of the four questions"
        )
    limits: list[tuple[Path, str, str]] = [(("unsure", "middle", name), name, option) for name, option in middle.items()]
    for driver, effect in rules.advice.quality_driver.items():
        for limit in ("at_most", "at_least"):
            named = getattr(effect, limit).items()
            limits += [(("quality_driver", driver, limit, name), name, option) for name, option in named]
    for path, name, option in limits:
        question = rules.questions.by_id.get(name)
        if question and option in question.by_id and question.by_id[option].value is None:
            yield Problem("advice.yml", path, f"`{option}` has no points, expected an answer with a `value`")


def domains_fit(rules: Rulebook) -> Iterator[Problem]:
    """A domain that is offered as a button is not among the other ones, and a sense settles a domain that is offered."""
    offered = rules.questions.domain.by_id
    for place, name in enumerate(rules.advice.other_domains):
        if name in offered:
            yield Problem("advice.yml", ("other_domains", place), f"`{name}` is an answer to the domain question, expected it there only")


def senses_settle_known_domains(rules: Rulebook) -> Iterator[Problem]:
    """The domain of a sense is one of the domain question's answers."""
    known = [name for name in rules.questions.domain.by_id if name != UNSURE]
    for term in rules.terms:
        for place, sense in enumerate(term.senses):
            if sense.domain is not None and sense.domain not in known:
                yield Problem(f"terms/{term.term.lower()}.yml", ("senses", place, "domain"), unknown("domain", sense.domain, known))


def senses_name_known_trades(rules: Rulebook) -> Iterator[Problem]:
    """The trade of a sense is one of rules/reading.yml."""
    known = [trade.id for trade in rules.reading.trades]
    for term in rules.terms:
        for place, sense in enumerate(term.senses):
            if sense.trade is not None and sense.trade not in known:
                yield Problem(f"terms/{term.term.lower()}.yml", ("senses", place, "trade"), unknown("trade", sense.trade, known))


# --------------------------------------------------------------------------- models


def _named_models(advice: Advice) -> Iterator[tuple[Path, str]]:
    yield from ((("alone", place), model) for place, model in enumerate(advice.alone))
    for name in ("gates", "bands"):
        yield from (((name, place, "model"), item.model) for place, item in enumerate(getattr(advice, name)))
    for place, bound in enumerate(advice.bounds):
        yield from (((("bounds", place, key), model)) for key in ("at_most", "at_least") if (model := getattr(bound, key)))
    for driver, effect in advice.quality_driver.items():
        for key in ("model_at_most", "model_at_least", "model"):
            if model := getattr(effect, key):
                yield ("quality_driver", driver, key), model
    for place, warning in enumerate(advice.warnings):
        yield from ((("warnings", place, "models", number), model) for number, model in enumerate(warning.models))
    for place, label in enumerate(advice.labels):
        yield from ((("labels", place, "fits", number), model) for number, model in enumerate(label.fits))
        yield from ((("labels", place, "otherwise", model, KEY), model) for model in label.otherwise)


def models_exist(rules: Rulebook) -> Iterator[Problem]:
    """Every model that questions and advice name has its file, and the ladder of the score holds every limit."""
    known = [model.id for model in rules.models]
    for path, model in _named_models(rules.advice):
        if model not in known:
            yield Problem("advice.yml", path, unknown("model", model, known))
        elif path[-1] in {"at_most", "at_least", "model_at_most", "model_at_least"} and model not in rules.advice.ladder:
            yield Problem("advice.yml", path, f"`{model}` has no band, expected one of {listed(rules.advice.ladder)}")
    for place, question in enumerate(rules.questions.questions):
        for number, option in enumerate(question.options):
            path = ("questions", place, "options", number, "model")
            if option.model is not None and option.model not in known:
                yield Problem("questions.yml", path, unknown("model", option.model, known))
            elif option.model is not None and option.model not in rules.advice.alone:
                yield Problem("questions.yml", path, f"`{option.model}` is not under `alone` in advice.yml, expected it there")


def bands_cover_every_score(rules: Rulebook) -> Iterator[Problem]:
    """The last band ends at the highest score that the answers can add up to."""
    highest = sum(max(option.value or 0 for option in question.options) for question in rules.questions.questions)
    last = rules.advice.bands[-1].up_to
    if last != highest:
        message = f"the last band ends at {last}, expected {highest}, the points of the highest four answers"
        yield Problem("advice.yml", ("bands", len(rules.advice.bands) - 1, "up_to"), message)


# --------------------------------------------------------------------------- sources and wishes


def sources_exist(rules: Rulebook) -> Iterator[Problem]:
    """Every `source` leads to an article or page of rules/sources.yml, to a web address, or is `own`."""
    files: list[tuple[str, BaseModel]] = [("questions.yml", rules.questions), ("advice.yml", rules.advice)]
    files += [(f"models/{model.id}.yml", model) for model in rules.models]
    files += [(f"terms/{term.term.lower()}.yml", term) for term in rules.terms]
    for file, rule in files:
        for path, source in _sources(rule, ()):
            lost = [part for part in rules.sources.unknown(source) if not part.startswith(_WEB)]
            if lost:
                yield Problem(file, path, f"unknown source {listed(lost)}, expected S-numbers or P-numbers of sources.yml, or `own`")


def _sources(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every `source` within a rule that was written down."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            inner = getattr(value, name)
            if name == "source":
                yield (*path, name), inner
            elif not isinstance(inner, str):
                yield from _sources(inner, (*path, name))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _sources(item, (*path, place))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _sources(item, (*path, key))


def answers_are_no_wishes(rules: Rulebook) -> Iterator[Problem]:
    """No wording of an answer is a wish ("back", "stop"): it would never be taken for an answer."""
    manners = Manners(rules.manners)
    placed: list[tuple[Path, Question]] = [(("questions", place), question) for place, question in enumerate(rules.questions.questions)]
    for path, question in (*placed, (("domain",), rules.questions.domain), (("quality_driver",), rules.questions.quality_driver)):
        for place, option in enumerate(question.options):
            for number, text in enumerate(option.also):
                wish = manners.wish(text)
                if wish is not None:
                    message = f"`{text}` means the wish `{wish[0]}` (manners.yml), expected other words for an answer"
                    yield Problem("questions.yml", (*path, "options", place, "also", number), message)


Check = Callable[[Rulebook], Iterable[Problem]]

CHECKS: tuple[tuple[Collection[str], Check], ...] = (
    ({"advice", "questions", "models"}, answers_exist),
    ({"advice", "questions", "models"}, models_exist),
    ({"advice", "questions"}, domains_fit),
    ({"advice", "questions"}, bands_cover_every_score),
    ({"terms", "questions"}, senses_settle_known_domains),
    ({"terms", "reading"}, senses_name_known_trades),
    ({"sources", "questions", "advice", "models", "terms"}, sources_exist),
    ({"questions", "manners"}, answers_are_no_wishes),
)
"""Which parts of the rules a check looks at, and the check."""
