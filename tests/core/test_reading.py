"""Which letters of a message are an acronym somebody wrote, and which are not."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import rulefiles
from bot.core.reading import LongForms, Mention, Reader
from bot.core.rulebook import Rulebook
from bot.core.words import Phrases, fold, split
from tests.steps import steps

READER = Reader(rulefiles.load().terms)
"""Hypothesis calls a test many times: fixtures of the session's scope would do, but this is plainer."""


@pytest.fixture(scope="module")
def reader(rules: Rulebook) -> Reader:
    return Reader(rules.terms)


def written(reader: Reader, text: str) -> list[str]:
    return [mention.written for mention in reader.mentions(text)]


# --------------------------------------------------------------------------- what is a mention


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We need an RPO.", ["RPO"]),
        ("RPO?", ["RPO"]),
        ("(RPO)", ["RPO"]),
        ("Two RPOs and an LPO", ["RPOs", "LPO"]),
        ("the RPO's recruiters, the BPOs' agents", ["RPO's", "BPOs'"]),
        ("the RPO’s recruiters", ["RPO’s"]),
        ("an R.P.O. partner", ["R.P.O."]),
        ("cRPO grew faster", ["cRPO"]),
        ("RPO/RTO and BPO/KPO", ["RPO", "RTO", "BPO", "KPO"]),
        ("RPO-led hiring, non-RPO hiring", ["RPO", "RPO"]),
        ("**RPO** or _RPO_", ["RPO", "RPO"]),
        ("RPO: what is it", ["RPO"]),
        ("we wait for the RPO...", ["RPO"]),
        ("RPO=0", ["RPO"]),
        ("🚀RPO🚀", ["RPO"]),
        ("\u200bRPO\u200b", ["RPO"]),
        ("\u200fRPO\u200f שלנו", ["RPO"]),
        ("'BPO & KPO Services'", ["BPO", "KPO"]),
        ("recruiters/RPO, whoever is quicker", ["RPO"]),
    ],
)
def test_a_whole_word_in_prose_is_a_mention(reader: Reader, text: str, found: list[str]) -> None:
    assert written(reader, text) == found


@pytest.mark.parametrize(
    "text",
    [
        "XRPO and RPOX",
        "RPO2 and RPO_MAX and MAX_RPO",
        "RPO-1234 waits",
        "RPO() and foo.RPO and RPO.foo and RPO::new",
        "rpo=5 and RPO=fast",
        "Akakpo, Corpo, valpo",
        "$RPO and --RPO and {{RPO.name}}",
        "@RPO and #RPO and team#RPO",
        "rpo@example.org and RPO@example.org",
        "https://example.org/RPO?x=1 and www.RPO.org",
        "docs/RPO/plan.md and /srv/RPO and C:\\RPO\\a and RPO.docx",
        "R.P. Opfer wrote it",
        "RP O",
        "R\u200bPO",
        "l'RPO",
    ],
)
def test_identifiers_names_and_addresses_are_no_mentions(reader: Reader, text: str) -> None:
    assert written(reader, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "set `RPO` here",
        "set ``the RPO value`` here",
        "```\nRPO partner\n```",
        "```the RPO that nobody closed",
        "~~~\nRPO\n~~~",
        "<RPO|x> <a title=RPO>",
        "> We need an RPO partner.",
        "&gt; We need an RPO partner.",
        'He said "we need an RPO" and left.',
        "She wrote: “An RPO would do.”",
        '"We need an RPO partner."',
        'The slide "Why we need an RPO now" is mine.',
        "«On a besoin d'un RPO ici»",
        "| provider | RPO | cost |",
        "+ an RPO partner();",
        "@@ -1,4 +1,4 @@ RPO",
        "2026-11-21 09:00:00 INFO RPO started",
        "[ERROR] RPO failed",
        "// the RPO comes first",
        "#define RPO 5",
        "const x = RPO;",
        "if RPO then {",
        "Subject unknown\nFrom: RPO team",
        "See you.\n\nBest regards,\nJane Doe\nHead of RPO",
        "See you.\n-- \nJane, RPO lead",
        "WE NEED AN RPO PARTNER RIGHT NOW",
    ],
)
def test_code_quotations_logs_tables_signatures_and_shouting_are_no_prose(reader: Reader, text: str) -> None:
    assert written(reader, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Our RPO uses `curl` and ``jq``.",
        "An unmatched ` before the RPO",
        "An unmatched < before the RPO",
        'An unmatched " before the RPO',
        "> quoted\nThe RPO is ours.",
        'The "best" RPO in town',
        'services: ["KPO, data entry and BPO services of all kinds", "consulting"]',
        "Best regards to the RPO from all of us here",
        "BPO & KPO SERVICES",
    ],
)
def test_what_stands_around_code_and_quotations_is_prose(reader: Reader, text: str) -> None:
    assert written(reader, text)


