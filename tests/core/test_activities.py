"""The catalogue of the kinds of work: sound, read as its examples say, and its mistakes told with their places."""

from collections.abc import Collection, Iterator, Sequence

import pytest

from bot import rulefiles
from bot.core.activities import Activity, Mistake, Shown, Signal
from bot.core.activity_checks import file_of
from bot.core.classify import classifier_of, classify
from bot.core.examples import TriedExample
from bot.core.lexicon import Lexicon, ends, plain, stem, tokens
from bot.core.list_checks import misread
from bot.core.problems import Path
from bot.core.rulebook import Rulebook
from tests.rule_examples import each_of, files, hold, written
from tests.rules_copy import RulesCopy

SIGNALS = "signals.yml"


def activities(file: str, rules: Rulebook) -> Sequence[Activity]:
    """The kinds of work of a file."""
    (field,) = (field for field in rules.activities if file_of(field) == file)
    return field.activities


def examples(part: str, own: Sequence[Activity | Signal | Mistake]) -> Iterator[tuple[Path, str, str]]:
    """Every example of a part of a file: its place, its rule's id, its words."""
    for place, rule in enumerate(own):
        for number, text in enumerate(rule.examples):
            yield (part, place, "examples", number), rule.id, text


def among(name: str, found: Collection[str]) -> str:
    """The name where it was found, or else what was."""
    return name if name in found else ", ".join(sorted(found)) or "nothing"


# --------------------------------------------------------------------------- the catalogue itself


def test_there_are_more_than_two_hundred_kinds_of_work_in_twenty_fields(rules: Rulebook) -> None:
    assert len([activity for field in rules.activities for activity in field.activities if not activity.loose]) >= 200
    assert len(rules.activities) >= 20


@each_of("activities")
def test_every_example_is_read_as_its_kind_of_work(file: str, rules: Rulebook) -> None:
    def read(text: str) -> str:
        leading = classify(text, rules, forced=True).profile.leading
        return leading.activity.id if leading else "nothing"

    hold(TriedExample(file, path, text, name, read(text)) for path, name, text in examples("activities", activities(file, rules)))


def test_every_signal_is_heard_in_its_examples(rules: Rulebook) -> None:
    classifier = classifier_of(rules)

    def heard(text: str) -> set[str]:
        return {clue.id for clue in classifier.described(text).clues if clue.kind == "signal"}

    hold(
        TriedExample(SIGNALS, path, text, name, among(name, heard(text))) for path, name, text in examples("signals", rules.signals.signals)
    )


def test_every_mistake_is_found_in_its_examples(rules: Rulebook) -> None:
    def found(text: str) -> set[str]:
        return {mistake.id for mistake in classify(text, rules).mistakes}

    hold(
        TriedExample(SIGNALS, path, text, name, among(name, found(text)))
        for path, name, text in examples("mistakes", rules.signals.mistakes)
    )


def test_every_list_does_to_the_words_around_it_what_its_examples_show(rules: Rulebook) -> None:
    classifier = classifier_of(rules)

    def shows(shown: Shown) -> str:
        told = misread(shown, classifier)
        return f"this: {told}" if told else "all that it shows"

    hold(TriedExample(SIGNALS, path, shown.say, "all that it shows", shows(shown)) for path, shown in examples_of_lists(rules))


def examples_of_lists(rules: Rulebook) -> Iterator[tuple[Path, Shown]]:
    for part, lists in (("negation", rules.signals.negation), ("context", rules.signals.context)):
        for name, all_shown in lists.examples.items():
            yield from (((part, "examples", name, place), shown) for place, shown in enumerate(all_shown))


def test_no_example_of_work_is_left_out(rules: Rulebook) -> None:
    assert {file: len(list(examples("activities", activities(file, rules)))) for file in files("activities")} == {
        file: written(file) for file in files("activities")
    }
    own = [*examples("signals", rules.signals.signals), *examples("mistakes", rules.signals.mistakes), *examples_of_lists(rules)]
    assert len(own) == written(SIGNALS)


