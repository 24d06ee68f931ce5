"""From a description to a profile and a model: what counts, what does not, what stays open, and what to beware of."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import rulefiles
from bot.core.advice import recommend
from bot.core.classify import Classification, classify
from bot.core.clues import Quote
from bot.core.describing import Describer
from bot.core.interview import Interview
from bot.core.term_cards import TermCards
from bot.core.work_cards import WorkCards
from tests.steps import steps

RULES = rulefiles.load()
CARDS = WorkCards(RULES, Interview(RULES.questions, RULES.advice), TermCards(RULES.wording))
DESCRIPTIONS: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "work_descriptions.yml").read_text("utf-8"))
FORM_OF = {
    "automation_first_bpo": "standard_bpo",
    "research_process_outsourcing": "kpo",
    "ai_operations_oversight": "kpo",
    "l3_escalation": "high_skill_bpo",
}


def read(text: str, called: str = "") -> Classification:
    return classify(text, RULES, called)


def words(quotes: Sequence[Quote]) -> list[str]:
    return [quote.words for quote in quotes]


def kind(text: str) -> str | None:
    leading = read(text).profile.leading
    return leading.activity.id if leading else None


# --------------------------------------------------------------------------- the story of the issue


def test_contracts_against_a_playbook_signed_by_counsel_are_legal_work() -> None:
    found = read("We need people to review 500 NDAs a month against our playbook, our counsel signs off")
    assert (found.model, found.confidence, found.open) == ("lpo", "firm", ())
    review = found.profile.answers["review"]
    assert (review.option, review.how, words(review.evidence)) == ("accountable", "said", ["our counsel signs off"])
    assert found.profile.answers["judgment"].how == "usual"
    assert found.profile.answers["domain"].option == "legal"


def test_the_reasons_are_the_persons_own_words_in_their_places() -> None:
    text = "Please review our lease contracts; a senior lawyer signs off."
    found = read(text)
    assert found.because
    for quote in found.because:
        assert text[quote.start : quote.end].startswith(quote.words.split(" … ")[0])


def test_the_model_is_what_the_dialogue_would_say_to_the_same_answers() -> None:
    for texts in DESCRIPTIONS.values():
        for text in texts:
            found = read(text)
            if found.model and not found.halves and len(found.profile.options) == 5:
                assert found.model == recommend(found.profile.options, RULES.questions, RULES.advice).model


# --------------------------------------------------------------------------- what is not meant


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("No legal advice involved, just typing contracts into the database", "standard_bpo"),
        ("Legal advice? No. They only file papers", "standard_bpo"),
        ("We screen not candidates, suppliers", "kpo"),
        ("Customer support, no technical support needed", "standard_bpo"),
        ("We don't need lawyers, just somebody to scan the contracts", "standard_bpo"),
        ("Everything except payroll: benefits and leave records", "standard_bpo"),
        ("Equity research is out of scope, they only key the figures into a spreadsheet", "standard_bpo"),
        ("Our vendor answers the phones, complaints stay with us", "standard_bpo"),
        ("Not only data entry but also legal research for our attorneys", "lpo"),
    ],
)
def test_what_is_ruled_out_does_not_count(text: str, model: str) -> None:
    assert read(text).model == model


def test_what_was_ruled_out_is_shown() -> None:
    assert words(read("No legal research, just data entry").ruled_out) == ["legal research"]


def test_no_interpretation_is_an_answer_of_its_own() -> None:
    judgment = read("Copying figures from filings into a template, without interpretation").profile.answers["judgment"]
    assert (judgment.option, judgment.how, words(judgment.evidence)) == ("none", "said", ["without interpretation"])


@pytest.mark.parametrize(
    ("text", "question", "denied"),
    [
        ("Contract review, and nobody signs off", "review", "accountable"),
        ("Contract review, no one signs off", "review", "accountable"),
        ("First-line support that cannot be scripted", "judgment", "none"),
        ("Answering calls, they can't follow a script", "judgment", "none"),
        ("Answering calls is hardly scripted", "judgment", "none"),
        ("First-line care. There is no script", "judgment", "none"),
        ("Escalated complaints, rarely case by case", "judgment", "high"),
        ("Escalated complaints, seldom a judgment call", "judgment", "high"),
        ("Bookkeeping, nobody needs a degree", "knowledge", "professional"),
        ("Invoice processing where errors are never obvious errors", "review", "sampled"),
    ],
)
def test_a_negated_signal_is_no_answer_and_opens_what_would_be_usual(text: str, question: str, denied: str) -> None:
    found = read(text)
    assert (question, denied) in found.profile.denied
    assert found.profile.options.get(question) != denied
    assert question not in found.profile.said


def test_what_is_denied_is_asked_where_it_can_change_the_model() -> None:
    found = read("First-line support that cannot be scripted")
    assert "judgment" in found.open
    assert found.confidence != "firm"


def test_less_than_what_is_denied_stays() -> None:
    assert read("Complaint handling, rarely case by case").profile.options["judgment"] == "some"


def test_two_negations_make_none() -> None:
    assert read("Claims handling, nobody works without a licence or a degree required").profile.denied == frozenset()
    assert read("Data entry, nobody but licensed nurses may do it").profile.said["knowledge"] == "licensed"


@pytest.mark.parametrize("text", ["Nobody answers our phones", "We cannot keep up with invoice processing", "No one here does payroll"])
def test_work_that_nobody_does_is_still_the_work(text: str) -> None:
    found = read(text)
    assert found.model == "standard_bpo"
    assert found.ruled_out == ()


def test_each_case_a_problem_of_its_own_without_scripts_is_no_process_work() -> None:
    assert read("No scripts, no checklists: each case is its own problem").model != "standard_bpo"


@pytest.mark.parametrize(
    "text",
    [
        "We don't need contract review, we need contract data entered in our CLM",
        "Not contract review but contract filing",
        "Contracts should never be reviewed by them",
        "They do not review any of the leases, they only scan them",
    ],
)
def test_what_is_done_may_be_ruled_out_as_well_as_the_thing(text: str) -> None:
    found = read(text)
    assert found.model != "lpo"
    assert found.ruled_out


@pytest.mark.parametrize(
    "text",
    [
        "Not candidates, suppliers: we screen their financials",
        "This isn't about recruiting, it's about answering candidates' emails",
    ],
)
def test_the_trade_of_people_who_are_ruled_out_does_not_count(text: str) -> None:
    assert read(text).model != "rpo_recruitment"


# --------------------------------------------------------------------------- how much judgment


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("Answer customer emails, it takes a lot of judgment", "high"),
        ("Invoice processing that needs some judgment", "some"),
        ("Contract review, with little judgment", "none"),
        ("Answer customer calls, free of judgment calls", "none"),
        ("Refunds: they read a policy and then decide", "some"),
    ],
)
def test_the_words_of_the_questions_answer_them(text: str, option: str) -> None:
    assert read(text).profile.said["judgment"] == option


@pytest.mark.parametrize(
    "text", ["It needs some judgment", "This takes little judgment", "Court booking for our tennis club", "Bundle the parcels"]
)
def test_words_of_everyday_life_are_no_legal_work(text: str) -> None:
    assert classify(text, RULES, forced=True).model != "lpo"


# --------------------------------------------------------------------------- the activity counts, not its object


@pytest.mark.parametrize(
    "text",
    [
        "Print equity research reports and post them",
        "Type up dictated legal opinions",
        "Buy legal research subscriptions",
        "File due diligence reports in SharePoint",
        "Pay law firm invoices",
        "Stamp and mail patent applications",
        "Formatting of legal memos",
    ],
)
def test_what_a_clerk_does_with_a_document_is_clerical_work(text: str) -> None:
    found = read(text)
    assert found.model == "standard_bpo"
    assert any(word in " ".join(words(found.because)).split() for word in text.split()[:3])


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Scan and review supplier contracts", "lpo"),
        ("Review of e-mails in litigation for privilege", "lpo"),
        ("MRI scan interpretation and market research", "research_process_outsourcing"),
        ("Draft legal opinions and print them", "lpo"),
        ("Enter into contracts, negotiate contracts", "lpo"),
    ],
)
def test_expert_work_beside_a_clerks_word_is_expert_work(text: str, model: str) -> None:
    assert read(text).model == model


@pytest.mark.parametrize(
    "text",
    [
        "Recruit accounts payable clerks",
        "Hire payroll clerks",
        "Recruit claims adjusters",
        "Find us bookkeepers to employ",
        "Hire tax advisers",
    ],
)
def test_recruiting_people_is_recruiting_whatever_their_trade(text: str) -> None:
    assert read(text).model == "rpo_recruitment"


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("We need lawyers to review contracts", "lpo"),
        ("We need accountants who close our books", "high_skill_bpo"),
        ("Looking for engineers to run crash simulations", "kpo"),
        ("We need nurses", "rpo_recruitment"),
    ],
)
def test_people_wanted_for_work_that_follows_are_the_work(text: str, model: str) -> None:
    assert read(text).model == model


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Research about law for a market report", "research_process_outsourcing"),
        ("Recruiting lawyers who review contracts", "rpo_recruitment"),
        ("We look for lawyers for our clients' legal departments and check their references", "rpo_recruitment"),
        ("A law firm's accounts payable", "standard_bpo"),
        ("Bookkeeping for law firms", "high_skill_bpo"),
        ("Contract review for recruiting agencies", "lpo"),
        ("Payroll for a recruiting agency", "standard_bpo"),
        ("Data entry for market research companies", "standard_bpo"),
        ("Hire people to answer our phones", "standard_bpo"),
        ("An accountant runs the AI agents in order-to-cash", "ai_operations_oversight"),
    ],
)
def test_the_activity_counts_not_its_object_or_its_customer(text: str, model: str) -> None:
    assert read(text).model == model


# --------------------------------------------------------------------------- signals


@pytest.mark.parametrize(
    ("text", "question", "option"),
    [
        ("Payroll, and only our own people know how", "knowledge", "inside"),
        ("A rebate desk whose rules nobody has written down", "structure", "unstable"),
        ("Answering calls from a script", "judgment", "none"),
        ("Claims handling, case by case", "judgment", "high"),
        ("Translation of leaflets where a mistake could cost a life", "judgment", "critical"),
        ("Data entry that must be done by licensed nurses", "knowledge", "licensed"),
        ("Invoice processing where errors are obvious", "review", "sampled"),
        ("Market research, each report with a second opinion", "review", "expert"),
        ("Most cases follow a table, the rest are negotiated", "structure", "mixed"),
    ],
)
def test_what_the_text_says_beats_what_is_usual(text: str, question: str, option: str) -> None:
    known = read(text).profile.answers[question]
    assert (known.option, known.how) == (option, "said")


def test_a_text_that_says_little_of_something_lowers_nothing_that_is_usual() -> None:
    assert read("Equity research within guidelines").model == "research_process_outsourcing"


def test_work_that_is_not_settled_is_kept_in_house_whatever_it_is() -> None:
    assert read("Rebate processing, and we rewrite the rules: it changes every week").model == "keep_in_house"


def test_two_things_said_of_one_question_make_it_provisional() -> None:
    found = read("Claims handling from a script, but case by case")
    assert "judgment" in found.profile.torn
    assert found.confidence == "provisional"


# --------------------------------------------------------------------------- what stays open


def test_what_the_text_does_not_say_stays_unknown() -> None:
    found = read("each item is its own problem, and somebody licensed signs it off")
    assert found.profile.said == {"knowledge": "licensed", "review": "accountable", "structure": "expert"}
    assert "judgment" not in found.profile.answers
    assert (found.model, found.confidence, found.open) == ("kpo", "provisional", ("judgment", "domain"))


def test_only_answers_that_could_still_change_the_model_are_asked_for() -> None:
    assert read("Supplier invoices, three-way matching and payment runs").open == ()
    near = read("Claims adjudication under our policy")
    assert near.confidence == "likely"
    assert "knowledge" in near.open
    assert "domain" not in near.open


def test_what_is_not_known_at_all_may_be_anything_and_all_of_it_at_once() -> None:
    found = read("It is the same handful of steps every time")
    assert found.profile.options.keys() == {"judgment", "structure"}
    assert found.open == ("knowledge", "review", "domain")


@pytest.mark.parametrize("text", ["", "hello, how are you?", "We need help", "!!! ???", "\u200b\ufeff", "(((", "'s s' '"])
def test_nothing_to_go_on_gives_no_model_and_leaves_the_four_questions(text: str) -> None:
    found = read(text)
    assert (found.model, found.confidence, found.because) == (None, "none", ())
    assert found.open == ("judgment", "knowledge", "review", "structure")


@pytest.mark.parametrize(
    "text",
    [
        "See you at the daily",
        "standard",
        "Lunch on Monday? I'm in town for a week",
        "Our hotel was hostile",
        "The weather is nuanced today",
        "Clean the offices of a law firm",
        "The quarterly numbers look fine",
        "The support renewal is signed",
        "Court booking for our tennis club",
    ],
)
def test_what_says_next_to_nothing_of_work_gets_no_model(text: str) -> None:
    found = read(text)
    assert (found.model, found.confidence, found.because) == (None, "none", ())


@pytest.mark.parametrize(
    ("text", "work"),
    [
        ("Not a call centre: engineers who find out why turbines fail", "recruitment_process"),
        ("Radiology reports are typed by the vendor", "supplier_master_data"),
        ("Our vendor types up the dictations", "supplier_master_data"),
        ("Radiology reports are typed by our suppliers", "supplier_master_data"),
    ],
)
def test_who_does_the_work_is_not_what_it_is_done_to(text: str, work: str) -> None:
    assert work not in {each.activity.id for each in read(text).profile.activities}


@pytest.mark.parametrize(
    ("text", "work"),
    [
        ("Find us bookkeepers to employ", "recruitment_process"),
        ("Candidates who applied are screened and interviewed", "candidate_screening"),
        ("Set up new suppliers, each approved by a buyer", "supplier_master_data"),
        ("New vendors are entered in SAP", "supplier_master_data"),
    ],
)
def test_what_the_work_is_done_to_may_stand_anywhere_else(text: str, work: str) -> None:
    leading = read(text).profile.leading
    assert leading is not None
    assert leading.activity.id == work


def test_the_first_and_the_third_level_in_one_description_are_two_halves() -> None:
    found = read("Tier 1 support and tier 3 engineering")
    assert found.model == "blended_split"


def test_reading_images_is_no_triage() -> None:
    leading = read("Our vendor reads X-rays at night").profile.leading
    assert leading is not None
    assert leading.activity.id == "image_reading"


@pytest.mark.parametrize("text", ["standard", "The weather is nuanced today", "Clean the offices of a law firm"])
def test_scoring_may_force_a_model_out_of_any_word(text: str) -> None:
    found = classify(text, RULES, forced=True)
    assert found.model is not None
    assert found.confidence == "provisional"


def test_one_answer_that_decides_alone_is_enough() -> None:
    assert read("A rebate desk whose rules nobody has written down").model == "keep_in_house"


def test_the_domain_is_told_where_it_decides() -> None:
    assert "domain" not in read("First-line chat for an online shop").profile.said
    assert read("An escalation desk for final complaints").profile.said["domain"] == "customer"


@pytest.mark.parametrize("text", ["Something with invoices", "a sales team", "some analysis", "our lawyers", "candidates"])
def test_a_hint_gives_a_provisional_model(text: str) -> None:
    found = read(text)
    assert found.model is not None
    assert found.confidence == "provisional"


# --------------------------------------------------------------------------- two halves


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("First-line chat plus an escalation desk", ["standard_bpo", "l3_escalation"]),
        ("Data entry, and on top of that financial modelling for the board", ["standard_bpo", "kpo"]),
        ("Contract review plus scanning of the mail", ["lpo", "standard_bpo"]),
        ("First-line chat, and an escalation desk for the hard ones", ["standard_bpo", "l3_escalation"]),
        ("Invoice entry as well as treasury risk modelling", ["standard_bpo", "kpo"]),
        ("Data entry and also equity research", ["standard_bpo", "research_process_outsourcing"]),
        ("80% simple refunds, 20% fraud investigations", ["standard_bpo", "kpo"]),
    ],
)
def test_a_routine_half_and_an_expert_half_are_named(text: str, models: list[str]) -> None:
    found = read(text)
    assert found.model == "blended_split"
    assert [half.model for half in found.halves] == models
    assert all(half.quotes for half in found.halves)


def test_all_levels_of_support_are_two_halves() -> None:
    assert read("L1 to L3 customer support").model == "blended_split"


@pytest.mark.parametrize(
    "text",
    ["Password resets mostly, and the tricky ones go to senior engineers", "We scan letters, and we do legal research on each of them"],
)
def test_routine_work_beside_expert_work_leaves_open_whether_to_split_it(text: str) -> None:
    found = read(text)
    assert "structure" in found.open
    assert found.confidence != "firm"


def test_shares_that_are_no_whole_join_nothing() -> None:
    assert read("5% refunds, 20% fraud investigations").halves == ()


@pytest.mark.parametrize("text", ["Data entry plus mailroom work", "Legal research plus contract drafting", "Data entry and reporting"])
def test_two_kinds_of_work_of_one_model_are_no_halves(text: str) -> None:
    assert read(text).halves == ()


# --------------------------------------------------------------------------- labels and mistakes


@pytest.mark.parametrize(
    ("text", "called", "label", "mislabel"),
    [
        ("They call it KPO: copying figures from filings into a template", "", "kpo", "overpaying"),
        ("They sell us legal research as BPO", "", "bpo", "underscoped"),
        ("Key the fields of scanned forms into our system", "KPO", "kpo", "overpaying"),
        ("Key the fields of scanned forms into our system", "bpo", "bpo", None),
        ("Recruitment process outsourcing for 300 shop assistants", "", "rpo", None),
        ("Legal research memos", "KPO", "kpo", "more_precise"),
    ],
)
def test_a_label_is_held_against_the_work(text: str, called: str, label: str, mislabel: str | None) -> None:
    assert [(check.label, check.mislabel) for check in read(text, called).labels] == [(label, mislabel)]


def test_a_label_is_shown_as_often_as_it_is_used() -> None:
    (check,) = read("KPO, they say, real knowledge process outsourcing, and then it is legal research").labels
    assert words(check.quotes) == ["KPO", "knowledge process outsourcing"]


@pytest.mark.parametrize(
    "text",
    [
        "Market research into BPO providers",
        "Review of BPO contracts",
        "Hire staff for our BPO",
        "Market research on the KPO market",
        "A staff survey at our RPO",
        "Legal research for BPO companies",
    ],
)
def test_a_label_of_somebody_elses_things_is_not_the_works(text: str) -> None:
    assert read(text).labels == ()


@pytest.mark.parametrize(
    "text", ["Looking for BPO providers to do legal research", "We buy legal research from a BPO", "BPO: legal research memos"]
)
def test_a_label_of_what_is_bought_is_held_against_the_work(text: str) -> None:
    assert [(check.label, check.mislabel) for check in read(text).labels] == [("bpo", "underscoped")]


def test_label_and_mistake_are_told_where_the_work_cannot_be_placed() -> None:
    found = read("Promote our best L1 agents to L3", "KPO")
    assert found.model is None
    assert [(check.label, check.mislabel) for check in found.labels] == [("kpo", "unplaced")]
    assert [mistake.id for mistake in found.mistakes] == ["promoting_first_line"]


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("Our first-line agents should become the escalation team", ["promoting_first_line"]),
        ("Agents from first line will move up to the escalation desk", ["promoting_first_line"]),
        ("Legal research memos for a fixed fee per document", ["expert_work_at_volume_price"]),
        ("Equity research priced by the piece", ["expert_work_at_volume_price"]),
        ("Let ChatGPT write legal opinions instead of lawyers", ["automating_judgment"]),
        ("First-line agents answer calls about the escalation desk", []),
        ("We would promote our best L1 agents to the escalation desk", ["promoting_first_line"]),
        ("Equity research notes, price per report", ["expert_work_at_volume_price"]),
        ("Invoice processing, price per document", []),
        ("Review of hate speech: we want to fully automate it", ["automating_judgment"]),
        ("Fully automate the password resets", []),
    ],
)
def test_a_mistake_is_found_where_its_trigger_is_in_the_text(text: str, mistakes: list[str]) -> None:
    assert [found.id for found in read(text).mistakes] == mistakes


def test_the_people_who_would_be_promoted_are_not_the_work() -> None:
    assert read("We would promote our best L1 agents to the escalation desk").model == "l3_escalation"


# --------------------------------------------------------------------------- how good it is


def test_descriptions_written_apart_from_the_rules_are_read_right() -> None:
    seen = [(label, read(text)) for label, texts in DESCRIPTIONS.items() for text in texts]
    right = [FORM_OF.get(found.model or "", found.model) == label for label, found in seen]
    firm = [good for good, (_, found) in zip(right, seen, strict=True) if found.confidence == "firm"]
    assert len(seen) >= 150
    assert min(len(texts) for texts in DESCRIPTIONS.values()) >= 30
    assert sum(right) / len(right) >= 0.95
    assert sum(firm) / len(firm) >= 0.97
    assert len(firm) / len(seen) >= 0.6


def test_a_rival_that_is_named_makes_a_reading_less_sure_than_one_that_is_hinted_at() -> None:
    assert read("Legal research on payments, invoices and tickets").confidence == "firm"
    assert read("Case law, legal memos, statutory research and order status").confidence == "likely"


def test_words_that_speak_for_more_than_is_usual_make_a_reading_less_sure() -> None:
    assert read("Gross-to-net payroll, payslips and pay runs").confidence == "firm"
    assert read("Gross-to-net payroll, payslips and pay runs by qualified specialists").confidence == "likely"


# --------------------------------------------------------------------------- whatever people type

PIECES = st.sampled_from(
    [
        "no ",
        "not ",
        "review ",
        "contracts",
        "recruit ",
        "nurses",
        ", ",
        ". ",
        "'s ",
        "’s ",
        "\n",
        " - ",
        "plus ",
        "who ",
        "for law firms ",
        "İ",
        "ß",
        "KPO",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=60).map("".join))
def test_any_text_is_read_and_every_quote_stands_in_it(text: str) -> None:
    found = read(text)
    quotes = [*found.because, *found.ruled_out, *(quote for known in found.profile.answers.values() for quote in known.evidence)]
    for quote in quotes:
        assert 0 <= quote.start < quote.end <= len(text)
        parts = quote.words.split(" … ")
        assert text[quote.start :].startswith(parts[0])
        assert text[: quote.end].endswith(parts[-1])
    assert CARDS.card(Describer(RULES).described(text, 1, "maya", 0)).fallback


HOSTILE = [
    *("a", "'", ". ", "\n", "\u200b", "no ", "not before ", "who ", "plus ", "(", "KPO ", "for law firms ", "research on law "),
    *("review contracts ", "contracts review, ", "not review contracts, ", "hire lawyers who ", "data entry plus legal research "),
    *("legal advice is excluded ", "our lawyers sign off, ", "case by case, from a script, ", "promote our best L1 agents "),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_doubling_a_description_at_most_doubles_the_steps(piece: str) -> None:
    texts = [piece * (size // len(piece)) for size in (10_000, 20_000)]
    confidences = {read(text).confidence for text in texts}
    once, twice = (steps(lambda t=text: read(t)) for text in texts)  # type: ignore[misc]
    assert twice <= 2 * once + 500
    assert confidences <= {"firm", "likely", "provisional", "none"}


def test_a_description_is_read_to_its_end() -> None:
    assert read("x " * 19_900 + "Contract review for our counsel").model == "lpo"


def test_the_same_text_is_always_read_alike() -> None:
    assert read("Review NDAs against our playbook") == read("Review NDAs against our playbook")
