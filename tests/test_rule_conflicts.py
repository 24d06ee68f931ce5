"""Rules that are well written and still do not fit: within a file, and with the other files."""

import pytest

from bot import rulefiles
from tests.rules_copy import RulesCopy
from tests.test_rule_mistakes import TERM

SECOND = """\
  - id: second
    name: extra purchase order
    means: A form for what was forgotten on the first.
    label: Extra order
    source: common knowledge
"""

# --------------------------------------------------------------------------- terms


def test_a_term_stands_in_the_file_of_its_name(rules_copy: RulesCopy) -> None:
    assert rules_copy.told({"terms/ypo.yml": TERM}) == ["rules/terms/ypo.yml:1:7: `XPO` stands in ypo.yml, expected it in xpo.yml"]


@pytest.mark.parametrize(("letters", "file"), [("X&O", "x_o.yml"), ("X1/X2", "x1_x2.yml"), ("XpaaS", "xpaas.yml")])
def test_what_is_no_letter_of_a_term_is_a_line_in_the_name_of_its_file(letters: str, file: str, rules_copy: RulesCopy) -> None:
    term = TERM.replace("XPO", letters)
    wrong = rules_copy.told({"terms/xo.yml": term})
    assert wrong == [f"rules/terms/xo.yml:1:7: `{letters}` stands in xo.yml, expected it in {file}"]
    assert rules_copy.told({"terms/xo.yml": None, f"terms/{file}": term}) == []


def test_only_a_term_that_is_never_spoken_of_unasked_has_a_usual_meaning_and_one_at_most(rules_copy: RulesCopy) -> None:
    usual = TERM.replace("    source:", "    usual: true\n    source:", 1)
    assert rules_copy.told({"terms/xpo.yml": usual}) == []
    twice = usual.replace("examples:\n", SECOND + "    usual: true\nexamples:\n")
    assert rules_copy.told({"terms/xpo.yml": twice}) == [
        "rules/terms/xpo.yml:17:12: `second` is marked as usual, expected one meaning at most to be usual",
    ]
    assert rules_copy.told({"terms/xpo.yml": usual.replace("tier: never", "tier: ask")}) == [
        "rules/terms/xpo.yml:10:12: `example` is marked as usual, expected it only in a term of the tier `never`",
    ]


def test_two_meanings_of_a_term_differ_in_everything_a_person_sees(rules_copy: RulesCopy) -> None:
    twin = (
        SECOND.replace("second", "example")
        .replace("Extra order", "example Work")
        .replace("extra purchase order", "Example process outsourcing")
    )
    assert rules_copy.told({"terms/xpo.yml": TERM.replace("examples:\n", twin + "examples:\n")}) == [
        "rules/terms/xpo.yml:11:9: a second id `example`, expected each once",
        "rules/terms/xpo.yml:12:11: a second name `Example process outsourcing`, expected each once",
        "rules/terms/xpo.yml:14:12: a second label `example Work`, expected each once",
    ]


def test_an_example_names_a_meaning_there_is(rules_copy: RulesCopy) -> None:
    broken = TERM.replace("expect: silent", "expect: silent\n    sense: exampel", 1)
    assert rules_copy.told({"terms/xpo.yml": broken}) == [
        "rules/terms/xpo.yml:14:12: unknown meaning `exampel`, did you mean `example`?",
    ]


def test_an_example_that_is_noted_says_as_what(rules_copy: RulesCopy) -> None:
    assert rules_copy.told({"terms/xpo.yml": TERM.replace("expect: silent", "expect: note", 1)}) == [
        "rules/terms/xpo.yml:12:5: `sense` is missing, expected the meaning that is noted"
    ]


def test_an_example_stands_once(rules_copy: RulesCopy) -> None:
    assert rules_copy.told({"terms/xpo.yml": TERM.replace("The XPO starts on Monday.", "We looked at an XPO.")}) == [
        "rules/terms/xpo.yml:14:10: a second example `We looked at an XPO.`, expected each once"
    ]


