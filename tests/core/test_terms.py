"""The rules of terms: what an author may write, and what the checks tell an author."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.rulebook import Rulebook
from bot.core.senses import Weigher
from bot.core.term_checks import Flaw, failing_examples, idle_cues, twin_cues
from bot.core.terms import Cues, Example, ReadingRules, Sense, Term, Trade

CORE = {"BPO", "KPO", "LPO", "RPO"}


def sense(name: str = "tea break", **parts: Any) -> Sense:
    return Sense(id=name.replace(" ", "_"), name=name, means="A pause.", label=name.capitalize(), source="own", **parts)


def term(*senses: Sense, **parts: Any) -> Term:
    parts.setdefault("examples", (Example(say="The TB was long.", expect="silent"), Example(say="TB?", expect="silent")))
    return Term(term="TB", about="An example.", tier="first", senses=senses or (sense(),), **parts)


def idle(terms: Sequence[Term], rules: ReadingRules) -> list[Flaw]:
    """The idle cues of these terms."""
    return list(idle_cues(terms, rules, Weigher(tuple(terms), rules)))


@pytest.fixture
def plain(rules: Rulebook) -> ReadingRules:
    """The rules of reading without any vocabulary."""
    return rules.reading.model_copy(update={"trades": (), "buying": (), "service": (), "business": ()})


# --------------------------------------------------------------------------- our own rules


def test_every_meaning_of_our_terms_has_an_example(rules: Rulebook) -> None:
    for own in rules.terms:
        assert {one.id for one in own.senses} <= {example.sense for example in own.examples}, own.term


def test_every_core_term_has_examples_of_speech_and_of_silence(rules: Rulebook) -> None:
    core = [own for own in rules.terms if own.term in CORE]
    assert {own.term for own in core} == CORE
    for own in core:
        assert {"note", "silent"} <= {example.expect for example in own.examples}, own.term


def test_only_one_core_term_is_asked_about(rules: Rulebook) -> None:
    assert {own.term for own in rules.terms if own.tier == "ask"} & CORE == {"RPO"}


def test_our_meanings_settle_the_domain_of_the_dialogue(rules: Rulebook) -> None:
    domains = {one.id: one.domain for own in rules.terms if own.term in CORE for one in own.senses if one.ours}
    assert domains["recruitment_process_outsourcing"] == "recruiting"
    assert domains["research_process_outsourcing"] == "research"
    assert domains["legal_process_outsourcing"] == "legal"
    assert domains["business_process_outsourcing"] is None


# --------------------------------------------------------------------------- what an author may write


@pytest.mark.parametrize(
    "wrong",
    [
        {"surprise": "yes"},
        {"tier": "sometimes"},
        {"senses": ()},
        {"examples": (Example(say="TB?", expect="silent"),)},
        {"term": "T"},
        {"about": ""},
    ],
)
def test_a_term_that_is_not_whole_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Term.model_validate(term().model_dump() | wrong)


def test_a_label_longer_than_a_button_is_refused() -> None:
    with pytest.raises(ValidationError):
        Sense(id="a", name="a", means="a", label="a" * 41, source="own")


def test_a_pattern_without_the_term_is_told_where_it_belongs() -> None:
    told = list(term(sense(cues=Cues(patterns=("TERM room", "long pause")))).problems())
    assert told == [
        (("senses", 0, "cues", "patterns", 1), "`long pause` has no TERM in it, expected it under decisive or supporting"),
    ]


def test_two_trades_of_one_name_are_told(plain: ReadingRules) -> None:
    doubled = plain.model_copy(update={"trades": (Trade(id="navy"), Trade(id="navy"))})
    assert list(doubled.problems()) == [(("trades", 1, "id"), "two trades are called `navy`, expected a different name")]


# --------------------------------------------------------------------------- what the checks tell


def test_a_cue_that_no_example_holds_is_told(plain: ReadingRules) -> None:
    rules = term(sense(cues=Cues(decisive=("long", "kettle"), patterns=("TERM was",))))
    assert idle([rules], plain) == [
        ("terms/tb.yml", ("senses", 0, "cues", "decisive", 1), "no example exercises the cue `kettle`, expected one that holds it"),
    ]


def test_a_cue_hidden_in_a_longer_one_is_idle(plain: ReadingRules) -> None:
    rules = term(sense(cues=Cues(decisive=("was long", "long"))))
    assert [path for _, path, _ in idle([rules], plain)] == [("senses", 0, "cues", "decisive", 1)]


def test_one_of_several_alternatives_is_enough(plain: ReadingRules) -> None:
    assert not idle([term(sense(cues=Cues(decisive=("long|short",))))], plain)


def test_a_word_of_a_trade_wants_an_example_too(plain: ReadingRules) -> None:
    kitchen = plain.model_copy(update={"trades": (Trade(id="kitchen", decisive=("kettle",), faint=("long",)),)})
    assert [(file, path) for file, path, _ in idle([term()], kitchen)] == [("reading.yml", ("trades", 0, "decisive", 0))]


def test_two_meanings_with_one_cue_are_told_whatever_its_inflection(plain: ReadingRules) -> None:
    rules = term(sense(cues=Cues(decisive=("kettle",))), sense("time budget", cues=Cues(supporting=("kettles",))))
    assert list(twin_cues([rules], plain)) == [
        (
            "terms/tb.yml",
            ("senses", 1, "cues", "supporting", 0),
            "`kettles` is found by the same words as `kettle` of `tea_break`, expected only one of the two",
        ),
    ]


def test_an_example_that_fails_is_told_with_what_would_happen(plain: ReadingRules) -> None:
    examples = (Example(say="The TB was long.", expect="note"), Example(say="TB, kettle on.", expect="note", sense="time_budget"))
    rules = term(sense(ours=True, cues=Cues(decisive=("kettle",))), sense("time budget"), examples=examples)
    assert list(failing_examples([rules], Weigher((rules,), plain))) == [
        ("terms/tb.yml", ("examples", 0, "say"), "expected `note`, but Spellout would be silent"),
        ("terms/tb.yml", ("examples", 1, "say"), "expected the meaning `time_budget`, but Spellout reads `tea_break`"),
    ]


# --------------------------------------------------------------------------- the language of cues


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("hire", "TB hires, hired, hiring"),
        ("time to fill", "the TB's time-to-fill"),
        ("outsourc*", "an outsourced TB"),
        ("RTO", "RTOs for the TB"),
        ("TERM of <number> <time>", "a TB of 15 minutes"),
        ("TERM of <number> <time>", "a TB of 4h"),
        ("<money> <number> TERM", "a $20 TB"),
        ("need <a> TERM", "we need their TB"),
        ("need <a> TERM", "they needed another TB"),
        ("call|contact centre|center", "the contact center's TB"),
        ("10 K", "a TB in the 10-K"),
        ("company", "companies with a TB"),
    ],
)
def test_a_cue_is_found_in_what_it_means(plain: ReadingRules, cue: str, text: str) -> None:
    examples = (Example(say=text, expect="silent"), Example(say="TB?", expect="silent"))
    assert not idle([term(sense(cues=Cues(decisive=(cue,))), examples=examples)], plain)


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("hire", "the higher TB"),
        ("RTO", "rto of the TB, RATHER"),
        ("IT", "is it the TB"),
        ("time to fill", "TB time. To fill it"),
        ("TERM of <number>", "TB, of 5"),
        ("need <a> TERM", "need TB"),
        ("outsourc*", "the outer source of TB"),
    ],
)
def test_a_cue_is_not_found_in_what_only_looks_like_it(plain: ReadingRules, cue: str, text: str) -> None:
    examples = (Example(say=text, expect="silent"), Example(say="TB?", expect="silent"))
    assert idle([term(sense(cues=Cues(decisive=(cue,))), examples=examples)], plain)
