"""The repository's own rules: sound, and every example of theirs a test."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot import rulefiles
from bot.core.checks import BUTTONS, CHECKS
from bot.core.examples import TriedExample, failing_examples, tried_examples
from bot.core.problems import Problem
from bot.core.rulebook import Rulebook
from bot.core.thorough import THOROUGH_CHECKS
from tests.rule_examples import each_of, files, hold, written
from tests.rules_copy import RulesCopy

ROOT = Path(__file__).parent.parent

MODELS = {
    "automation_first_bpo",
    "standard_bpo",
    "high_skill_bpo",
    "kpo",
    "lpo",
    "rpo_recruitment",
    "research_process_outsourcing",
    "l3_escalation",
    "ai_operations_oversight",
    "blended_split",
    "keep_in_house",
}


@pytest.fixture(scope="module")
def tried(rules: Rulebook) -> Mapping[str, list[TriedExample]]:
    """Every example of terms, questions and models, by its file."""
    found: dict[str, list[TriedExample]] = {}
    for example in tried_examples(rules):
        found.setdefault(example.file, []).append(example)
    return found


@each_of("terms")
def test_every_message_of_a_term_is_met_as_its_example_says(file: str, tried: Mapping[str, list[TriedExample]]) -> None:
    hold(tried[file])


def test_every_typed_answer_means_what_its_example_says(tried: Mapping[str, list[TriedExample]]) -> None:
    hold(tried["questions.yml"])


@each_of("models")
def test_every_piece_of_work_leads_to_its_model(file: str, tried: Mapping[str, list[TriedExample]]) -> None:
    hold(tried[file])


def test_no_example_is_left_out(tried: Mapping[str, list[TriedExample]]) -> None:
    mine = ("questions.yml", *files("terms"), *files("models"))
    assert {file: len(examples) for file, examples in tried.items()} == {file: written(file) for file in mine}


def test_of_a_file_every_example_that_fails_is_told_with_its_place(tried: Mapping[str, list[TriedExample]]) -> None:
    first, *_, last = examples = tried["questions.yml"]
    wrong = {first: replace(first, got="something"), last: replace(last, expected="another")}
    with pytest.raises(pytest.fail.Exception) as failed:
        hold(wrong.get(example, example) for example in examples)
    head, *told = str(failed.value).splitlines()
    assert head == f"2 of {len(examples)} examples do not give what they should:"
    path, text = ROOT / "rules/questions.yml", (ROOT / "rules/questions.yml").read_text("utf-8").splitlines()
    for line, example in zip(told, wrong.values(), strict=True):
        place, _, said = line.partition(": ")
        file, _, number = place.rpartition(":")
        assert (file, said) == (rulefiles.shown(path), f"“{example.says}”: expected {example.expected}, got {example.got}")
        assert example.says in text[int(number) - 1]


def test_an_example_that_fails_is_told_with_what_it_gives(rules: Rulebook) -> None:
    model = rules.models[0]
    wrong = model.model_copy(update={"examples": rules.models[-1].examples})
    told = failing_examples(rules.model_copy(update={"models": (wrong, *rules.models[1:]), "terms": rules.terms[:1]}))
    assert [(example.file, example.expected, example.got) for example in told] == [
        (f"models/{model.id}.yml", model.id, rules.models[-1].id) for _ in rules.models[-1].examples
    ]


# --------------------------------------------------------------------------- the checks


EVERY_CHECK = [pytest.param(find, id=find.__name__.strip("_")) for _, find in (*CHECKS, *THOROUGH_CHECKS)]


@pytest.mark.parametrize("find", EVERY_CHECK)
def test_our_rules_pass_the_check_of(find: Callable[[Rulebook], Iterator[Problem]], rules: Rulebook) -> None:
    assert list(find(rules)) == []


def test_the_length_of_every_button_is_checked() -> None:
    cards = "".join(file.read_text("utf-8") for file in (ROOT / "bot/core").glob("*.py"))
    shown = set(re.findall(r"""Choice\(\s*f?"[^"]*",\s*(?:self\._)?w\.text\("([a-z_.]+)"\)""", cards))
    assert shown - set(BUTTONS) == set()
    assert len(shown) > 9


# --------------------------------------------------------------------------- the whole


def test_all_parts_of_the_rulebook_are_loaded(rules: Rulebook) -> None:
    assert set(rules.__dict__) == set(Rulebook.model_fields)


def test_the_four_acronyms_and_the_eleven_models_are_there(rules: Rulebook) -> None:
    assert {"BPO", "KPO", "LPO", "RPO"} <= {term.term for term in rules.terms}
    assert {model.id for model in rules.models} == MODELS


def test_every_answer_has_an_anchor_that_makes_it_plain(rules: Rulebook) -> None:
    bare = [
        option.id for question in rules.questions.questions for option in question.options if not option.anchor and option.id != "unsure"
    ]
    assert bare == []


def test_the_term_that_the_readme_shows_is_sound(rules_copy: RulesCopy) -> None:
    shown = re.findall(r"```yaml\n(term: .*?)```", (rules_copy.folder / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(shown) == 1
    assert rules_copy.told({"terms/xpo.yml": shown[0]}, rulefiles.check) == []


def test_the_mistakes_that_the_readme_shows_are_said_so(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("terms/rpo.yml", "    means: ", "    ¦meens: ") == ["here: unknown key `meens`, did you mean `means`?"]


def test_the_version_stays_while_nothing_changes_and_changes_with_any_file(rules: Rulebook, tmp_path: Path) -> None:

    shutil.copytree(rulefiles.default_folder(), tmp_path / "rules")
    assert re.fullmatch(r"[0-9a-f]{12}", rules.version)
    assert rulefiles.load(tmp_path / "rules").version == rules.version
    with (tmp_path / "rules/manners.yml").open("a") as manners:
        manners.write("# one more word\n")
    assert rulefiles.load(tmp_path / "rules").version != rules.version


def test_the_version_does_not_depend_on_what_stands_beside_the_rules(rules: Rulebook, tmp_path: Path) -> None:

    shutil.copytree(rulefiles.default_folder(), tmp_path / "rules")
    (tmp_path / "rules/NOTES.txt").write_text("a note")
    assert rulefiles.load(tmp_path / "rules").version == rules.version