def test_small_letters_after_an_article_are_a_mention(reader: Reader) -> None:
    assert written(reader, "should we hire an rpo or the kpo?") == ["rpo", "kpo"]
    assert written(reader, "rpo = traverse(cfg); our_rpo") == []
    assert written(reader, "see rpo and bpo") == []


def test_a_mention_says_which_term_and_where(reader: Reader) -> None:
    assert reader.mentions("Two RPOs, one cRPO") == (
        Mention("RPO", 4, 8, "RPOs"),
        Mention("RPO", 14, 18, "cRPO"),
    )


# --------------------------------------------------------------------------- long forms in the text


@pytest.mark.parametrize(
    ("text", "definition"),
    [
        ("the Regional Planning Office (RPO)", "Regional Planning Office"),
        ("RPO (Royal Philharmonic Orchestra) tonight", "Royal Philharmonic Orchestra"),
        ("RPO, i.e. recruitment process outsourcing", "recruitment process outsourcing"),
        ("RPO stands for Regional Passport Office", "Regional Passport Office"),
        ("RPO = run-pass option", "run-pass option"),
        ("RPO: Railway Post Office", "Railway Post Office"),
        ("RPO - Railway Post Office", "Railway Post Office"),
        ("a reverse postorder (RPO) walk", "reverse postorder"),
        ("our Risk and Policy Office (the RPO)", "Risk and Policy Office"),
        ("RPO means research process outsourcing", "research process outsourcing"),
    ],
)
def test_a_long_form_beside_the_letters_defines_them(reader: Reader, text: str, definition: str) -> None:
    assert [mention.definition for mention in reader.mentions(text)] == [definition]


@pytest.mark.parametrize("text", ["our recruiters (RPO)", "RPO (we pay them)", "RPO - really?", "RPO: please read", "(RPO)", "RPO = 15"])
def test_other_words_beside_the_letters_define_nothing(reader: Reader, text: str) -> None:
    assert [mention.definition for mention in reader.mentions(text)] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "recruitment process outsourcing",
        "Recruitment-Process Outsourcing.",
        "Which recruiting process outsourcings do you know?",
        "RECRUITMENT (process) 'outsourcing'",
        "to hire process outsourcers is to hire process outsourcing",
    ],
)
def test_a_long_form_is_known_wherever_it_stands(reader: Reader, text: str) -> None:
    assert ("RPO", "recruitment_process_outsourcing") in reader.spelled_out(text)


def test_single_words_of_a_long_form_spell_nothing_out(reader: Reader) -> None:
    assert reader.spelled_out("recruitment, a process, outsourcing") == frozenset()
    assert reader.spelled_out("") == frozenset()


TERMS = rulefiles.load().terms
NAMES = sorted({name for term in TERMS for sense in term.senses for name in (sense.name, *sense.also)})
ALL_PHRASES: Phrases[tuple[str, str]] = Phrases()
for _term, _sense in ((term, sense) for term in TERMS for sense in term.senses):
    for _name in (_sense.name, *_sense.also):
        ALL_PHRASES.add(_name, (_term.term, _sense.id))
