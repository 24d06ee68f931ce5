"""What people set: only what a window offered can be changed by it, however old it is and whoever sends it."""

from collections.abc import Mapping

import pytest

from bot.core.brain import Brain
from bot.core.memory import Channel, House, Memory, Person
from bot.core.messages import Commanded, Field, Place, Reply, Submitted
from bot.core.rulebook import Rulebook

HERE = Place("chat", "T1", "C1", "new-1")
DIRECT = Place("chat", "T1", "Dmaya", "dm", direct=True)
NOW = 1_790_000_000
BPO, KPO = "business_process_outsourcing", "knowledge_process_outsourcing"
ALL: dict[str, tuple[str, ...]] = {"mode": ("helpful", "unclear", "asked", "off"), "more": ("shadow", "with_others")}


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def house(**meanings: str) -> dict[str, House]:
    """Meanings of the channel."""
    return {term: House(sense=sense, by="jonas", at=1) for term, sense in meanings.items()}


def opened(brain: Brain, memory: Memory, place: Place = HERE, *, outsider: bool = False) -> Reply:
    """What `/spellout settings` shows."""
    (reply,) = brain.decide(Commanded(place, "maya", "settings", (), outsider=outsider), place, memory, NOW).replies
    return reply


def fields(window: Reply) -> dict[str, Field]:
    """The fields of a window."""
    return {part.id: part for part in window.parts if isinstance(part, Field)}


def saved(
    brain: Brain,
    memory: Memory,
    values: Mapping[str, tuple[str, ...]],
    offered: Mapping[str, tuple[str, ...]],
    place: Place = HERE,
    *,
    outsider: bool = False,
) -> Memory:
    """What is remembered after the window was sent off; it is always answered with one whisper."""
    event = Submitted(place, "maya", "settings", values, (), offered=offered, outsider=outsider)
    decision = brain.decide(event, place, memory, NOW)
    assert [(reply.surface, reply.to) for reply in decision.replies] == [("whisper", "maya")]
    return decision.memory


def test_a_window_shows_what_is_set(brain: Brain) -> None:
    channel = Channel(mode="unclear", shadow=True, house=house(BPO=BPO), set_by="jonas", would={"ask RPO": 2})
    shown = fields(opened(brain, Memory(channel=channel, person=Person(dismissed={"KPO": 1}))))
    assert {name: field.chosen for name, field in shown.items()} == {
        "mode": ("unclear",),
        "more": ("shadow",),
        "house": ("BPO",),
        "dismissed": ("KPO",),
    }


def test_what_is_chosen_is_taken_over_with_who_chose_it(brain: Brain) -> None:
    before = Memory(channel=Channel(quiet=True, mode="asked", dismissed=(NOW,)))
    after = saved(brain, before, {"mode": ("off",), "more": ("with_others",)}, ALL).channel
    assert (after.mode, after.shadow, after.with_others, after.set_by) == ("off", False, True, "maya")
    assert (after.quiet, after.dismissed) == (False, ())


def test_what_came_after_the_window_was_opened_stays(brain: Brain) -> None:
    now = Memory(channel=Channel(house=house(BPO=BPO, KPO=KPO)), person=Person(dismissed={"RPO": 1, "LPO": 2}))
    old_window = ALL | {"house": ("BPO",), "dismissed": ("RPO",)}
    after = saved(brain, now, {"mode": ("helpful",), "more": (), "house": (), "dismissed": ()}, old_window)
    assert set(after.channel.house) == {"KPO"}
    assert set(after.person.dismissed) == {"LPO"}


def test_more_than_a_window_shows_is_not_lost_by_saving_it(brain: Brain) -> None:
    terms = [f"T{number:02}" for number in range(14)]
    memory = Memory(person=Person(dismissed=dict.fromkeys(terms, 1)))
    shown = fields(opened(brain, memory))["dismissed"]
    offered = tuple(choice.id for choice in shown.options)
    after = saved(brain, memory, {"dismissed": offered[1:]}, {"dismissed": offered})
    assert len(offered) == 10
    assert set(after.person.dismissed) == set(terms) - {offered[0]}


@pytest.mark.parametrize("values", [{}, {"mode": ("root",)}, {"mode": (), "more": ("sudo",)}, {"?": ("off",)}])
def test_what_was_not_offered_changes_nothing(brain: Brain, values: dict[str, tuple[str, ...]]) -> None:
    channel = Channel(mode="unclear", shadow=True, with_others=True, house=house(BPO=BPO), would={"ask RPO": 1})
    after = saved(brain, Memory(channel=channel), values, {}).channel
    assert after == channel.model_copy(update={"set_by": "maya"})


def test_leaving_the_shadow_forgets_what_was_counted_there(brain: Brain) -> None:
    memory = Memory(channel=Channel(shadow=True, would={"ask RPO": 3}))
    assert saved(brain, memory, {"more": ("shadow",)}, ALL).channel.would == {"ask RPO": 3}
    assert saved(brain, memory, {"more": ()}, ALL).channel.would == {}


def test_in_private_only_ones_own_wishes_can_be_set(brain: Brain) -> None:
    memory = Memory(person=Person(dismissed={"RPO": 1}))
    window = opened(brain, memory, DIRECT)
    assert (window.surface, set(fields(window))) == ("window", {"dismissed"})
    assert opened(brain, Memory(), DIRECT).surface == "whisper"
    after = saved(brain, memory, {"mode": ("off",), "dismissed": ()}, ALL | {"dismissed": ("RPO",)}, DIRECT)
    assert after == Memory()


@pytest.mark.parametrize("with_others", [False, True])
def test_people_of_another_company_are_shown_nothing_and_set_nothing(brain: Brain, with_others: bool) -> None:
    memory = Memory(channel=Channel(with_others=with_others, set_by="jonas"))
    told = opened(brain, memory, outsider=True)
    assert (told.surface, told.fallback) == ("whisper", "Only people of the workspace that runs me can do that here.")
    assert saved(brain, memory, {"mode": ("off",), "more": ("with_others",)}, ALL, outsider=True) == memory
