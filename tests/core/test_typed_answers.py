"""What somebody types as an answer is understood where it is plain, and never guessed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.questions import Question, typed_answer
from bot.core.rulebook import Rulebook


@pytest.fixture
def judgment(rules: Rulebook) -> Question:
    return rules.questions.by_id["judgment"]


@pytest.mark.parametrize("text", ["3", "3.", " #3 ", "(3)", "*3*", "three", "the third one", "Option 3", "answer three", "3rd"])
def test_a_number_picks_the_option_in_that_place(judgment: Question, text: str) -> None:
    assert typed_answer(judgment, text) == "high"


@pytest.mark.parametrize("text", ["0", "6", "99", "-1", "2.5", "1 or 2", "3%", "no one", "٣", "12345678901234567890"])
def test_a_number_that_is_no_place_picks_nothing(judgment: Question, text: str) -> None:
    assert typed_answer(judgment, text) is None


def test_every_label_button_and_id_is_understood_in_any_capitals(rules: Rulebook) -> None:
    for question in rules.questions.by_id.values():
        for option in question.options:
            for text in (option.id, option.label, option.label.upper(), f"  {option.short}! "):
                assert typed_answer(question, text) == option.id, text


def test_every_question_has_a_not_sure_in_the_same_words(rules: Rulebook) -> None:
    for question in rules.questions.by_id.values():
        for text in ("not sure", "Not sure...", "I don’t know", "dunno", "no idea", "hard to say"):
            assert typed_answer(question, text) == "unsure", (question.id, text)


def test_the_examples_of_every_question_hold_and_leave_no_option_out(rules: Rulebook) -> None:
    for question in rules.questions.by_id.values():
        assert {example.means for example in question.examples} == set(question.by_id)
        for example in question.examples:
            assert typed_answer(question, example.say) == example.means, example.say


@pytest.mark.parametrize("text", ["a lot?", "A LOT", "a  lot", "**a lot**", "“a lot”", "\u200ba lot"])
def test_punctuation_capitals_and_invisible_characters_do_not_matter(judgment: Question, text: str) -> None:
    assert typed_answer(judgment, text) == "high"


@pytest.mark.parametrize("text", ["", "   ", "…", "maybe a lot but it depends", "what do you mean?", "see you at 3", "🤷", "high or some"])
def test_anything_else_is_no_answer(judgment: Question, text: str) -> None:
    assert typed_answer(judgment, text) is None


def test_the_same_word_may_mean_different_things_to_different_questions(rules: Rulebook) -> None:
    assert typed_answer(rules.questions.by_id["structure"], "both") == "mixed"
    assert typed_answer(rules.questions.quality_driver, "both") == "both"
    assert typed_answer(rules.questions.by_id["judgment"], "both") is None


@pytest.mark.parametrize("text", ["x" * 40_000, "a lot " * 7_000, " " * 39_999 + "3", "(" * 40_000, "ﷺ" * 40_000])
def test_a_text_of_any_length_is_dealt_with(judgment: Question, text: str) -> None:
    assert typed_answer(judgment, text) in {None, "high"}


@given(st.text(max_size=300))
def test_no_text_is_met_with_anything_but_an_option_or_nothing(rules: Rulebook, text: str) -> None:
    for question in rules.questions.by_id.values():
        assert typed_answer(question, text) in {None, *question.by_id}