@each_of("activities")
def test_the_usual_answers_lead_to_a_model(file: str, rules: Rulebook) -> None:
    four = {"judgment", "knowledge", "review", "structure"}

    def led(text: str) -> str:
        found = classify(text, rules, forced=True)
        lacking = four - found.profile.options.keys()
        return f"a model{f' without {sorted(lacking)}' if lacking else ''}" if found.model else "no model"

    hold(
        TriedExample(file, ("activities", place, "examples", 0), activity.examples[0], "a model", led(activity.examples[0]))
        for place, activity in enumerate(activities(file, rules))
    )


# --------------------------------------------------------------------------- words and phrases


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("organise", "organizing"),
        ("modelling", "models"),
        ("assessment", "assess"),
        ("licences", "licenses"),
        ("labour", "labor"),
        ("centre", "centers"),
        ("judgement", "judgment"),
        ("catalogue", "catalogs"),
        ("negotiation", "negotiates"),
        ("enrolment", "enrolled"),
    ],
)
def test_a_word_and_its_other_forms_and_spellings_meet(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("documents", "docu"), ("agreement", "agreed"), ("exception", "except"), ("judge", "judgment")])
def test_words_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def found(lexicon: Lexicon[str], text: str) -> list[str]:
    return [thing for group in lexicon.read(text)[1] for _, thing, *_ in group]


def test_what_is_done_and_to_what_may_stand_apart_and_in_either_order() -> None:
    lexicon: Lexicon[str] = Lexicon()
    lexicon.add_pair(["review"], ["contract"], "review")
    for text in ("review all of our supplier contracts", "contracts to be reviewed", "contract drafting and review"):
        assert found(lexicon, text) == ["review"]


@pytest.mark.parametrize(
    "text",
    [
        "We review calls. Contracts are signed elsewhere.",
        "We review calls; contracts are signed elsewhere.",
        "review one two three four five six seven eight nine ten contracts",
        "contracts, invoices and review",
        "reviewer contractual",
    ],
)
def test_what_is_done_and_to_what_belong_together_within_reach_only(text: str) -> None:
    lexicon: Lexicon[str] = Lexicon()
    lexicon.add_pair(["review"], ["contract"], "review")
    assert found(lexicon, text) == []


def test_a_phrase_of_one_word_insists_on_its_ending() -> None:
    lexicon: Lexicon[str] = Lexicon()
    lexicon.add("detailing", "steel")
    assert found(lexicon, "a detailed plan") == []
    assert found(lexicon, "Detailing of beams") == ["steel"]


def test_capitals_match_capitals_or_a_writer_without_any() -> None:
    lexicon: Lexicon[str] = Lexicon()
    lexicon.add("SOC", "security")
    assert found(lexicon, "our SOC") == found(lexicon, "our SOCs") == found(lexicon, "our soc") == ["security"]
    assert found(lexicon, "Our soc") == []


def test_alternatives_and_beginnings_in_a_phrase() -> None:
    lexicon: Lexicon[str] = Lexicon()
    lexicon.add("payroll|wage calculat*", "pay")
    assert found(lexicon, "wage calculations") == found(lexicon, "we do payroll calculating") == ["pay"]


@pytest.mark.parametrize("text", ["a – b, c’s d.\nNext (e/f) “g” h…", "x\u200by ‎z", "…", "", "we—the", "e.g. U.S. 3.5 a.b"])
def test_every_word_is_found_again_where_it_stands(text: str) -> None:
    evened = plain(text)
    assert len(evened) == len(text)
    words = tokens(evened)
    for word, end in zip(words, ends(evened, words), strict=True):
        assert evened[end - len(word) : end] == word


# --------------------------------------------------------------------------- mistakes in the rules

