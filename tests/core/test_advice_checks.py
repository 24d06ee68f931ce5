"""Questions, models, advice and sources that do not fit together are told about, each in its place."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.core.advice_checks import problems
from bot.core.models import Advice, OperatingModel
from bot.core.questions import Questions
from bot.core.rulebook import Rulebook
from bot.core.sources import Sources

Path = tuple[str | int, ...]


def with_changed(rule: Any, path: Path, value: object) -> Any:
    """The rule with one value, deep inside, replaced."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(rule, tuple):
        place = int(step)
        return (*rule[:place], with_changed(rule[place], rest, value), *rule[place + 1 :])
    if isinstance(rule, Mapping):
        return {**rule, step: with_changed(rule.get(step), rest, value)}
    return rule.model_copy(update={step: with_changed(getattr(rule, str(step)), rest, value)})


def told(rules: Rulebook, file: str, path: Path, value: object) -> list[tuple[tuple[str, Path], str]]:
    """What is said of the rules once one value of one file is replaced."""
    parts: dict[str, Any] = {"questions": rules.questions, "models": rules.models, "advice": rules.advice, "sources": rules.sources}
    parts[file] = with_changed(parts[file], path, value)
    # validated again, so that nothing worked out from the old values stays behind
    return problems(
        Questions.model_validate(parts["questions"].model_dump()),
        tuple(OperatingModel.model_validate(model.model_dump()) for model in parts["models"]),
        Advice.model_validate(parts["advice"].model_dump()),
        Sources.model_validate(parts["sources"].model_dump()),
    )


def test_the_rules_as_they_are_fit_together(rules: Rulebook) -> None:
    assert problems(rules.questions, rules.models, rules.advice, rules.sources) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("gates", 0, "model"), "oversight", "unknown operating model `oversight`"),
        (("gates", 0, "domain"), "robots", "unknown answer `robots` to `domain`"),
        (("gates", 1, "any_of", 0), {"judgement": ("some",)}, "unknown question `judgement`"),
        (("bounds", 2, "when"), {"judgment": ("extreme",)}, "unknown answer `extreme` to `judgment`"),
        (("bounds", 2, "at_least"), "lpo", "`lpo` is not among the bands"),
        (("bands", 1, "up_to"), 0, "0 follows 0, expected each band to reach further"),
        (("bands", 3, "up_to"), 11, "the last band ends at 11, expected 12"),
        (("unsure", "middle"), {"judgment": "some"}, "`knowledge` is missing"),
        (("unsure", "middle", "structure"), "mixed", "`mixed` has no value"),
        (("quality_driver", "step", "at_most", "structure"), "unstable", "`unstable` has no value"),
        (("alone",), ("keep_in_house",), "`blended_split` is missing"),
        (("warnings", 0, "models", 1), "outsourcing", "unknown operating model `outsourcing`"),
        (("warnings", 0, "source"), "S-999", "unknown source `S-999`"),
        (("find_out", 0, "helps", 0), "price", "unknown question `price`"),
        (("find_out", 1, "id"), "five_real_items", "`five_real_items` stands twice"),
        (("labels", 0, "otherwise", "kpo"), "nonsense", "unknown text `nonsense`"),
        (("labels", 0, "fits"), ("standard_bpo",), "`high_skill_bpo` stands 0 times under `bpo`"),
        (("other_domains", 0), "legal", "`legal` is an option of the domain question"),
    ],
)
def test_a_slip_in_the_advice_is_named_in_its_place(rules: Rulebook, path: Path, value: object, message: str) -> None:
    found = told(rules, "advice", path, value)

    assert any(file == "advice.yml" and where[:1] == path[:1] and message in text for (file, where), text in found), found


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("questions", 0, "options", 1, "also"), ("a lot",), "“a lot” means `some`, `high`, expected one option only"),
        (("questions", 0, "options", 1, "value"), None, "`some` has neither, expected either a value or a model"),
        (("questions", 0, "options", 4, "value"), 1, "`unsure` has a value, expected none"),
        (("questions", 1, "options", 4, "model"), "in_house", "unknown operating model `in_house`"),
        (("questions", 0, "options", 4, "id"), "perhaps", "no option `unsure`"),
        (("questions", 0, "examples"), (), "no example for `none`, `some`, `high`, `critical`, `unsure`"),
        (("questions", 0, "examples", 0, "means"), "high", "“Not really.” means none, expected high"),
        (("questions", 0, "examples", 0, "means"), "lots", "unknown option `lots`"),
        (("questions", 0, "source"), "P99, own", "unknown source `P99`"),
        (("domain", "id"), "field", "expected the id `domain`"),
    ],
)
def test_a_slip_in_the_questions_is_named_in_its_place(rules: Rulebook, path: Path, value: object, message: str) -> None:
    found = told(rules, "questions", path, value)

    assert any(file == "questions.yml" and where[:1] == path[:1] and message in text for (file, where), text in found), found


def test_an_example_that_leads_to_another_model_is_told_with_that_model(rules: Rulebook) -> None:
    place = [model.id for model in rules.models].index("kpo")
    answers = {"judgment": "none", "knowledge": "manual", "review": "qa", "structure": "process"}

    assert told(rules, "models", (place, "examples", 0, "answers"), answers) == [
        (("models/kpo.yml", ("examples", 0, "answers")), "these answers lead to standard_bpo, expected `kpo`")
    ]


def test_an_example_with_an_answer_that_does_not_exist_is_told_the_ones_there_are(rules: Rulebook) -> None:
    place = [model.id for model in rules.models].index("lpo")
    [((file, _), message)] = told(rules, "models", (place, "examples", 0, "answers", "judgment"), "huge")

    assert file == "models/lpo.yml"
    assert "the answers are none, some, high, critical, unsure" in message


def test_a_statement_without_a_known_source_is_told_in_its_field(rules: Rulebook) -> None:
    place = [model.id for model in rules.models].index("lpo")

    assert told(rules, "models", (place, "pricing", 1, "source"), "a friend") == [
        (
            ("models/lpo.yml", ("pricing", 1, "source")),
            "unknown source `a friend`, expected an S- or P-number of sources.yml or `own`",
        )
    ]


def test_every_number_of_the_sources_has_a_title_and_every_page_an_address(rules: Rulebook) -> None:
    assert all(rules.sources.title(f"S-{number:03}") for number in range(1, 238))
    assert all(rules.sources.url(f"P{number}") for number in range(1, 43))
    assert rules.sources.title("S-084c") == rules.sources.title("S-084")
    assert rules.sources.title("S-238") is None


def test_a_source_that_stands_twice_is_told(rules: Rulebook) -> None:
    assert any("`P1` stands twice" in message for _, message in told(rules, "sources", ("pages", 1, "id"), "P1"))