FEW = {term.term: LongForms([term]) for term in TERMS}

ODD = "KſİıßéσςǅΣ’'_-.,;*()2\n\u200b\u0307"


ENDINGS = ("", "", "s", "es", "ies", "ed", "d", "ing", "S", "ING", "'s", "’s", "s'", "er", "y", "e")
BETWEEN = (" ", " ", " ", "-", "  ", "''", " (", "/", "_", "* ", "4", " 4", ", ", ". ", "\n", "’’", "'", " the ")
AROUND = st.text(st.sampled_from("pz q'’4_İs"), max_size=6)


@st.composite
def nearly_long_forms(draw: st.DrawFn) -> str:
    """The words of long forms as people and others might write them: in any case, with any ending, with whatever stands between."""
    pieces: list[str] = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2)):
        for one in name.split():
            cased = draw(st.sampled_from((one, fold(one), one.lower(), one.upper(), one.title(), one.swapcase())))
            word = cased + draw(st.sampled_from(ENDINGS))
            at = draw(st.integers(0, 8 * len(word)))  # mostly beyond its end
            pieces += [word[:at], draw(st.sampled_from(ODD)) if at < len(word) else "", word[at:], draw(st.sampled_from(BETWEEN))]
    return draw(AROUND) + "".join(pieces) + draw(AROUND)


@settings(max_examples=600)
@example("4business process outsourcing and global capabilities centers")
@given(nearly_long_forms())
def test_the_first_look_for_long_forms_never_misses_one(text: str) -> None:
    every = {pair for match in ALL_PHRASES.find(split(text)) for pair in match.found}
    assert READER.spelled_out(text) == every
    for term in {term for term, _ in every}:
        assert FEW[term].find(text) == {pair for pair in every if pair[0] == term}


# --------------------------------------------------------------------------- the first stage


def test_the_first_stage_lets_every_mention_pass(reader: Reader) -> None:
    for text in ("an RPO", "R.P.O. here", "cRPO", "take an rpo", "RPOs", "RPO..."):
        assert reader.might_matter(text)


def test_the_first_stage_stops_ordinary_messages(reader: Reader) -> None:
    for text in ("", "Lunch at 12? The API is down again, ask SRE.", "purpose, corporate, airport"):
        assert not reader.might_matter(text)


# --------------------------------------------------------------------------- hostile texts

HOSTILE = [
    *("<", "<a ", "`", "` ", "```", '"', '"RPO" ', "“", "«RPO ", "|RPO|", "> RPO\n", "\n", "\u200b", "é", "-", "=", ". ", "1,", "A", "AB "),
    *("RPO ", "RPO/", "RPO.", "RPO\n", "RPO: ", "RPO's ", "@RPO ", "/RPO", "(RPO ", "RPO (a ", "R.", "R.P.O.", " rpo ", " an rpo "),
    *("need an RPO ", "\tat x("),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_doubling_a_hostile_text_at_most_doubles_the_steps(reader: Reader, piece: str) -> None:
    texts = [(piece * 40_000)[:size] + " RPO" for size in (10_000, 20_000)]
    once, twice = (steps(lambda t=text: (reader.mentions(t), reader.spelled_out(t))) for text in texts)  # type: ignore[misc]
    assert twice <= 2 * once + 500


@given(st.text(alphabet=st.sampled_from(list("RPOrpocL s.'`\"<>|()/\n@#_-=1é“”"))))
def test_whatever_is_written_mentions_are_words_of_it_in_order(text: str) -> None:
    mentions = READER.mentions(text)
    assert all(text[mention.start : mention.end] == mention.written for mention in mentions)
    assert all(before.end <= after.start for before, after in pairwise(mentions))
    assert not mentions or READER.might_matter(text)