GOOD = """\
id: gardening
name: Gardens
activities:
  - id: lawn_mowing
    name: lawn mowing
    usual: {judgment: none, knowledge: manual, review: sampled, structure: process}
    words: [lawn mowing, grass cutting]
    source: own
    examples:
      - Lawn mowing for a hotel.
"""


def test_a_sound_new_field_of_work_is_taken_as_it_is(rules_copy: RulesCopy) -> None:
    assert rules_copy.told({"activities/gardening.yml": GOOD}) == []


def test_the_field_of_work_in_the_guide_is_sound_and_its_example_read(rules_copy: RulesCopy) -> None:
    guide = (rulefiles.default_folder() / "README.md").read_text("utf-8")
    shown = guide.partition("```yaml\nid: gardening\n")[2].partition("```")[0]
    assert rules_copy.told({"activities/gardening.yml": f"id: gardening\n{shown}"}) == []
    leading = classify("Somebody to mow the lawns of our offices.", rulefiles.load(rules_copy.folder)).profile.leading
    assert leading is not None
    assert leading.activity.id == "lawn_mowing"


@pytest.mark.parametrize(
    ("old", "new", "where", "why"),
    [
        ("id: gardening", "id: gardens", "1:5", "`gardens` stands in gardening.yml, expected `gardening`"),
        ("judgment: none", "judgment: nine", "6:23", "unknown answer to `judgment` `nine`, did you mean `none`?"),
        ("judgment: none", "judgement: none", "6:13", "unknown question `judgement`, did you mean `judgment`?"),
        ("structure: process}", "structure: process, domain: leagl}", "6:93", "unknown domain `leagl`, did you mean `legal`?"),
        ("source: own", "source: S-999", "8:13", "unknown source `S-999`, expected an S- or P-number of sources.yml or `own`"),
        ("grass cutting", "<profesion> cutting", "7:26", "unknown set `profesion`, did you mean `profession`?"),
        ("grass cutting", "gr* cutting", "7:26", "`gr*` is too short, expected whole words, or at least three letters before `*`"),
        ("grass cutting", "lawn mowing", "7:26", "a second phrase `lawn mowing`, expected each once"),
        ("    words: [lawn mowing, grass cutting]\n", "", "4:5", "neither `words` nor `does`, expected at least one of them"),
    ],
)
def test_a_mistake_in_a_field_of_work_is_told_with_its_place(rules_copy: RulesCopy, old: str, new: str, where: str, why: str) -> None:
    told = rules_copy.told({"activities/gardening.yml": GOOD.replace(old, new, 1)})
    assert told == [f"rules/activities/gardening.yml:{where}: {why}"]


def test_a_kind_of_work_stands_in_one_file(rules_copy: RulesCopy) -> None:
    told = rules_copy.told({"activities/gardening.yml": GOOD.replace("id: lawn_mowing", "id: payroll")})
    assert told == ["rules/activities/hr.yml:4:9: the kind of work `payroll` stands in activities/gardening.yml too, expected it once"]


def test_a_question_without_a_usual_answer_is_told(rules_copy: RulesCopy) -> None:
    broken = GOOD.replace("review: sampled, ", "domain: none, ")
    assert rules_copy.told({"activities/gardening.yml": broken}) == [
        "rules/activities/gardening.yml:6:12: `review` is missing, expected the usual answer to each of the four questions"
    ]


def test_a_kind_of_work_without_an_example_is_told(rules_copy: RulesCopy) -> None:
    broken = GOOD.replace("    examples:\n      - Lawn mowing for a hotel.\n", "")
    assert [line.partition(": ")[2] for line in rules_copy.told({"activities/gardening.yml": broken})] == [
        "`examples` is missing, expected a list (one line each, starting with `- `)"
    ]