def test_two_terms_are_not_written_alike(rules_copy: RulesCopy) -> None:
    assert rules_copy.told({"terms/xpo.yml": TERM.replace("senses:", "variants: [RPO]\nsenses:")}) == [
        "rules/terms/xpo.yml:4:12: `RPO` is the term RPO already, expected another variant"
    ]


def test_a_meaning_names_a_domain_a_trade_and_a_source_there_is(rules_copy: RulesCopy) -> None:
    named = "    domain: recruting\n    trades: [recruting]\n    source: S-999, P1"
    assert rules_copy.told({"terms/xpo.yml": TERM.replace("    source: own", named)}) == [
        "rules/terms/xpo.yml:10:13: unknown domain `recruting`, did you mean `recruiting`?",
        "rules/terms/xpo.yml:11:14: unknown trade `recruting`, did you mean `recruiting`?",
        "rules/terms/xpo.yml:12:13: unknown source `S-999`, expected an S- or P-number of sources.yml, a web address, "
        "`common knowledge` or `own`",
    ]


def test_a_cue_speaks_for_one_meaning(rules_copy: RulesCopy) -> None:
    first = "    cues:\n      decisive: [specimen, trial run]\n"
    second = SECOND + "    cues:\n      supporting: [order form, sample|specimens]\n"
    broken = TERM.replace("    source: own\n", f"    source: own\n{first}{second}")
    told = rules_copy.told({"terms/xpo.yml": broken}, rulefiles.check)
    assert [said for said in told if "same words" in said] == [
        "rules/terms/xpo.yml:19:32: `sample|specimens` is found by the same words as `specimen` of `example`, expected only one of the two"
    ]


def test_a_cue_stands_in_an_example(rules_copy: RulesCopy) -> None:
    broken = TERM.replace("    source: own\n", "    source: own\n    cues:\n      decisive: [specimen]\n")
    assert rules_copy.told({"terms/xpo.yml": broken}, rulefiles.check) == [
        "rules/terms/xpo.yml:12:18: no example exercises the cue `specimen`, expected one that holds it"
    ]


def test_an_example_that_gives_something_else_fails_the_check(rules_copy: RulesCopy) -> None:
    broken = TERM.replace("expect: silent", "expect: note\n    sense: example", 1)
    assert rules_copy.told({"terms/xpo.yml": broken}) == []
    assert rules_copy.told(load=rulefiles.check) == ["rules/terms/xpo.yml:12:10: expected `note`, but Spellout would be silent"]


# --------------------------------------------------------------------------- questions


@pytest.mark.parametrize("word", ["stop", "Back!", "never mind"])
def test_the_words_of_an_answer_are_no_wish(rules_copy: RulesCopy, word: str) -> None:
    told = rules_copy.replaced("questions.yml", "also: [", f"also: [¦{word}, ")
    assert [said.partition(" of manners.yml")[0].partition(" means ")[0] for said in told] == [f"here: `{word}`"]


