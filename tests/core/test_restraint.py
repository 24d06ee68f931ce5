"""When Spellout holds back although there is something to say, and what a channel is used to."""

from typing import Any

import pytest

from bot.core.brain import Brain
from bot.core.manners import DAY, Manners
from bot.core.memory import Channel, House, Memory, Mode, Person, Thread
from bot.core.messages import Place, Pressed, Said
from bot.core.restraint import (
    CONFIRMED_COUNTS,
    FADES_AT,
    HABIT,
    counted,
    dismiss,
    forget_remark,
    habits,
    held_back,
    spoke,
    spoken_today,
    would_have,
)
from bot.core.rulebook import Rulebook
from bot.core.turn import Turn
from bot.core.wording import REASONS

NOON = 20_000 * DAY + DAY // 2
MINUTE = 60
HERE, ELSEWHERE = Place("chat", "T1", "C1", "m1"), Place("chat", "T1", "C2", "m9")
VERDICTS = ("ask", "note", "explain")
RECRUITMENT, RESEARCH = "recruitment_process_outsourcing", "research_process_outsourcing"


@pytest.fixture(scope="module")
def manners(rules: Rulebook) -> Manners:
    """Three remarks a day, ten minutes for the same person, ninety days for an explanation, quiet after three dismissals in thirty days."""
    return Manners(
        rules.manners.model_copy(
            update={
                "replies_a_day": 3,
                "same_person_again_after_minutes": 10,
                "explain_again_after_days": 90,
                "dismissals_before_quiet": 3,
                "dismissals_within_days": 30,
            }
        )
    )


def turn(
    place: Place = HERE, now: int = NOON, *, channel: Channel | None = None, who: Person | None = None, outsider: bool = False
) -> Turn:
    """Maya's turn."""
    return Turn(place, "maya", now, Thread(), channel or Channel(), who or Person(), outsider=outsider)


# --------------------------------------------------------------------------- holding back


@pytest.mark.parametrize(
    ("mode", "said"),
    [("helpful", {"ask", "note", "explain"}), ("unclear", {"ask"}), ("asked", set()), ("off", set())],
)
def test_a_mode_says_what_it_promises(mode: Mode, said: set[str], manners: Manners) -> None:
    channel = Channel(mode=mode)
    held = {verdict: held_back(turn(channel=channel), "RPO", verdict, False, manners) for verdict in VERDICTS}
    assert held == {verdict: "" if verdict in said else "mode" for verdict in VERDICTS}


