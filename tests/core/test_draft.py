"""What there is to put right in a draft."""

import pytest

from bot.core.draft import Finding, findings
from bot.core.rulebook import Rulebook
from bot.core.terms import Cues, Example, Sense, Term

RECRUITMENT, RECOVERY = "recruitment_process_outsourcing", "recovery_point_objective"


def one(rules: Rulebook, *passages: str) -> Finding:
    (finding,) = findings(passages, rules)
    return finding


def known_to_all(senses: int = 1) -> Term:
    """A term of no outsourcing trade that is explained only when somebody asks."""
    names = ["quick zebra index", "quiet zone inspection"][:senses]
    return Term(
        term="QZI",
        about="An acronym made up for tests.",
        tier="never",
        senses=tuple(
            Sense(id=name.replace(" ", "_"), name=name, means="Nothing.", label=name, cues=Cues(decisive=(name[:5],)), source="own")
            for name in names
        ),
        examples=(Example(say="The QZI.", expect="silent"), Example(say="A QZI.", expect="silent")),
    )


def with_term(rules: Rulebook, term: Term) -> Rulebook:
    return rules.model_copy(update={"terms": (*rules.terms, term)})


# --------------------------------------------------------------------------- spelled out or not


def test_a_draft_without_acronyms_has_nothing_to_put_right(rules: Rulebook) -> None:
    assert findings(["We hire nurses.", ""], rules) == ()
    assert findings([], rules) == ()


def test_an_acronym_that_is_never_spelled_out_is_found_at_its_first_use(rules: Rulebook) -> None:
    finding = one(rules, "Hello.", "We want an RPO to hire 40 nurses.", "The RPO starts on Monday.")
    assert (finding.kind, finding.term, finding.spot.passage, finding.spot.at) == ("unspelled", "RPO", 1, 11)
    assert (finding.sense, finding.names) == (RECRUITMENT, ("recruitment process outsourcing",))
    assert "nurses" in finding.because


@pytest.mark.parametrize(
    "passages",
    [
        ["We plan recruitment process outsourcing (RPO) for nurses.", "The RPO starts on Monday."],
        ["The RPO (recruitment process outsourcing) hires nurses."],
        ["“RPO” means recruitment process outsourcing in this paper."],
        ["We plan recruitment process outsourcing.", "Then the RPO to hire nurses starts."],
        ["We plan Recruiting Process Outsourcing for nurses. An RPO hires them."],
    ],
    ids=["before", "after", "means", "earlier paragraph", "other long form"],
)
def test_a_long_form_before_the_letters_or_in_their_sentence_is_enough(rules: Rulebook, passages: list[str]) -> None:
    assert findings(passages, rules) == ()


def test_a_long_form_that_comes_too_late_is_named_with_its_place(rules: Rulebook) -> None:
    finding = one(rules, "We want an RPO to hire nurses.", "To be clear, this is recruitment process outsourcing (RPO).")
    assert (finding.kind, finding.spot.passage) == ("later", 0)
    assert finding.other is not None
    assert (finding.other.passage, finding.other.at) == (1, 21)


def test_a_long_form_in_the_next_sentence_comes_too_late_too(rules: Rulebook) -> None:
    finding = one(rules, "We want an RPO to hire nurses. Recruitment process outsourcing takes time.")
    assert finding.kind == "later"
    assert finding.other is not None
    assert (finding.other.passage, finding.other.at) == (0, 31)


def test_each_acronym_is_found_in_the_order_of_the_draft(rules: Rulebook) -> None:
    found = findings(["A KPO for equity research, and an RPO to hire nurses.", "A BPO vendor runs payroll."], rules)
    assert [finding.term for finding in found] == ["KPO", "RPO", "BPO"]


# --------------------------------------------------------------------------- what it means here


def test_an_undecided_acronym_asks_which_of_our_meanings(rules: Rulebook) -> None:
    finding = one(rules, "Should we bring in an RPO for the Q3 push?")
    assert (finding.kind, finding.sense) == ("undecided", None)
    assert finding.names == ("recruitment process outsourcing", "research process outsourcing")


def test_the_paragraphs_around_it_decide_what_one_alone_does_not(rules: Rulebook) -> None:
    finding = one(
        rules, "Our recruiters cannot fill the vacancies, and candidates wait.", "Should we bring in an RPO?", "Hiring managers ask."
    )
    assert (finding.sense, finding.spot.passage) == (RECRUITMENT, 1)


def test_what_the_rest_of_the_draft_means_decides_a_first_use_that_says_nothing(rules: Rulebook) -> None:
    filler = ["Nothing of interest stands in this paragraph, and it is long enough to keep others at a distance. " * 9] * 2
    finding = one(rules, "Should we bring in an RPO?", *filler, "The RPO to hire 40 nurses is late.")
    assert (finding.kind, finding.sense, finding.spot.passage) == ("unspelled", RECRUITMENT, 0)


