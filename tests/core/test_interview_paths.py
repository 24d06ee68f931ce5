"""Every path through the questions, walked once: all of them end, none asks in vain, and every operating model is reached."""

from collections.abc import Iterator, Mapping

import pytest

from bot.core.advice import model_of, next_question, recommend
from bot.core.rulebook import Rulebook

Answers = Mapping[str, str]
FOUR = ["judgment", "knowledge", "review", "structure"]


@pytest.fixture(scope="module")
def paths(rules: Rulebook) -> tuple[Answers, ...]:
    """The answers of every path, in the order they were asked for."""

    def walk(answers: dict[str, str]) -> Iterator[Answers]:
        asked = next_question(answers, rules.questions, rules.advice)
        if asked is None:
            yield answers
            return
        assert asked not in answers
        for option in rules.questions.by_id[asked].options:
            yield from walk({**answers, asked: option.id})

    return tuple(walk({}))


def test_every_path_asks_the_four_in_their_order_and_at_most_two_more(paths: tuple[Answers, ...]) -> None:
    assert len(paths) >= 5 * 6 * 5 * 6
    for path in paths:
        asked = list(path)
        assert asked[:4] == FOUR
        assert set(asked[4:]) <= {"domain", "quality_driver"}
        assert len(asked) <= 6


def test_every_path_ends_in_a_model_or_in_what_to_find_out_and_reaches_every_model(rules: Rulebook, paths: tuple[Answers, ...]) -> None:
    reached = set()
    for path in paths:
        advice = recommend(path, rules.questions, rules.advice)
        reached.add(advice.model)
        assert model_of(path, rules.questions, rules.advice) == advice.model, path
        assert advice.ask is None, path
        assert (advice.model is None) == (advice.confidence == "none")
        assert advice.find_out if advice.confidence in {"none", "provisional"} else not advice.find_out, path
        assert advice.runner_up != advice.model or advice.model is None
        assert (advice.runner_up is None) == (not advice.flips)

    assert reached == {None} | {model.id for model in rules.models}


def test_a_follow_up_is_only_asked_where_its_answer_changes_the_model(rules: Rulebook, paths: tuple[Answers, ...]) -> None:
    asked_at: dict[tuple[tuple[str, str], ...], str] = {}
    for path in paths:
        steps = list(path.items())
        for place in range(4, len(steps)):
            asked_at[tuple(steps[:place])] = steps[place][0]

    for before, name in list(asked_at.items())[::3]:
        models = {
            recommend({**dict(before), name: option.id}, rules.questions, rules.advice).model
            for option in rules.questions.by_id[name].options
            if option.id != "unsure"
        }
        assert len(models) > 1, (before, name)


def test_the_answer_said_to_change_the_result_does_change_it(rules: Rulebook, paths: tuple[Answers, ...]) -> None:
    for path in paths[::3]:
        if "unsure" in path.values():
            continue
        advice = recommend(path, rules.questions, rules.advice)
        for flip in advice.flips[:1]:
            assert recommend({**path, flip.question: flip.option}, rules.questions, rules.advice).model == flip.model, path


def test_the_domain_is_not_asked_where_the_thread_has_settled_it(rules: Rulebook) -> None:
    answers = {"judgment": "high", "knowledge": "professional", "review": "expert", "structure": "expert"}

    assert next_question(answers, rules.questions, rules.advice) == "domain"
    assert next_question(answers, rules.questions, rules.advice, domain_known=True) is None
    assert next_question({**answers, "domain": "recruiting"}, rules.questions, rules.advice) is None


def test_simple_work_is_asked_the_four_and_nothing_more(rules: Rulebook) -> None:
    answers = {"judgment": "none", "knowledge": "trained", "review": "qa", "structure": "process"}

    assert next_question(answers, rules.questions, rules.advice) is None


def test_only_the_questions_that_are_still_open_are_asked(rules: Rulebook) -> None:
    assert next_question({"judgment": "some", "review": "unsure"}, rules.questions, rules.advice) == "knowledge"