@pytest.mark.parametrize(
    ("channel", "who", "verdict", "outside", "reason"),
    [
        ({}, {}, "ask", False, ""),
        ({}, {}, "ask", True, "other company"),
        ({"with_others": True}, {}, "ask", True, ""),
        ({}, {"dismissed": {"RPO": 1}}, "ask", False, "dismissed"),
        ({}, {"dismissed": {"BPO": 1}}, "ask", False, ""),
        ({"explained": {"RPO": NOON - 90 * DAY + 1}}, {}, "explain", False, "explained before"),
        ({"explained": {"RPO": NOON - 90 * DAY}}, {}, "explain", False, ""),
        ({"explained": {"RPO": NOON - 1}}, {}, "ask", False, ""),
        ({"explained": {"BPO": NOON - 1}}, {}, "explain", False, ""),
        ({}, {"met": {"C1 RPO ask": NOON - 10 * MINUTE + 1}}, "ask", False, "said lately"),
        ({}, {"met": {"C1 RPO ask": NOON - 10 * MINUTE}}, "ask", False, ""),
        ({}, {"met": {"C1 RPO ask": NOON}}, "note", False, ""),
        ({}, {"met": {"C2 RPO ask": NOON}}, "ask", False, ""),
        ({"day": NOON // DAY, "spoken": 2}, {}, "ask", False, ""),
        ({"day": NOON // DAY, "spoken": 3}, {}, "ask", False, "budget"),
        ({"day": NOON // DAY - 1, "spoken": 3}, {}, "ask", False, ""),
        ({"mode": "off", "day": NOON // DAY, "spoken": 3}, {"dismissed": {"RPO": 1}}, "ask", True, "mode"),
    ],
)
def test_the_first_rule_that_holds_is_the_reason(
    channel: dict[str, Any], who: dict[str, Any], verdict: str, outside: bool, reason: str, manners: Manners
) -> None:
    assert held_back(turn(channel=Channel(**channel), who=Person(**who)), "RPO", verdict, outside, manners) == reason
    assert not reason or reason.replace(" ", "_") in REASONS


def test_what_was_said_counts_for_the_day_the_person_and_the_channel(manners: Manners) -> None:
    maya = turn()
    spoke(maya, "BPO", "explain", manners)
    assert (spoken_today(maya.channel, NOON), maya.channel.explained, maya.who.met) == (1, {"BPO": NOON}, {"C1 BPO explain": NOON})
    spoke(maya, "RPO", "ask", manners)
    assert (spoken_today(maya.channel, NOON), maya.channel.explained) == (2, {"BPO": NOON})


def test_a_new_day_begins_with_the_whole_budget(manners: Manners) -> None:
    channel = Channel(day=NOON // DAY, spoken=3)
    tomorrow = turn(now=NOON + DAY, channel=channel)
    assert spoken_today(channel, NOON + DAY // 2 - 1) == 3
    assert spoken_today(channel, NOON + DAY // 2) == 0
    spoke(tomorrow, "RPO", "ask", manners)
    assert (tomorrow.channel.day, tomorrow.channel.spoken) == (NOON // DAY + 1, 1)


def test_what_a_person_was_told_is_remembered_only_as_long_as_it_matters(manners: Manners) -> None:
    maya = turn(who=Person(met={"C1 BPO ask": NOON - 10 * MINUTE, "C2 KPO ask": NOON - 9 * MINUTE}))
    spoke(maya, "RPO", "ask", manners)
    assert set(maya.who.met) == {"C2 KPO ask", "C1 RPO ask"}


def test_what_is_taken_back_may_be_said_again(manners: Manners) -> None:
    maya = turn()
    for _ in range(3):
        spoke(maya, "BPO", "explain", manners)
    assert held_back(maya, "BPO", "explain", False, manners) == "explained before"
    forget_remark(maya, "BPO")
    assert held_back(maya, "BPO", "explain", False, manners) == ""
    assert spoken_today(maya.channel, NOON) == 2


def test_taking_back_yesterday_s_remark_gives_today_nothing() -> None:
    maya = turn(channel=Channel(day=NOON // DAY - 1, spoken=3))
    forget_remark(maya, "RPO")
    assert spoken_today(maya.channel, NOON) == 0


# --------------------------------------------------------------------------- the shadow


def test_the_shadow_counts_with_the_restraint_that_speaking_would_have_had(manners: Manners) -> None:
    maya = turn(channel=Channel(shadow=True))
    would_have(maya, "RPO", "ask", manners)
    assert (maya.channel.would, maya.thread.shadowed, maya.channel.explained) == ({"ask RPO": 1}, ("RPO",), {})
    assert held_back(maya, "RPO", "ask", False, manners) == "said lately"
    for term in ("BPO", "KPO"):
        would_have(maya, term, "explain", manners)
        would_have(maya, term, "explain", manners)
    assert maya.channel.would == {"ask RPO": 1, "explain BPO": 1, "explain KPO": 1}
    assert held_back(maya, "LPO", "explain", False, manners) == "budget"


# --------------------------------------------------------------------------- dismissals


def test_a_dismissal_is_the_person_s_own_and_of_one_term(manners: Manners) -> None:
    maya = turn()
    assert not dismiss(maya, "RPO", manners)
    assert maya.who.dismissed == {"RPO": NOON}
    assert (maya.channel.mode, maya.channel.dismissed) == ("helpful", (NOON,))


@pytest.mark.parametrize(
    ("before", "mode", "quiet"),
    [
        ((NOON - 1,), "helpful", False),
        ((NOON - 2, NOON - 1), "helpful", True),
        ((NOON - 2, NOON - 1), "unclear", True),
        ((NOON - 2, NOON - 1), "asked", False),
        ((NOON - 2, NOON - 1), "off", False),
        ((NOON - 30 * DAY, NOON - 1), "helpful", False),
        ((NOON - 30 * DAY + 1, NOON - 1), "helpful", True),
    ],
)
def test_a_channel_goes_quiet_after_several_dismissals_within_a_while(
    before: tuple[int, ...], mode: Mode, quiet: bool, manners: Manners
) -> None:
    maya = turn(channel=Channel(mode=mode, dismissed=before))
    assert dismiss(maya, "RPO", manners) is quiet
    assert maya.channel.quiet is quiet
    assert maya.channel.mode == ("asked" if quiet else mode)
    assert (maya.channel.dismissed == ()) is quiet


def test_the_same_wish_twice_counts_once(manners: Manners) -> None:
    maya = turn(channel=Channel(dismissed=(NOON - 2, NOON - 1)), who=Person(dismissed={"RPO": 1}))
    assert not dismiss(maya, "RPO", manners)
    assert (maya.who.dismissed, maya.channel.mode) == ({"RPO": NOON}, "helpful")


def test_people_of_another_company_are_spared_and_do_not_silence_the_channel(manners: Manners) -> None:
    rosa = turn(channel=Channel(dismissed=(NOON - 2, NOON - 1)), outsider=True)
    assert not dismiss(rosa, "RPO", manners)
    assert rosa.who.dismissed == {"RPO": NOON}
    assert (rosa.channel.mode, rosa.channel.dismissed) == ("helpful", (NOON - 2, NOON - 1))


# --------------------------------------------------------------------------- what a channel is used to


def test_counts_of_a_term_fade_so_that_a_channel_can_change_its_mind() -> None:
    counts = {"RPO": {"recovery": FADES_AT - 1, "research": 1}, "KPO": {"knowledge": 90}}
    faded = counted(counts, "RPO", "recruitment")
    assert faded == {"RPO": {"recovery": (FADES_AT - 1) // 2}, "KPO": {"knowledge": 90}}
    for _ in range(FADES_AT):
        faded = counted(faded, "RPO", "recruitment")
    assert faded["RPO"]["recruitment"] > faded["RPO"]["recovery"]
    assert sum(faded["RPO"].values()) <= FADES_AT


def test_counting_changes_nothing_that_was_counted_before() -> None:
    counts = {"RPO": {"recovery": 1}}
    counted(counts, "RPO", "recovery")
    assert counts == {"RPO": {"recovery": 1}}


@pytest.mark.parametrize(
    ("heard", "confirmed", "habit"),
    [
        ({}, {}, None),
        ({"recruitment": HABIT - 1}, {}, None),
        ({"recruitment": HABIT}, {}, "recruitment"),
        ({"recruitment": 8, "research": 2}, {}, "recruitment"),
        ({"recruitment": 7, "research": 2}, {}, None),
        ({}, {"research": 1}, None),
        ({}, {"research": HABIT // CONFIRMED_COUNTS + 1}, "research"),
        ({"recruitment": 3}, {"research": 1}, None),
        ({"recruitment": 8}, {"research": 1}, "recruitment"),
        ({"recruitment": 4}, {"recruitment": 2, "research": 1}, "recruitment"),
    ],
)
def test_a_habit_is_what_nearly_all_messages_and_people_agree_on(
    heard: dict[str, int], confirmed: dict[str, int], habit: str | None
) -> None:
    channel = Channel(heard={"RPO": heard}, confirmed={"RPO": confirmed})
    assert habits(channel) == ({"RPO": habit} if habit else {})


def test_terms_have_habits_of_their_own() -> None:
    channel = Channel(heard={"RPO": {"recruitment": 3}, "KPO": {"knowledge": 2}}, confirmed={"LPO": {"legal": 2}})
    assert habits(channel) == {"RPO": "recruitment", "LPO": "legal"}


# --------------------------------------------------------------------------- through the brain, over time


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def say(brain: Brain, memory: Memory, text: str, now: int, message: str) -> tuple[Memory, list[str]]:
    """What is said to a new message, and what is remembered of its channel and person."""
    place = Place("chat", "T1", "C1", message)
    decision = brain.decide(Said(place, "maya", text, (), message=message), place, memory.model_copy(update={"thread": Thread()}), now)
    return decision.memory, [reply.fallback for reply in decision.replies]


def test_a_term_is_explained_once_in_a_channel_and_again_after_the_configured_time(brain: Brain, rules: Rulebook) -> None:
    days = rules.manners.explain_again_after_days
    memory = Memory()
    spoken = []
    for number, at in enumerate((NOON, NOON + DAY, NOON + days * DAY - 1, NOON + days * DAY)):
        memory, said = say(brain, memory, "Our BPO vendor wants a new contract.", at, f"m{number}")
        spoken.append(len(said))
    assert spoken == [1, 0, 0, 1]


def test_the_same_person_is_asked_again_after_a_while(brain: Brain, rules: Rulebook) -> None:
    pause = rules.manners.same_person_again_after_minutes * MINUTE
    memory = Memory()
    spoken = []
    for number, at in enumerate((NOON, NOON + pause - 1, NOON + pause)):
        memory, said = say(brain, memory, "Should we bring in an RPO for the Q3 push?", at, f"m{number}")
        spoken.append(len(said))
    assert spoken == [1, 0, 1]


def test_the_budget_of_a_day_is_spent_and_comes_back(brain: Brain, rules: Rulebook) -> None:
    memory = Memory(channel=Channel(day=NOON // DAY, spoken=rules.manners.replies_a_day - 1))
    memory, said = say(brain, memory, "Our BPO vendor wants a new contract.", NOON, "m1")
    assert said
    memory, said = say(brain, memory, "Our KPO vendor wants a new contract.", NOON, "m2")
    assert not said
    assert memory.channel.lately[-1].reason == "budget"
    _, said = say(brain, memory, "Our KPO vendor wants a new contract.", NOON + DAY, "m3")
    assert said


def test_what_a_channel_always_meant_leads_where_a_message_does_not_say(brain: Brain) -> None:
    undecided = "Should we bring in an RPO for the Q3 push?"
    usual = Memory(channel=Channel(heard={"RPO": {RECRUITMENT: 30}}))
    asked, _ = say(brain, Memory(), undecided, NOON, "m1")
    led, _ = say(brain, usual, undecided, NOON, "m1")
    assert (asked.channel.lately[-1].sense, led.channel.lately[-1].sense) == ("", RECRUITMENT)


def test_a_meaning_of_the_channel_that_the_rules_no_longer_have_silences_nothing(brain: Brain) -> None:
    gone = Memory(channel=Channel(house={"RPO": House(sense="rapid_plastic_oxidation", by="maya", at=1)}))
    _, said = say(brain, gone, "Should we bring in an RPO for the Q3 push?", NOON, "m1")
    assert "Which one do you mean?" in said[0]


def test_a_press_by_somebody_of_another_company_is_no_confirmation_of_the_channel(brain: Brain) -> None:
    place = Place("chat", "T1", "C1", "m1")
    memory, _ = say(brain, Memory(channel=Channel(with_others=True)), "Should we bring in an RPO for the Q3 push?", NOON, "m1")
    for outsider, confirmed in ((True, {}), (False, {"RPO": {RESEARCH: 1}})):
        press = Pressed(place, "rosa", f"mean:RPO:{RESEARCH}", (), outsider=outsider)
        decided = brain.decide(press, place, memory, NOON)
        assert decided.memory.thread.meanings["RPO"].sense == RESEARCH
        assert decided.memory.channel.confirmed == confirmed