def test_an_acronym_of_another_trade_is_to_be_spelled_out_as_that(rules: Rulebook) -> None:
    finding = one(rules, "Our RPO is 15 minutes in case of a failover.")
    assert (finding.kind, finding.sense) == ("unspelled", RECOVERY)


def test_a_long_form_that_nobody_listed_is_the_drafts_own(rules: Rulebook) -> None:
    assert findings(["The Royal Puppet Orchestra (RPO) plays.", "Everybody likes the RPO."], rules) == ()
    finding = one(rules, "Everybody likes the RPO.", "The Royal Puppet Orchestra (RPO) plays.")
    assert (finding.kind, finding.sense, finding.names) == ("later", None, ("Royal Puppet Orchestra",))


def test_two_of_our_long_forms_in_one_paragraph_are_no_long_form_of_the_drafts_own(rules: Rulebook) -> None:
    text = "Recruitment process outsourcing and research process outsourcing are both called RPO."
    assert findings([text, "Ask the RPO."], rules) == ()


def test_a_variant_is_named_as_it_is_written(rules: Rulebook) -> None:
    finding = one(rules, "The cRPO grew, and so did contracted revenue.")
    assert (finding.term, finding.written, finding.names) == ("RPO", "cRPO", ("remaining performance obligations",))


def test_meanings_that_are_written_the_same_are_one_and_their_field_is_not_written(rules: Rulebook) -> None:
    term = known_to_all(senses=2)
    first, second = (
        sense.model_copy(update={"name": f"quick zebra index ({field})"}) for sense, field in zip(term.senses, ("zoo", "law"), strict=True)
    )
    more = with_term(rules, term.model_copy(update={"senses": (first, second)}))
    finding = one(more, "A quick QZI.", "A quiet QZI.")
    assert (finding.kind, finding.names) == ("unspelled", ("quick zebra index",))


# --------------------------------------------------------------------------- two meanings in one draft


def test_two_meanings_in_one_draft_are_told_where_the_second_begins(rules: Rulebook) -> None:
    finding = one(
        rules,
        "We plan recruitment process outsourcing (RPO) for nurses.",
        "As for backups, the RPO is 15 minutes in case of a failover.",
        "An RPO of 15 minutes is enough.",
    )
    assert (finding.kind, finding.sense, finding.spot.passage, finding.spelled) == ("second", RECOVERY, 1, False)
    assert finding.other is not None
    assert (finding.other_name, finding.other.passage, finding.other.at) == ("recruitment process outsourcing", 0, 41)


def test_two_meanings_are_told_although_both_are_spelled_out(rules: Rulebook) -> None:
    finding = one(
        rules,
        "We plan recruitment process outsourcing (RPO) for nurses.",
        "As for backups, the recovery point objective (RPO) is 15 minutes in case of a failover.",
    )
    assert (finding.kind, finding.spelled) == ("second", True)


def test_a_use_that_could_be_either_of_the_drafts_two_meanings_asks_which(rules: Rulebook) -> None:
    filler = ["Nothing of interest stands in this paragraph, and it is long enough to keep others at a distance. " * 9] * 2
    found = findings(
        ["Everybody asks about the RPO.", *filler, "The RPO to hire nurses.", *filler, "An RPO of 15 minutes in case of a failover."], rules
    )
    assert [finding.kind for finding in found] == ["undecided", "unspelled", "second"]
    assert set(found[0].names) == {"recruitment process outsourcing", "recovery point objective"}


# --------------------------------------------------------------------------- what everybody knows, and what is no acronym


def test_an_acronym_that_everybody_knows_is_told_only_when_all_are_wanted(rules: Rulebook) -> None:
    more = with_term(rules, known_to_all())
    assert findings(["The QZI rose."], more) == ()
    (finding,) = findings(["The QZI rose."], more, everything=True)
    assert (finding.kind, finding.names) == ("unspelled", ("quick zebra index",))


def test_an_acronym_with_two_meanings_is_told_whatever_its_trade(rules: Rulebook) -> None:
    finding = one(with_term(rules, known_to_all(senses=2)), "The QZI rose.")
    assert (finding.kind, finding.names) == ("undecided", ("quick zebra index", "quiet zone inspection"))


@pytest.mark.parametrize(
    "text", ["See `RPO`.", "Write to rpo-team@example.org.", "THE CORPORATE RPO POLICY OF TODAY", "Ticket RPO-1234 is closed."], ids=str
)
def test_letters_that_are_no_acronym_are_left_alone(rules: Rulebook, text: str) -> None:
    assert findings([text], rules) == ()


def test_a_long_draft_is_checked_in_a_moment(rules: Rulebook) -> None:
    found = findings(["We want an RPO to hire nurses, and the plan is good. " * 20] * 100, rules)
    assert len(found) == 1