def test_the_words_of_an_answer_are_no_number(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("questions.yml", "also: [", 'also: [¦"2", ') == [
        "here: `2` means the answer with that number, expected words"
    ]


def test_the_words_of_an_answer_mean_one_answer(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced("questions.yml", "also: [", "also: [just now and then, a lot, ")
    assert any(said.endswith(": “a lot” means `none`, `high`, expected one option only") for said in told)


def test_every_question_can_be_answered_not_sure(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced("questions.yml", "id: unsure", "id: unsuer")
    assert any("no option `unsure`, expected every question to have one" in said for said in told)


# --------------------------------------------------------------------------- models and advice


def test_a_model_stands_in_the_file_of_its_name(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("models/lpo.yml", "id: lpo\n", "id: ¦kpo\n") == ["here: `kpo` stands in lpo.yml, expected `lpo`"]


def test_advice_names_models_there_are(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced("advice.yml", "model: lpo\n", "model: ¦loop\n")
    assert [said.partition(", expected")[0] for said in told] == ["here: unknown operating model `loop`"]


def test_advice_names_answers_there_are(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced(
        "advice.yml", "{structure: [process], judgment: [high, critical]}", "{structure: ¦[process], judgement: [high]}"
    )
    assert [said.partition(", expected")[0].partition(": ")[2] for said in told] == ["unknown question `judgement`"]
    told = rules_copy.replaced("advice.yml", "judgement: [high]", "judgment: ¦[hihg]")
    assert [said.partition(", expected")[0] for said in told] == ["here: unknown answer `hihg` to `judgment`"]


def test_a_statement_has_a_source_there_is(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("models/lpo.yml", "source: S-", "source: ¦S-999, S-") == [
        "here: unknown source `S-999`, expected an S- or P-number of sources.yml or `own`"
    ]


def test_an_example_of_a_model_leads_to_it(rules_copy: RulesCopy) -> None:
    shown = (rules_copy.folder / "models/standard_bpo.yml").read_text("utf-8")
    kpo = (rules_copy.folder / "models/kpo.yml").read_text("utf-8")
    told = rules_copy.told({"models/kpo.yml": kpo[: kpo.index("\nexamples:")] + shown[shown.index("\nexamples:") :]})
    assert told
    assert all("these answers lead to standard_bpo, expected `kpo`" in said for said in told)


def test_a_model_that_no_answers_lead_to_fails_the_check(rules_copy: RulesCopy) -> None:
    advice = (rules_copy.folder / "advice.yml").read_text("utf-8")
    gate = advice[advice.index("  - domain: ai_ops") : advice.index("  - domain: legal")]
    told = rules_copy.told({"advice.yml": advice.replace(gate, "")}, rulefiles.check)
    assert any(said.startswith("rules/models/ai_operations_oversight.yml:") for said in told)


# --------------------------------------------------------------------------- wording and manners


def test_a_misspelt_sentence_is_told_with_the_one_that_was_meant(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("wording.yml", "  something_else:", "  ¦somthing_else:") == [
        *[said for said in rules_copy.told() if "`something_else` is missing in `clarify`, expected a sentence" in said],
        "here: unknown sentence `somthing_else`, did you mean `something_else`?",
    ]


def test_a_placeholder_that_the_sentence_does_not_have_is_told_with_those_it_has(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("wording.yml", '  text: "You wrote', '  text: ¦"{trem}: You wrote') == [
        "here: unknown placeholder `{trem}`, expected `{term}`"
    ]


def test_a_brace_or_mark_that_is_not_closed_is_told(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("wording.yml", '  text: "You wrote', '  text: ¦"{term and **more: You wrote') == [
        "here: `**` is opened and not closed",
        "here: a brace stands alone, expected `{` and `}` around the name of a placeholder",
    ]


def test_a_button_with_too_much_text_is_told_the_limit(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("wording.yml", "Help me choose an operating model", "¦Help me choose an operating model for it, please") == [
        "here: `help_me_choose` has 48 characters, expected at most 40"
    ]


def test_a_heading_has_room_for_every_model(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced("wording.yml", "  heading: ", f"  heading: {'long ' * 20}{{model}} {'long ' * 8}#")
    assert told
    assert all(": the heading with this name has " in said and said.endswith("expected at most 150") for said in told)


def test_a_phrase_is_one_wish(rules_copy: RulesCopy) -> None:
    assert rules_copy.replaced("manners.yml", "  back: [", "  back: [¦Stop!, ") == ["here: `Stop!` already means `stop`"]


def test_mistakes_of_all_files_are_told_together(rules_copy: RulesCopy) -> None:
    manners = (rules_copy.folder / "manners.yml").read_text("utf-8")
    told = rules_copy.told(
        {
            "terms/xpo.yml": TERM.replace("source: own", "source: own\n    domain: juggling"),
            "terms/ypo.yml": TERM.replace("XPO", "YPO") + "more: 1\n",
            "manners.yml": manners.replace("explain_again_after_days: ", "explain_again_after_days: -"),
            "models/lpo.yml": "[",
        }
    )
    assert [said.split(": ")[0].rsplit(":", 2)[0] for said in told] == ["rules/manners.yml", "rules/models/lpo.yml", "rules/terms/ypo.yml"]
