"""The glossary: every acronym of the trade is known, explained when somebody asks, and kept quiet about otherwise."""

from collections.abc import Iterator

import pytest

from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import Commanded, Place, Pointed, Reply, Said
from bot.core.rulebook import Rulebook
from bot.core.senses import Reading, Weigher, action
from bot.core.terms import Term
from tests.core_stage import choices_of, visible

HERE = Place("chat", "T1", "C1", "m1")
NOW = 1_790_000_000

LETTERS = """
    RPO BPO KPO LPO MSP AMS TA PPO DPA DPO CPO GCC SME RCM IDP P2P CRO CMO RTO MSA SOW NDA SOC HRO FAO EOR PEO SSC GBS GIC BPM ITO ITES
    EPO ER&D BPaaS BOT ASO ALSP MLS LPM AFA CLM ATS VMS FMS EVP RPA BPA SLA KPI FTE TAT QA AQM AHT ACW ASA ACD IVR FCR CSAT CES NPS WFM
    ASR O2C R2R S2P Q2C AP AR RFP RFI RFQ RFS PO PR TCO LOI TUPE TPA RACI CX L1/L2/L3 T&M PTP OTC RTR
"""
"""The acronyms that people of outsourcing, HR, legal, finance and procurement use daily."""

ACRONYMS = LETTERS.split()

ASKED_ABOUT = {"RPO", "MSP", "AMS", "GCC"}
"""Terms that can be worth a question nobody asked for."""


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.fixture(scope="module")
def weigher(rules: Rulebook) -> Weigher:
    return Weigher(rules.terms, rules.reading)


@pytest.fixture(scope="module")
def terms(rules: Rulebook) -> dict[str, Term]:
    return {term.term: term for term in rules.terms}


def commanded(brain: Brain, words: str) -> Reply:
    """What `/spellout ...` brings."""
    (reply,) = brain.decide(Commanded(HERE, "maya", words, ()), HERE, Memory(), NOW).replies
    assert (reply.surface, reply.to) == ("whisper", "maya")
    return reply


def read(weigher: Weigher, text: str, term: str) -> Reading:
    """How a term is read in a text."""
    return next(reading for reading in weigher.readings(text) if reading.mention.term == term)


# --------------------------------------------------------------------------- every acronym


def test_the_glossary_is_the_trades(terms: dict[str, Term]) -> None:
    assert sorted(terms) == sorted(ACRONYMS)


def test_every_acronym_is_explained_with_all_its_meanings(brain: Brain, terms: dict[str, Term]) -> None:
    lacking: list[tuple[str, str]] = []
    for acronym in ACRONYMS:
        told = visible(commanded(brain, acronym)).casefold()
        lacking += [(acronym, sense.name) for sense in terms[acronym].senses if sense.name.casefold() not in told]
        lacking += [(acronym, sense.means) for sense in terms[acronym].senses if sense.ours and sense.means.casefold() not in told]
    assert lacking == []


def test_a_line_of_small_letters_asks_for_it_too(brain: Brain) -> None:
    assert [word for word in ACRONYMS if commanded(brain, f"what is {word.lower()}?") != commanded(brain, word)] == []


def test_the_long_forms_of_our_meanings_name_their_term(brain: Brain, terms: dict[str, Term]) -> None:
    for term in terms.values():
        for sense in term.senses:
            if sense.ours and "," not in sense.name and len(sense.name.split()) <= 3:
                assert sense.name.casefold() in visible(commanded(brain, sense.name)).casefold()


def test_every_meaning_has_what_a_stranger_needs(terms: dict[str, Term]) -> None:
    for term in terms.values():
        assert any(sense.ours for sense in term.senses) or term.term == "RTO"
        for sense in term.senses:
            assert sense.family, sense.id
            assert sense.means[-1] in ".)!", sense.means
            assert len(sense.means) <= 170, sense.means


def test_every_meaning_is_shown_by_an_example(terms: dict[str, Term]) -> None:
    for term in terms.values():
        shown = {example.sense for example in term.examples}
        assert {sense.id for sense in term.senses} <= shown, term.term
        assert any(example.sense is None and example.expect == "silent" for example in term.examples), term.term


