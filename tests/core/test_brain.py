"""What holds whatever people do: the brain never raises, never leaves two questions open, and never says what a service cannot show."""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.brain import Brain
from bot.core.memory import Memory
from bot.core.messages import Choices, Commanded, Event, Place, Pointed, Pressed, Reply, Said, Submitted, Text
from bot.core.rulebook import Rulebook

HERE = Place("chat", "T1", "C1", "m1")
TYPED = (
    "help me choose",
    "stop",
    "back",
    "change 1",
    "change 9",
    "resume",
    "why do you ask?",
    "again",
    "help",
    "what is KPO?",
    "recruitment",
)
ANSWERS = ("not sure", "a lot", "1", "2", "3", "4", "5", "6")
PEOPLE = st.sampled_from(["maya", "jonas"])
LINES = st.one_of(
    st.sampled_from(
        [
            "Should we bring in an RPO for the Q3 push?",
            "We need an RPO to hire 40 nurses.",
            "Our RPO is 15 minutes and the RTO an hour.",
            "Our BPO vendor wants a new contract.",
            "recruitment process outsourcing (RPO) starts Monday",
            "classify We need people to review 500 NDAs a month, our counsel signs off",
            "The people must be certified and exercise judgment, it is bespoke, and a second reader checks each item",
            "classify first-line chat plus an escalation desk --called KPO",
            *TYPED,
            *ANSWERS,
        ]
    ),
    st.text(max_size=60),
)


FILLED = st.fixed_dictionaries(
    {}, optional={"text": st.tuples(LINES), "called": st.sampled_from([("kpo",), ("x",), ()]), "keep": st.sampled_from([("keep",), ()])}
)
"""What can be in a window that is sent off."""


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def events(seen: list[str]) -> st.SearchStrategy[Event]:
    """Anything people can do; presses are mostly of buttons that were shown, old ones too."""
    presses = st.one_of(st.sampled_from(seen or ["choose:"]), st.text(max_size=30), st.just("answer:1:judgment:high"))
    return st.one_of(
        st.builds(Said, st.just(HERE), PEOPLE, LINES, st.just(()), st.booleans(), st.booleans()),
        st.builds(Pressed, st.just(HERE), PEOPLE, presses, st.just(())),
        st.builds(Pressed, st.just(HERE), PEOPLE, presses, st.just(())),
        st.builds(Commanded, st.just(HERE), PEOPLE, LINES, st.just(())),
        st.builds(Commanded, st.just(HERE), PEOPLE, LINES, st.just(()), command=st.just("classify")),
        st.builds(Pointed, st.just(HERE), PEOPLE, st.sampled_from(["explain", "choose", "classify"]), LINES, st.just(())),
        st.builds(Submitted, st.just(HERE), PEOPLE, st.just("work"), FILLED, st.just(())),
    )


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_people_do_at_most_one_question_is_open_and_every_reply_can_be_shown(brain: Brain, data: st.DataObject) -> None:
    memory, messages, seen = Memory(), {}, []  # type: ignore[var-annotated]
    for step in range(data.draw(st.integers(1, 14))):
        event = data.draw(events(seen))
        decision = brain.decide(event, HERE, memory, 1_790_000_000 + step)
        memory = Memory.model_validate_json(decision.memory.model_dump_json())
        assert memory == decision.memory
        for reply in decision.replies:
            shown_well(reply)
            seen.extend(ids(reply))
            if reply.surface == "thread":
                messages[reply.slot or f"new{len(messages)}"] = reply
        asking = [slot for slot, reply in messages.items() if any(choice.startswith("answer:") for choice in ids(reply))]
        dialogue = memory.thread.dialogue
        assert len(asking) == (1 if dialogue and not dialogue.ended else 0)


def ids(reply: Reply) -> Iterable[str]:
    for part in reply.parts:
        if isinstance(part, Choices):
            yield from (choice.id for choice in (*part.choices, *part.more))
        elif isinstance(part, Text) and part.beside:
            yield part.beside.id


def shown_well(reply: Reply) -> None:
    """The promises of `Reply`, and the limits that every service has."""
    assert reply.fallback.strip()
    assert bool(reply.to) == (reply.surface != "thread")
    assert not (reply.to and reply.slot)
    assert len(set(ids(reply))) == len(list(ids(reply)))
    for part in reply.parts:
        choices = part.choices if isinstance(part, Choices) else (part.beside,) if isinstance(part, Text) and part.beside else ()
        for choice in choices:
            assert 0 < len(choice.label) <= 75, choice
            assert len(choice.id) <= 255, choice


def test_what_is_remembered_holds_nothing_that_a_person_wrote(brain: Brain) -> None:
    secret = "Our merger with Zebulon is planned for May: should we bring in an RPO to hire 40 nurses there?"
    decision = brain.decide(Said(HERE, "maya", secret, ()), HERE, Memory(), 1_790_000_000)

    assert decision.replies
    remembered = decision.memory.model_dump_json()
    assert "Zebulon" not in remembered
    assert "merger" not in remembered
    assert json.loads(remembered)["thread"]["meanings"]["RPO"]["sense"] == "recruitment_process_outsourcing"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "R" * 40_000,
        "RPO " * 10_000,
        "`" * 40_000,
        "<" * 40_000,
        "> " * 20_000,
        "\u202eRPO\u202c",
        "R\u200bPO",
        "🙂" * 10_000,
        "\x00RPO",
    ],
    ids=lambda text: f"{len(text)} characters, {text[:4]!r}",
)
def test_odd_text_is_met_without_harm(brain: Brain, text: str) -> None:
    for event in (
        Said(HERE, "maya", text, ()),
        Said(HERE, "maya", text, (), addressed=True, reply=True),
        Commanded(HERE, "maya", text, ()),
    ):
        brain.concerns(event)
        decision = brain.decide(event, HERE, Memory(), 1_790_000_000)
        for reply in decision.replies:
            shown_well(reply)


def test_answers_of_a_question_that_the_rules_no_longer_have_are_asked_again(brain: Brain) -> None:
    started = brain.decide(Said(HERE, "maya", "help me choose", (), addressed=True), HERE, Memory(), 1).memory
    answered = brain.decide(Pressed(HERE, "maya", "answer:1:judgment:high", ()), HERE, started, 2).memory
    outdated = Memory.model_validate_json(answered.model_dump_json().replace('"option":"high"', '"option":"gone"'))

    decision = brain.decide(Pressed(HERE, "maya", "answer:1:knowledge:manual", ()), HERE, outdated, 3)

    assert "1 of 4" in decision.replies[-1].fallback