def test_an_example_that_is_read_as_other_work_fails_the_check(rules_copy: RulesCopy) -> None:
    broken = GOOD.replace("- Lawn mowing for a hotel.", "- Payroll for a hotel.")
    told = rules_copy.told({"activities/gardening.yml": broken}, rulefiles.check)
    assert "rules/activities/gardening.yml:10:9: expected to be read as `lawn_mowing`, but it is read as `payroll`" in told


def test_a_phrase_of_two_kinds_of_work_fails_the_check_in_whatever_inflection(rules_copy: RulesCopy) -> None:
    broken = GOOD.replace("grass cutting", "image annotations")
    told = rules_copy.told({"activities/gardening.yml": broken}, rulefiles.check)
    why = "`image annotations` names `data_annotation` too (`image annotation`), expected it under one kind of work"
    assert any(line.endswith(why) for line in told)


def test_a_signal_names_answers_models_and_labels_there_are(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced("signals.yml", "says: {judgment: none, structure: process}", "says: {judgment: ¦non, structure: process}")
    assert told == ["here: unknown answer to `judgment` `non`, did you mean `none`?"]
    told = rules_copy.replaced("signals.yml", "says: {judgment: non, ", "says: {judgment: none, ")
    told = rules_copy.replaced("signals.yml", "models: [kpo, research", "models: [¦kop, research")
    assert told == ["here: unknown operating model `kop`, did you mean `kpo`?"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("halves: [plus,", "halves: [¦<foo> plus,", "unknown set `foo`, expected one of"),
        ("seeking: [recruit,", "seeking: [recruit, ¦<profesion>,", "unknown set `profesion`, did you mean `profession`?"),
        ("words: [BPO, business", "words: [BPO, ¦<bar>, business", "unknown set `bar`, expected one of"),
        (
            "    work: document_clerking",
            "    work: ¦document_clerkin",
            "unknown kind of work `document_clerkin`, did you mean `document_clerking`?",
        ),
        ("rules_out: [bookkeeping]", "rules_out: [¦bookeeping]", "unknown kind of work `bookeeping`, did you mean `bookkeeping`?"),
        ("denies: [script]", "denies: [¦scripts]", "unknown signal `scripts`, did you mean `script`?"),
        (
            "    denies: {judgment: none, str",
            "    denies: {judgment: ¦nine, str",
            "unknown answer to `judgment` `nine`, did you mean `none`?",
        ),
        ("    denies: {judgment: none, structure: process}\n", "", "neither `says` nor `denies`, expected at least one of them"),
        ("    joins:\n      - {say", "    joints:\n      - {say", "`joins` is missing, expected an example for every list"),
        (", work: password_resets}", "}", "shows nothing, expected `work`, `rules_out`, `hears`, `denies` or `halves`"),
    ],
)
def test_a_mistake_in_the_lists_around_phrases_is_told(rules_copy: RulesCopy, old: str, new: str, why: str) -> None:
    told = rules_copy.replaced("signals.yml", old, new)
    assert any(why in line for line in told)
    if "¦" in new:
        assert any(line.startswith("here: ") for line in told)


def test_an_example_of_a_list_that_is_read_otherwise_fails_the_check(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced("signals.yml", "rules_out: [bookkeeping]}", "rules_out: [payroll]}", rulefiles.check)
    assert any(line.endswith("expected `rules_out` to be `payroll`, but it is `bookkeeping`") for line in told)


def test_a_list_whose_examples_hold_without_it_fails_the_check(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced(
        "signals.yml", "A market report on contract review and contract drafting.", "A market report.", rulefiles.check
    )
    assert any(line.endswith("every example holds without `about`, expected one that needs it") for line in told)


def test_what_to_say_of_a_label_that_cannot_be_checked_yet_may_not_be_missing(rules_copy: RulesCopy) -> None:
    told = rules_copy.replaced("advice.yml", "  - id: unplaced", "  - id: unplacable")
    assert any("`unplaced` is missing, expected what to say while the work cannot be placed" in line for line in told)