# --------------------------------------------------------------------------- letters with marks and digits


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("T&M", "Time and materials (T&M)"),
        ("what is T&M?", "Time and materials (T&M)"),
        ("explain P2P", "Procure to pay (P2P)"),
        ("what does O2C mean", "Order to cash (O2C)"),
        ("R2R", "Record to report (R2R)"),
        ("meaning of ER&D", "Engineering, research and development (ER&D)"),
        ("L1/L2/L3", "Support tiers in customer care"),
        ("L2", "Support tiers in IT"),
        ("ITeS", "IT-enabled services (ITES)"),
        ("SOC2", "System and organization controls (SOC)"),
        ("ptp", "Procure to pay"),
        ("otc", "Order to cash (OTC)"),
        ("procure to pay", "Procure to pay (P2P)"),
        ("time and materials", "Time and materials (T&M)"),
    ],
)
def test_marks_and_digits_belong_to_the_letters(words: str, told: str, brain: Brain) -> None:
    assert told in visible(commanded(brain, words))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The T&M contract has no cap.", ["T&M"]),
        ("P2P, O2C and R2R moved to Krakow.", ["P2P", "O2C", "R2R"]),
        ("The O2C/R2R split is odd.", ["O2C", "R2R"]),
        ("L1/L2/L3 support is outsourced.", ["L1/L2/L3"]),
        ("L2/L3 stays with us, L1 goes.", ["L2/L3", "L1"]),
        ("ER&D's share grows.", ["ER&D's"]),
        ("BPaaS or not?", ["BPaaS"]),
        ("The vendor has a SOC2 report.", ["SOC2"]),
        ("ITeS, as it was called", ["ITeS"]),
        ("AT&T&M is no acronym of ours, nor are XP2P, P2Px or O2C-7.", []),
        ("AT&T and R&D are none either.", []),
    ],
)
def test_they_are_found_as_whole_words(text: str, written: list[str], weigher: Weigher) -> None:
    assert [reading.mention.written for reading in weigher.readings(text)] == written


@pytest.mark.parametrize(
    "text",
    [
        "The bot opened a pr, the po is late, and it is all in the cap table.",
        "Our VMs moved to another host, one VM stayed.",
        "An ear, a soc, a tat: small words.",
        "The IdP sends a token.",
        "it has bits of it",
    ],
)
def test_small_words_and_other_words_are_no_acronyms(text: str, weigher: Weigher) -> None:
    assert weigher.readings(text) == ()


# --------------------------------------------------------------------------- which meaning


@pytest.mark.parametrize(
    ("text", "term", "sense"),
    [
        ("The PEO shares the duties of an employer with us.", "PEO", "professional_employer_organization"),
        ("Do we need an EOR to employ two people in Spain?", "EOR", "employer_of_record"),
        ("First the PR is approved by the cost centre owner, then the PO goes out.", "PR", "purchase_requisition"),
        ("The PR waits for a second reviewer.", "PR", "pull_request"),
        ("The PO number must stand on the invoice.", "PO", "purchase_order"),
        ("Our PO moves the story to the next sprint.", "PO", "product_owner"),
        ("Set up a GCC in Chennai?", "GCC", "global_capability_centre"),
        ("Sales in Oman and the rest of the GCC are flat.", "GCC", "gulf_cooperation_council"),
        ("Clause 8 of the GCC says so.", "GCC", "general_conditions_of_contract"),
        ("It compiles with GCC, not with clang.", "GCC", "gnu_compiler_collection"),
        ("The MSP patches our servers every month.", "MSP", "managed_service_provider"),
        ("Contractors are booked through the MSP and its VMS.", "MSP", "managed_service_programme"),
        ("The SAP tickets go to the AMS team.", "AMS", "application_management_services"),
        ("AMS and Cielo both answered the RPO tender.", "AMS", "ams_talent_provider"),
        ("Do they have a SOC 2?", "SOC", "system_and_organization_controls"),
        ("The SOC analyst saw the alert first.", "SOC", "security_operations_centre"),
        ("Please sign the NDA before the call.", "NDA", "non_disclosure_agreement"),
        ("The FDA accepted the NDA.", "NDA", "new_drug_application"),
        ("DPO rose while DSO fell.", "DPO", "days_payable_outstanding"),
        ("Tell the DPO about the breach, GDPR wants it.", "DPO", "data_protection_officer"),
        ("The BOT contract ends with the transfer of all staff.", "BOT", "build_operate_transfer"),
        ("The chat BOT is down.", "BOT", "software_robot"),
        ("RTO policy is three days, hybrid.", "RTO", "return_to_office"),
        ("The RTO is four hours after an outage.", "RTO", "recovery_time_objective"),
        ("L3 complaints need somebody with authority, says customer care.", "L1/L2/L3", "customer_support_tiers"),
        ("The L3 engineers fixed the bug.", "L1/L2/L3", "it_support_tiers"),
        ("The L2 cache is cold.", "L1/L2/L3", "cache_levels"),
        ("P2P lending is risky.", "P2P", "peer_to_peer"),
        ("The three way match in P2P failed.", "P2P", "procure_to_pay"),
    ],
)
def test_what_is_easily_mixed_up_is_told_apart(text: str, term: str, sense: str, weigher: Weigher, terms: dict[str, Term]) -> None:
    reading = read(weigher, text, term)
    assert (reading.sense, reading.decided) == (sense, True)
    assert action(reading, terms[term])[0] == "silent"


