"""Answers lead to an operating model: the order of the steps, what "not sure" does, what is warned of, and what would change it."""

from itertools import product

import pytest

from bot.core.advice import Flip, Recommendation, mislabelled, next_question, recommend
from bot.core.models import OperatingModel
from bot.core.rulebook import Rulebook


@pytest.fixture
def advise(rules: Rulebook) -> "Adviser":
    return Adviser(rules)


class Adviser:
    """Asks for advice by the four answers in their order, and what else is known by name."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    def __call__(self, four: str, **more: str) -> Recommendation:
        return recommend(self.answers(four, more), self._rules.questions, self._rules.advice)

    def next(self, four: str, **more: str) -> str | None:
        return next_question(self.answers(four, more), self._rules.questions, self._rules.advice)

    @staticmethod
    def answers(four: str, more: dict[str, str]) -> dict[str, str]:
        names = ("judgment", "knowledge", "review", "structure")
        return dict(zip(names, four.split(), strict=True)) | more


# --------------------------------------------------------------------------- the score


@pytest.mark.parametrize(
    ("four", "model"),
    [
        ("none manual sampled process", "automation_first_bpo"),
        ("none manual qa process", "standard_bpo"),
        ("some trained qa process", "standard_bpo"),
        ("some trained qa exceptions", "high_skill_bpo"),
        ("some professional expert exceptions", "high_skill_bpo"),
        ("high professional expert exceptions", "kpo"),
        ("critical licensed accountable expert", "kpo"),
    ],
)
def test_the_points_of_the_four_answers_choose_the_model(advise: Adviser, four: str, model: str) -> None:
    assert advise(four, domain="none").model == model


def test_a_named_domain_without_a_gate_counts_as_none(advise: Adviser) -> None:
    assert advise("high professional expert expert", domain="insurance") == advise("high professional expert expert", domain="none")


def test_checking_everything_does_not_make_expert_work_where_nothing_is_judged(advise: Adviser) -> None:
    advice = advise("none trained accountable exceptions", domain="none")

    assert advice.model == "standard_bpo"
    assert advice.confidence == "likely"
    assert "strict_controls_are_enough" in advice.warnings


def test_trained_professionals_who_follow_steps_are_high_skill_work_at_most(advise: Adviser) -> None:
    assert advise("none licensed accountable exceptions", domain="none").model == "high_skill_bpo"


def test_hostile_cases_with_high_stakes_are_never_process_work(advise: Adviser) -> None:
    assert advise("critical manual sampled exceptions", domain="none").model == "kpo"


def test_more_judgment_never_leads_to_a_simpler_model(advise: Adviser, rules: Rulebook) -> None:
    ladder = rules.advice.ladder
    scales = [[option.id for option in question.options if option.value is not None] for question in rules.questions.questions]
    for rest in product(*scales[1:]):
        models = [advise(" ".join((judgment, *rest)), domain="none").model or "" for judgment in scales[0]]
        places = [ladder[model] for model in models]

        assert places == sorted(places), rest


# --------------------------------------------------------------------------- answers that decide alone


def test_work_that_only_insiders_can_do_stays_inside_whatever_else_is_said(advise: Adviser) -> None:
    advice = advise("high inside accountable mixed", domain="legal")

    assert advice.model == "keep_in_house"
    assert advice.because == ("knowledge",)
    assert "few_heads" in advice.warnings


def test_work_that_is_not_settled_stays_inside(advise: Adviser) -> None:
    advice = advise("some trained qa unstable")

    assert advice.model == "keep_in_house"
    assert advice.confidence == "firm"
    assert advice.flips[0] == Flip("structure", "exceptions", "high_skill_bpo")


def test_two_different_halves_are_split(advise: Adviser) -> None:
    assert advise("high professional expert mixed", domain="research").model == "blended_split"


# --------------------------------------------------------------------------- gates


@pytest.mark.parametrize(
    ("domain", "model"),
    [
        ("legal", "lpo"),
        ("recruiting", "rpo_recruitment"),
        ("research", "research_process_outsourcing"),
        ("ai_ops", "ai_operations_oversight"),
        ("customer", "l3_escalation"),
    ],
)
def test_a_kind_of_work_with_a_model_of_its_own_gets_it(advise: Adviser, domain: str, model: str) -> None:
    advice = advise("high trained expert exceptions", domain=domain)

    assert advice.model == model
    assert advice.confidence == "firm"
    assert advice.because == ("domain", "judgment")
    assert advice.runner_up == "high_skill_bpo"


@pytest.mark.parametrize("domain", ["legal", "recruiting", "research", "ai_ops", "customer"])
def test_administration_around_it_is_ordinary_process_work(advise: Adviser, domain: str) -> None:
    assert advise("none trained qa process", domain=domain).model == "standard_bpo"


@pytest.mark.parametrize("domain", ["ai_ops", "customer"])
def test_applying_a_policy_is_neither_oversight_nor_escalation(advise: Adviser, domain: str) -> None:
    assert advise("some trained qa exceptions", domain=domain).model == "high_skill_bpo"


def test_trained_paralegals_do_legal_work_even_by_fixed_steps(advise: Adviser) -> None:
    assert advise("none professional qa process", domain="legal").because == ("domain", "knowledge")


def test_reading_the_law_for_a_memo_is_legal_work(advise: Adviser) -> None:
    assert advise("high licensed accountable expert", domain="legal").model == "lpo"


# --------------------------------------------------------------------------- contradictions and the quality driver


def test_fixed_steps_with_hard_calls_raise_the_question_what_goes_wrong(advise: Adviser) -> None:
    four = "high professional expert process"

    assert advise.next(four, domain="none") == "quality_driver"
    assert advise(four, domain="none").ask == "quality_driver"
    assert advise(four, domain="none", quality_driver="step").model == "high_skill_bpo"
    assert advise(four, domain="none", quality_driver="call").model == "kpo"
    assert advise(four, domain="none", quality_driver="both").model == "blended_split"


def test_if_nobody_knows_what_goes_wrong_the_score_stands_for_the_time_being(advise: Adviser) -> None:
    advice = advise("high professional expert process", domain="none", quality_driver="unsure")

    assert (advice.model, advice.confidence, advice.runner_up) == ("high_skill_bpo", "provisional", "kpo")
    assert advice.ask is None
    assert "last_ten_errors" in advice.find_out


def test_an_expert_service_in_which_nothing_is_judged_is_asked_about_and_warned_of(advise: Adviser) -> None:
    four = "none trained qa expert"

    assert advise.next(four) == "quality_driver"
    assert advise(four, quality_driver="step").model == "standard_bpo"
    assert advise(four, quality_driver="unsure").confidence == "provisional"
    assert "complexity_not_there" in advise(four, quality_driver="step").warnings
    assert advise(four, domain="none", quality_driver="call").model == "kpo"
    assert "complexity_not_there" not in advise(four, domain="none", quality_driver="call").warnings


def test_when_judgment_turns_out_to_matter_the_kind_of_work_matters_too(advise: Adviser) -> None:
    four = "none trained qa expert"

    assert advise.next(four, quality_driver="call") == "domain"
    assert advise(four, quality_driver="call", domain="customer").model == "l3_escalation"
    assert advise.next(four, quality_driver="step") is None


def test_missed_steps_never_lead_to_expert_work(advise: Adviser) -> None:
    assert advise("critical licensed accountable process", domain="none", quality_driver="step").model == "high_skill_bpo"


def test_wrong_judgment_always_leads_to_expert_work(advise: Adviser) -> None:
    assert advise("high manual sampled process", domain="none", quality_driver="call").model == "kpo"


def test_what_goes_wrong_is_ignored_where_nothing_contradicts(advise: Adviser) -> None:
    assert advise("some trained qa exceptions", domain="none", quality_driver="both").model == "high_skill_bpo"


# --------------------------------------------------------------------------- not sure


def test_one_open_answer_that_matters_makes_the_middle_one_provisional(advise: Adviser) -> None:
    advice = advise("unsure trained qa exceptions", domain="insurance")

    assert (advice.model, advice.confidence) == ("high_skill_bpo", "provisional")
    assert advice.flips[:2] == (Flip("judgment", "none", "standard_bpo"), Flip("judgment", "critical", "kpo"))
    assert "five_real_items" in advice.find_out
    assert "judgment" not in advice.because


def test_one_open_answer_that_changes_nothing_is_no_obstacle(advise: Adviser) -> None:
    advice = advise("high professional unsure expert", domain="legal")

    assert (advice.model, advice.confidence, advice.find_out) == ("lpo", "likely", ())


def test_a_missing_answer_is_like_not_sure(advise: Adviser, rules: Rulebook) -> None:
    missing = recommend(
        {"knowledge": "trained", "review": "qa", "structure": "exceptions", "domain": "none"}, rules.questions, rules.advice
    )

    assert missing == advise("unsure trained qa exceptions", domain="none")


def test_two_open_answers_between_two_models_still_give_one_of_them(advise: Adviser) -> None:
    advice = advise("unsure licensed unsure exceptions", domain="none")

    assert (advice.model, advice.confidence) == ("high_skill_bpo", "provisional")
    assert advice.flips[0].model == "kpo"


def test_two_open_answers_between_three_models_give_none(advise: Adviser) -> None:
    advice = advise("unsure trained unsure exceptions", domain="none")

    assert (advice.model, advice.confidence, advice.flips) == (None, "none", ())
    assert advice.find_out == ("five_real_items", "who_signs", "last_ten_errors")


def test_three_open_answers_give_none(advise: Adviser) -> None:
    advice = advise("unsure unsure unsure process", domain="none")

    assert (advice.model, advice.confidence, advice.because) == (None, "none", ())
    assert set(advice.find_out) >= {"five_real_items", "written_procedure", "who_signs"}


def test_what_is_decided_alone_needs_no_other_answer(advise: Adviser) -> None:
    assert advise("unsure unsure unsure unstable").model == "keep_in_house"


def test_an_open_kind_of_work_keeps_the_score_provisional(advise: Adviser) -> None:
    advice = advise("high professional expert expert", domain="unsure")

    assert (advice.model, advice.confidence, advice.ask) == ("kpo", "provisional", None)
    assert "finished_piece" in advice.find_out
    assert advise("high professional expert expert").ask == "domain"


# --------------------------------------------------------------------------- warnings, runner-up, flips


def test_a_sample_check_is_too_thin_for_hard_judgment(advise: Adviser) -> None:
    advice = advise("high professional sampled expert", domain="banking")

    assert advice.model == "kpo"
    assert advice.warnings == ("review_too_thin",)


def test_work_that_stays_inside_is_not_warned_about_its_review(advise: Adviser) -> None:
    assert "review_too_thin" not in advise("high inside sampled expert").warnings


def test_a_score_next_to_a_line_is_likely_and_names_the_neighbour(advise: Adviser) -> None:
    advice = advise("high professional expert exceptions", domain="none")

    assert (advice.model, advice.confidence, advice.runner_up) == ("kpo", "likely", "high_skill_bpo")
    assert advice.flips[0] == Flip("judgment", "some", "high_skill_bpo")


def test_a_score_away_from_every_line_is_firm(advise: Adviser) -> None:
    assert advise("high professional expert expert", domain="none").confidence == "firm"


def test_the_neighbour_is_the_runner_up_of_every_score_next_to_a_line(advise: Adviser, rules: Rulebook) -> None:
    scales = [[option for option in question.options if option.value is not None] for question in rules.questions.questions]
    by_score = rules.advice.by_score
    for options in product(*scales):
        advice = advise(" ".join(option.id for option in options), domain="none", quality_driver="unsure")
        score = sum(option.value or 0 for option in options)
        neighbours = {by_score[other] for other in (score - 1, score + 1) if 0 <= other < len(by_score)} - {by_score[score]}
        if advice.confidence != "provisional" and advice.model == by_score[score] and neighbours:
            assert advice.confidence == "likely"
            assert advice.runner_up in neighbours, options


# --------------------------------------------------------------------------- labels


@pytest.mark.parametrize(
    ("called", "model", "text"),
    [
        ("KPO", "standard_bpo", "overpaying"),
        ("bpo", "kpo", "underscoped"),
        ("kpo", "lpo", "more_precise"),
        ("rpo", "lpo", "another_kind"),
        ("BPO", "blended_split", "half_of_it"),
        ("lpo", "lpo", None),
        ("kpo", "research_process_outsourcing", None),
        ("gbs", "standard_bpo", None),
    ],
)
def test_a_label_that_the_work_does_not_bear_out_is_named(rules: Rulebook, called: str, model: str, text: str | None) -> None:
    assert mislabelled(called, model, rules.advice) == text


# --------------------------------------------------------------------------- what is refused


def test_an_unknown_question_is_refused_with_the_ones_there_are(advise: Adviser) -> None:
    with pytest.raises(ValueError, match=r"no question “colour”; the questions are judgment, knowledge, review"):
        advise("none manual sampled process", colour="blue")


def test_an_unknown_answer_is_refused_with_the_ones_there_are(advise: Adviser) -> None:
    with pytest.raises(ValueError, match=r"“huge” is no answer to judgment; the answers are none, some, high, critical, unsure"):
        advise("huge manual sampled process")


def test_an_unknown_domain_is_refused_with_the_ones_there_are(advise: Adviser) -> None:
    with pytest.raises(ValueError, match=r"“leagl” is no answer to domain; the answers are legal, .*finance"):
        advise.next("none manual sampled process", domain="leagl")


# --------------------------------------------------------------------------- the models' own examples


def test_every_example_of_every_model_leads_to_it(rules: Rulebook) -> None:
    def reached(model: OperatingModel) -> set[str | None]:
        return {recommend(example.answers, rules.questions, rules.advice).model for example in model.examples}

    assert {model.id: reached(model) for model in rules.models} == {model.id: {model.id} for model in rules.models}
