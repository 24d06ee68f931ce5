"""What an acronym means here, how sure that is, and whether a colleague would speak."""

import pytest

from bot.core.rulebook import Rulebook
from bot.core.scale import Evidence
from bot.core.senses import Reading, Weigher, action, explained, weigher_of
from bot.core.terms import Term

RECRUITMENT = "recruitment_process_outsourcing"
RESEARCH = "research_process_outsourcing"
RECOVERY = "recovery_point_objective"
REVENUE = "remaining_performance_obligation"


@pytest.fixture(scope="module")
def weigher(rules: Rulebook) -> Weigher:
    return Weigher(rules.terms, rules.reading)


@pytest.fixture(scope="module")
def rpo(rules: Rulebook) -> Term:
    return next(term for term in rules.terms if term.term == "RPO")


def read(weigher: Weigher, text: str) -> Reading:
    reading, *_ = weigher.readings(text)
    return reading


def words(reading: Reading) -> list[str]:
    return [evidence.word for evidence in reading.because]


# --------------------------------------------------------------------------- the cases of the trade


@pytest.mark.parametrize(
    ("text", "does", "sense"),
    [
        ("We need an RPO partner", "ask", None),
        ("RPO of 15 minutes and RTO of one hour for the orders database.", "silent", RECOVERY),
        ("RPO grew 14 percent, cRPO 11, mostly multi-year renewals.", "silent", REVENUE),
        ("RPO for the analyst roles: time to fill is still 60 days.", "note", RECRUITMENT),
        ("Can our RPO vendor also cover equity research?", "note", RESEARCH),
        ("RPO to hire researchers for the insights team.", "note", RECRUITMENT),
        ("Please raise an LPO for 50 chairs, Dubai office.", "silent", "local_purchase_order"),
        ("The bank ordered a BPO before approving the short sale.", "silent", "broker_price_opinion"),
    ],
)
def test_the_edge_cases_of_the_trade_are_read_as_its_people_would(
    weigher: Weigher, rules: Rulebook, text: str, does: str, sense: str | None
) -> None:
    reading = read(weigher, text)
    term = next(term for term in rules.terms if term.term == reading.mention.term)
    assert (action(reading, term)[0], reading.sense) == (does, sense)


def test_kpo_lpo_and_rpo_together_are_talk_about_the_labels_so_rpo_is_asked_about(weigher: Weigher, rpo: Term) -> None:
    readings = weigher.readings("What is the difference between KPO, LPO and RPO?")
    assert [reading.sense for reading in readings] == ["knowledge_process_outsourcing", "legal_process_outsourcing", None]
    assert action(readings[2], rpo) == ("ask", "undecided")


# --------------------------------------------------------------------------- sureness


def test_a_confidence_says_what_its_evidence_is_worth(weigher: Weigher) -> None:
    assert read(weigher, "RPO of 15 minutes.").confidence == pytest.approx(0.98, abs=0.01)
    assert read(weigher, "The RPO has a passport.").confidence == pytest.approx(0.95, abs=0.01)
    assert read(weigher, "The RPO knows HR and talent.").confidence == pytest.approx(0.90, abs=0.01)
    assert read(weigher, "The RPO knows HR.").confidence == pytest.approx(0.75, abs=0.01)


def test_nothing_said_means_nothing_known(weigher: Weigher, rpo: Term) -> None:
    reading = read(weigher, "RPO is what it says.")
    assert (reading.sense, reading.confidence, reading.because, reading.air) == (None, 0.0, (), "none")
    assert action(reading, rpo) == ("silent", "undecided")


def test_two_senses_of_equal_weight_decide_nothing(weigher: Weigher) -> None:
    reading = read(weigher, "Our RPO knows candidates, and it knows market research.")
    assert not reading.decided
    assert {reading.runner_up, reading.sense} <= {RECRUITMENT, RESEARCH, None}


def test_a_word_said_twice_counts_once(weigher: Weigher) -> None:
    assert read(weigher, "The RPO knows HR, HR and HR.").confidence == read(weigher, "The RPO knows HR.").confidence


def test_a_word_far_away_says_less(weigher: Weigher) -> None:
    near = read(weigher, "The RPO meets HR.")
    far = read(weigher, "The RPO meets us. " + "We had a long walk in the rain. " * 10 + "Then HR came.")
    assert far.confidence < near.confidence


def test_the_longer_cue_hides_the_shorter_one_in_it(weigher: Weigher) -> None:
    assert "backup" not in words(read(weigher, "A backup candidate for the RPO?"))
    assert read(weigher, "A backup candidate for the RPO?").sense == RECRUITMENT
    assert read(weigher, "We hire an RPO for desk research.").sense == RESEARCH


# --------------------------------------------------------------------------- reasons


def test_the_reasons_are_words_of_the_text_the_strongest_first(weigher: Weigher) -> None:
    text = "The HR team wants the RPO to hire welders."
    because = read(weigher, text).because
    assert because[0] == Evidence("RPO to hire", RECRUITMENT, "pattern", 22, 33)
    assert all(text[one.start : one.end] == one.word for one in because)


def test_another_acronym_nearby_is_a_reason_of_its_own_kind(weigher: Weigher) -> None:
    reading = read(weigher, "The RPO is fine, the RTO is not.")
    assert [(one.word, one.kind) for one in reading.because] == [("RTO", "neighbour")]


def test_words_of_buying_are_why_we_ask(weigher: Weigher) -> None:
    reading = read(weigher, "Should we bring in an RPO?")
    assert [(one.word, one.kind, one.sense) for one in reading.because] == [("bring in an RPO", "business", "")]