@pytest.mark.parametrize("text", ["The KPI slipped.", "Is the SLA any good?", "Who wrote the RFP?", "Four FTE, no more."])
def test_what_letters_mean_nearly_everywhere_is_taken_for_meant(text: str, weigher: Weigher) -> None:
    (reading,) = weigher.readings(text)
    assert reading.decided
    assert reading.ours
    assert not reading.defined


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("The Regional Arts Council of Idaho (RACI) pays for it.", "RACI"),
        ("CES stands for Central European School here.", "CES"),
        ("Our paper to print (P2P) line is old.", "P2P"),
        ("Tower and mast (T&M) inspection is due.", "T&M"),
        ("The Small Models Exhibition (SME) opens in May.", "SME"),
        ("AP (Aunt Polly) sends her love.", "AP"),
    ],
)
def test_a_text_that_spells_the_letters_out_its_own_way_wins(text: str, term: str, weigher: Weigher) -> None:
    reading = read(weigher, text, term)
    assert reading.defined
    assert reading.sense is None


@pytest.mark.parametrize("text", ["PR: please review", "AP - a point of order", "QA: quite all right"])
def test_two_letters_are_not_spelled_out_by_any_two_words(text: str, weigher: Weigher) -> None:
    (reading,) = weigher.readings(text)
    assert not reading.defined


def test_a_long_form_that_we_know_is_taken_at_its_word(weigher: Weigher) -> None:
    reading = read(weigher, "Time and materials (T&M) is what they offer.", "T&M")
    assert (reading.defined, reading.sense) == (True, "time_and_materials")


# --------------------------------------------------------------------------- unasked


def said(brain: Brain, text: str) -> tuple[Reply, ...]:
    """What a message in a channel brings that nobody addressed to us."""
    return brain.decide(Said(HERE, "maya", text, ()), HERE, Memory(), NOW).replies


def test_what_is_explained_on_request_alone_is_passed_over(brain: Brain) -> None:
    message = Said(HERE, "maya", "The SLA, the KPI and the FTE count stand in the SOW, says our vendor. Who signs the NDA?", ())
    assert not brain.concerns(message)
    decision = brain.decide(message, HERE, Memory(), NOW)
    assert decision.replies == ()
    assert decision.memory == Memory()


def test_only_four_terms_are_ever_asked_about_unasked(terms: dict[str, Term]) -> None:
    assert {name for name, term in terms.items() if term.tier in ("ask", "buying")} == ASKED_ABOUT


@pytest.mark.parametrize(
    "text",
    ["Should we sign with an MSP?", "The MSP vendor sent a proposal.", "Do we need an AMS?", "Who knows a good GCC vendor?"],
)
def test_buying_without_a_word_about_the_meaning_is_worth_a_question(text: str, brain: Brain) -> None:
    (reply,) = said(brain, text)
    assert "Which one do you mean?" in reply.fallback


@pytest.mark.parametrize(
    "text",
    [
        "Should we sign with an MSP for the laptops and the help desk?",
        "Should we sign with an MSP for the temps?",
        "We met the MSP on Monday.",
        "Is MSP a word?",
        "Do we need a GCC in Hyderabad?",
        "Is GCC 14 out?",
        "The AMS file is empty, vendor.",
        "Our client uses an MSP.",
    ],
)
def test_nothing_is_asked_where_a_word_decides_or_nothing_is_bought(text: str, brain: Brain) -> None:
    assert said(brain, text) == ()


def test_the_question_about_an_msp_offers_what_the_trade_means_by_it(brain: Brain) -> None:
    (reply,) = said(brain, "Should we sign with an MSP?")
    labels = [choice.label for choice in choices_of(reply)]
    assert labels[:4] == [
        "Managed service provider (IT)",
        "Contingent workforce programme",
        "Managed services by a BPO firm",
        "Something else",
    ]


def test_other_acronyms_around_do_not_move_the_view_of_an_rpo(weigher: Weigher) -> None:
    text = "SLA first. " + "x " * 4_000 + "Our RPO recruiters share the ATS with us, and candidates like it."
    assert read(weigher, text, "RPO").sense == "recruitment_process_outsourcing"
    assert read(weigher, "our rpo to hire nurses missed the SLA", "RPO").decided


# --------------------------------------------------------------------------- the list, and words that are not in it


def lines(reply: Reply) -> Iterator[str]:
    """What a person reads, line by line."""
    yield from visible(reply).splitlines()


@pytest.mark.parametrize("words", ["terms", "glossary", "which acronyms do you know?"])
def test_all_terms_are_listed_by_field(words: str, brain: Brain) -> None:
    first, *fields = lines(commanded(brain, words))
    assert first.startswith(f"I know {len(ACRONYMS)} acronyms.")
    assert [field.split(": ")[0] for field in fields][:2] == ["HR and staffing", "IT and security"]
    assert sorted(name for field in fields for name in field.split(": ")[1].split(", ")) == sorted(ACRONYMS)


def test_the_list_is_for_the_one_who_asks(brain: Brain) -> None:
    (reply,) = brain.decide(Said(HERE, "maya", "terms", (), addressed=True), HERE, Memory(), NOW).replies
    assert (reply.surface, reply.to) == ("whisper", "maya")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("CST", "I do not know that one. Did you mean CSAT or CES?"),
        ("KPQ", "I do not know that one. Did you mean KPO or KPI?"),
        ("recruitment process", "I do not know that one. Did you mean RPO?"),
        ("XYZZY", f"I do not know that one. I know {len(ACRONYMS)} acronyms; /spellout terms lists them."),
    ],
)
def test_an_unknown_word_brings_what_was_perhaps_meant(word: str, told: str, brain: Brain) -> None:
    assert commanded(brain, word).fallback.startswith(told)


def test_never_more_than_three_are_guessed(brain: Brain) -> None:
    assert commanded(brain, "xpo").fallback.count(",") == 1


def test_a_message_without_terms_is_told_so_shortly(brain: Brain) -> None:
    (reply,) = brain.decide(Pointed(HERE, "maya", "explain", "Lunch at twelve?", ()), HERE, Memory(), NOW).replies
    assert reply.fallback == f"I see none of my terms in that message. I know {len(ACRONYMS)} acronyms; /spellout terms lists them."


def test_of_a_message_full_of_acronyms_ten_are_explained_and_the_rest_named(brain: Brain) -> None:
    text = "RFP, SOW, MSA, NDA, SLA, KPI, FTE, AHT, CSAT, NPS, IVR and T&M are all in the annex."
    (reply,) = brain.decide(Pointed(HERE, "maya", "explain", text, ()), HERE, Memory(), NOW).replies
    assert "request for proposal" in reply.fallback
    assert reply.fallback.endswith("Also there: IVR and T&M. Ask me about any of them, as in /spellout KPO.")