# --------------------------------------------------------------------------- the text, the thread, the place


def test_a_term_that_the_text_spells_out_needs_nobody(weigher: Weigher, rpo: Term) -> None:
    for text in ("Recruitment process outsourcing (RPO) starts Monday.", "RPO, i.e. recruitment process outsourcing, starts Monday."):
        reading = read(weigher, text)
        assert (reading.sense, reading.defined) == (RECRUITMENT, True)
        assert action(reading, rpo) == ("silent", "spelled out")


def test_a_long_form_that_nobody_listed_wins_over_every_cue(weigher: Weigher, rpo: Term) -> None:
    reading = read(weigher, "Our vendor, the Regional Procurement Office (RPO), hires recruiters.")
    assert (reading.sense, reading.defined, reading.ours) == (None, True, False)
    assert words(reading) == ["Regional Procurement Office"]
    assert action(reading, rpo) == ("silent", "spelled out")


def test_what_the_thread_settled_counts(weigher: Weigher) -> None:
    reading = weigher.readings("And the RPO?", thread_meanings={"RPO": RESEARCH})[0]
    assert (reading.sense, reading.decided) == (RESEARCH, True)
    assert reading.because[0].kind == "thread"


def test_the_name_of_the_channel_counts(weigher: Weigher) -> None:
    reading = weigher.readings("How is the RPO?", place_words="disaster recovery: backups and failover")[0]
    assert reading.sense == RECOVERY
    assert {one.kind for one in reading.because} == {"place"}
    assert weigher.readings("How is the RPO?", place_words="talent acquisition")[0].sense == RECRUITMENT


def test_a_term_means_one_thing_throughout_a_message(weigher: Weigher) -> None:
    first, second = weigher.readings("The RPO is slow. Does the RPO know our recruiters?")
    assert (first.sense, first.confidence) == (second.sense, second.confidence)
    assert (first.mention.start, second.mention.start) == (4, 26)


# --------------------------------------------------------------------------- when to be silent


@pytest.mark.parametrize(
    "text",
    [
        "Necesitamos un RPO para el equipo, pero no hay presupuesto con el proveedor.",
        "Wir brauchen einen RPO Partner, der auch die Verträge mit uns macht.",
        "On cherche un RPO pour les recruteurs, avec des contrats qui sont clairs.",
        "Нам нужен RPO партнёр для найма.",
        "我们需要一个 RPO 供应商来招聘",
    ],
)
def test_other_languages_are_left_alone(weigher: Weigher, rpo: Term, text: str) -> None:
    assert action(read(weigher, text), rpo) == ("silent", "other language")


def test_a_foreign_word_does_not_make_a_foreign_message(weigher: Weigher, rpo: Term) -> None:
    assert action(read(weigher, "Our RPO in São Paulo needs a recruiter para ayer."), rpo)[0] == "note"


@pytest.mark.parametrize(
    "text", ["The RPO pass breaks the compiler.", "Is RPO quicker on the graph?", "RPO, the bug is in the parser module."]
)
def test_an_undecided_term_in_another_trades_talk_is_left_alone(weigher: Weigher, rpo: Term, text: str) -> None:
    assert action(read(weigher, text), rpo)[0] == "silent"


def test_small_letters_are_noted_when_sure_and_never_asked_about(weigher: Weigher, rpo: Term) -> None:
    assert action(read(weigher, "we hired ten people through an rpo, the recruiters were fine"), rpo)[0] == "note"
    assert action(read(weigher, "should we bring in an rpo?"), rpo) == ("silent", "undecided")


def test_a_term_that_is_never_explained_unasked_stays_silent(weigher: Weigher, rpo: Term) -> None:
    reading = read(weigher, "RPO to hire welders")
    assert action(reading, rpo.model_copy(update={"tier": "never"})) == ("silent", "only when asked")


def test_words_that_hush_a_term_silence_it(rules: Rulebook, rpo: Term) -> None:
    hushed = rpo.model_copy(update={"silent": ("off the record",)})
    reading = read(Weigher((hushed,), rules.reading), "Off the record, we need an RPO to hire welders.")
    assert action(reading, hushed) == ("silent", "hushed")


# --------------------------------------------------------------------------- for programs


def test_a_text_explained_is_plain_data(rules: Rulebook) -> None:
    assert explained("An RPO to hire nurses, thanks.", rules) == {
        "mentions": [
            {
                "acronym": "RPO",
                "start": 3,
                "end": 6,
                "action": "note",
                "sense": RECRUITMENT,
                "confidence": 0.993,
                "because": ["RPO to hire", "nurses"],
            }
        ]
    }
    assert explained("Nothing to see.", rules) == {"mentions": []}


def test_rules_are_compiled_once(rules: Rulebook) -> None:
    assert weigher_of(rules) is weigher_of(rules)


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "RPO" * 13_000, "RPO " * 10_000, "hire an RPO of 5 minutes (RPO) " * 1_300, "RPO: " * 8_000]
)
def test_any_text_is_read_without_a_fault(weigher: Weigher, text: str) -> None:
    assert all(0 <= reading.confidence <= 1 for reading in weigher.readings(text))


def test_what_stands_after_thousands_of_characters_still_has_a_reading(weigher: Weigher) -> None:
    readings = weigher.readings("An RPO to hire welders. " + "So it goes. " * 3_000 + "The RPO again, and an LPO for lawyers.")
    assert [reading.sense for reading in readings] == [RECRUITMENT, RECRUITMENT, None]
