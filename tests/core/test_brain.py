"""What holds whatever people do: the brain never raises, never leaves two questions open, and never says what a service cannot show."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.brain import Brain, Decision
from bot.core.memory import Channel, House, Memory
from bot.core.messages import (
    Choice,
    Choices,
    Commanded,
    Deleted,
    Event,
    Fact,
    Field,
    Place,
    Pointed,
    Pressed,
    Reply,
    Said,
    Span,
    Submitted,
    Text,
)
from bot.core.rulebook import Rulebook

HERE = Place("chat", "T1", "C1", "m1")
TYPED = (
    "help me choose",
    "stop",
    "settings",
    "why",
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
MESSAGES = st.sampled_from(["m1", "m2", "m3"])
OUTSIDER = st.sampled_from([False, False, False, True])
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


FIELDS = st.dictionaries(
    st.sampled_from(["mode", "more", "house", "dismissed", "?"]),
    st.lists(st.sampled_from(["helpful", "unclear", "asked", "off", "shadow", "with_others", "RPO", "BPO", "?"]), max_size=4).map(tuple),
    max_size=5,
)


SHOWN = "one of the buttons that were shown"
NO_MARKS = st.just(())
PRESSES = st.one_of(st.just(SHOWN), st.text(max_size=30), st.just("answer:1:judgment:high"))
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Said, st.just(HERE), PEOPLE, LINES, NO_MARKS, *[st.booleans()] * 2, MESSAGES, *[st.booleans()] * 2, outsider=OUTSIDER),
    st.builds(Said, st.just(HERE), PEOPLE, LINES, NO_MARKS, message=MESSAGES, edited=st.booleans()),
    st.builds(Deleted, st.just(HERE), PEOPLE, MESSAGES, NO_MARKS, outsider=OUTSIDER),
    st.builds(Pressed, st.just(HERE), PEOPLE, PRESSES, NO_MARKS, outsider=OUTSIDER),
    st.builds(Pressed, st.just(HERE), PEOPLE, PRESSES, NO_MARKS),
    st.builds(Commanded, st.just(HERE), PEOPLE, LINES, NO_MARKS, outsider=OUTSIDER),
    st.builds(
        Pointed, st.just(HERE), PEOPLE, st.sampled_from(["explain", "choose", "why", "classify"]), LINES, NO_MARKS, outsider=OUTSIDER
    ),
    st.builds(Submitted, st.just(HERE), PEOPLE, st.sampled_from(["settings", "?"]), FIELDS, NO_MARKS, FIELDS, outsider=OUTSIDER),
    st.builds(Commanded, st.just(HERE), PEOPLE, LINES, NO_MARKS, command=st.just("classify")),
    st.builds(Submitted, st.just(HERE), PEOPLE, st.just("work"), FILLED, NO_MARKS),
)
"""Anything people can do. Made once: to make it takes Hypothesis many times as long as to draw from it."""


def happens(data: st.DataObject, seen: list[str]) -> Event:
    """Something that people do; presses are mostly of buttons that were shown, old ones too."""
    event = data.draw(EVENTS)
    if isinstance(event, Pressed) and event.choice == SHOWN:
        return replace(event, choice=data.draw(st.sampled_from(seen or ["choose:"])))
    return event


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_people_do_at_most_one_question_is_open_and_every_reply_can_be_shown(brain: Brain, data: st.DataObject) -> None:
    memory, messages, seen = Memory(), {}, []  # type: ignore[var-annotated]
    for step in range(data.draw(st.integers(1, 14))):
        event = happens(data, seen)
        decision = brain.decide(event, HERE, memory, 1_790_000_000 + step)
        memory = Memory.model_validate_json(decision.memory.model_dump_json())
        assert memory == decision.memory
        for reply in decision.replies:
            shown_well(reply)
            seen.extend(ids(reply))
            if reply.gone:
                messages.pop(reply.slot, None)
            elif reply.surface == "thread":
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
    assert not reply.gone or (reply.slot and not reply.parts)
    fields = [part for part in reply.parts if isinstance(part, Field)]
    assert not fields or (reply.surface == "window" and reply.window and reply.submit)
    assert len({field.id for field in fields}) == len(fields)
    for choice in choices_of(reply):
        assert 0 < len(choice.label) <= 75, choice
        assert len(choice.id) <= 150, choice
    for field in fields:
        assert bool(field.options) != field.typed
        assert len(field.options) <= 10
        assert set(field.chosen) <= {choice.id for choice in field.options}


def choices_of(reply: Reply) -> Iterable[Choice]:
    for part in reply.parts:
        if isinstance(part, Choices):
            yield from (*part.choices, *part.more)
        elif isinstance(part, Field):
            yield from part.options
        elif isinstance(part, Text) and part.beside:
            yield part.beside


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("Our plan with Zebulon is for May: should we bring in an RPO to hire 40 nurses there?", ["Zebulon", "May", "40"]),
        ("The Zebulon Planning Office (RPO) signs the vendor contract on Monday.", ["Zebulon", "Planning", "Monday"]),
        ("Remaining performance: an RPO of $4,471,000 at Zebulon, and LPO no. 4471 is for the BPO vendor.", ["Zebulon", "4471", "471"]),
    ],
)
@pytest.mark.parametrize("shadow", [False, True])
def test_what_is_remembered_holds_nothing_that_a_person_wrote(brain: Brain, text: str, secrets: list[str], shadow: bool) -> None:
    before = Memory(channel=Channel(shadow=shadow))
    decision = brain.decide(Said(HERE, "maya", text, (), message="m1"), HERE, before, 1_790_000_000)

    remembered = decision.memory.model_dump_json()
    assert decision.memory.channel.lately
    assert [secret for secret in secrets if secret in remembered.replace("1790000000", "")] == []


def test_a_reading_is_remembered_by_its_meaning(brain: Brain) -> None:
    decision = brain.decide(Said(HERE, "maya", "We need an RPO to hire 40 nurses.", ()), HERE, Memory(), 1_790_000_000)
    assert decision.memory.thread.meanings["RPO"].sense == "recruitment_process_outsourcing"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_people_of_another_company_never_change_what_is_set_for_a_channel(brain: Brain, data: st.DataObject) -> None:
    channel = Channel(
        with_others=data.draw(st.booleans()), mode="unclear", house={"BPO": House(sense="business_process_outsourcing", by="maya", at=1)}
    )
    memory, seen = Memory(channel=channel), []  # type: ignore[var-annotated]
    for step in range(data.draw(st.integers(1, 10))):
        event = replace(happens(data, seen), outsider=True)
        decision = brain.decide(event, HERE, memory, 1_790_000_000 + step)
        memory = decision.memory
        for reply in decision.replies:
            seen.extend(ids(reply))
        if not channel.with_others:
            assert all(reply.surface == "whisper" or reply.gone for reply in decision.replies)
    kept = ("mode", "shadow", "with_others", "set_by", "quiet", "house", "confirmed", "dismissed")
    assert {name: getattr(memory.channel, name) for name in kept} == {name: getattr(channel, name) for name in kept}


WORDS = ("RPO", "BPO", "recruitment", "process", "outsourcing", "2", "stop", "why", "a lot", "our", "NDA", "accounts", "payable")


@given(words=st.lists(st.sampled_from(WORDS)) | st.just(["accounts", "payable"]))
def test_what_depends_on_memory_is_met_with_silence_without_it(brain: Brain, words: list[str]) -> None:
    text = " ".join(words)
    events: list[Event] = [
        Said(HERE, "maya", text, (), reply=True, message="m2"),
        Said(HERE, "maya", text, (), edited=True, message="m1"),
        Said(HERE, "maya", text, (), reply=True, edited=True, message="m2"),
        Said(HERE, "lena", text, (), reply=True, message="m2", outside=True, outsider=True),
        Deleted(HERE, "maya", "m1", ()),
    ]
    house = Channel(house={"RPO": House(sense="recruitment_process_outsourcing", by="jonas", at=1)})
    for event in (event for event in events if brain.depends(event)):
        for memory in (Memory(), Memory(channel=house)):
            decision = brain.decide(event, HERE, memory, 1_790_000_000)
            assert (decision.replies, decision.memory) == ((), memory)


def test_an_addressed_or_direct_message_never_depends_on_memory(brain: Brain) -> None:
    for said in (Said(HERE, "maya", "thanks", (), addressed=True, reply=True), Said(replace(HERE, direct=True), "maya", "thanks", ())):
        assert not brain.depends(said)
    assert brain.depends(Said(HERE, "maya", "thanks", (), reply=True))
    assert brain.depends(Deleted(HERE, "maya", "m1", ()))


def test_after_a_pause_in_a_direct_chat_what_was_settled_there_is_settled_no_more(brain: Brain) -> None:
    chat = replace(HERE, thread="dm", direct=True)

    def said(text: str, memory: Memory, at: int) -> Decision:
        return brain.decide(Said(chat, "maya", text, (), addressed=True), chat, memory, at)

    asked = said("Should we take an RPO?", Memory(), 1_000)
    settled = said("recruitment", asked.memory, 1_010)
    assert settled.replies[0].fallback.startswith("RPO means recruitment process outsourcing here")
    within = said("Is the RPO any good?", settled.memory, 1_010 + 3_600)
    assert within.replies[-1].fallback.startswith("RPO means recruitment process outsourcing here")
    later = said("Is the RPO any good?", settled.memory, 1_010 + 3_601)
    assert "Which one do you mean?" in later.replies[-1].fallback

    begun = said("help me choose", said("hello", settled.memory, 90_000).memory, 90_010)
    answered = said("2", begun.memory, 900_000)
    assert "2 of 4" in answered.replies[-1].fallback, "questions that are running go on"


def test_a_direct_chat_has_no_meaning_of_its_own_to_keep(brain: Brain) -> None:
    chat = replace(HERE, thread="dm", direct=True)
    asked = brain.decide(Said(chat, "maya", "Should we take an RPO?", (), addressed=True), chat, Memory(), 1).memory
    settled = brain.decide(Said(chat, "maya", "recruitment", (), addressed=True), chat, asked, 2)
    assert [choice.label for choice in choices_of(settled.replies[0])] == ["Choose an operating model", "Change"]
    pressed = brain.decide(Pressed(chat, "maya", "house:RPO", ()), chat, settled.memory, 3)
    assert pressed.memory.channel.house == {}


def test_answers_that_nobody_was_sure_of_are_no_reasons(brain: Brain) -> None:
    memory = brain.decide(Said(HERE, "maya", "help me choose", (), addressed=True), HERE, Memory(), 1).memory
    for answer in ("3", "4", "not sure", "not sure"):
        decision = brain.decide(Said(HERE, "maya", answer, (), reply=True), HERE, memory, 2)
        memory = decision.memory
    while memory.thread.dialogue and not memory.thread.dialogue.ended:
        decision = brain.decide(Said(HERE, "maya", "none of these", (), reply=True), HERE, memory, 3)
        memory = decision.memory
    because = next(part for part in decision.replies[-1].parts if isinstance(part, Fact) and part.label == "Because")
    lines = ["".join(span.text for span in line if isinstance(span, Span)) for line in because.lines]
    assert lines[-1] == "not sure: Review (taken as: regular quality checks) and Structure (taken as: a structured process with exceptions)"
    assert "not sure" not in " ".join(lines[:-1])


def test_a_dialogue_of_another_company_s_people_rests_once_the_channel_is_closed_to_them(brain: Brain) -> None:
    ours = Memory(channel=Channel(with_others=True))
    begun = brain.decide(Said(HERE, "rosa", "help me choose", (), addressed=True, outsider=True), HERE, ours, 1).memory
    answer = Said(HERE, "rosa", "some", (), reply=True, outside=True, outsider=True)
    assert brain.decide(answer, HERE, begun, 2).replies
    closed = begun.model_copy(update={"channel": Channel()})
    assert brain.decide(answer, HERE, closed, 2).replies == ()
    assert brain.decide(replace(answer, text="We need an RPO to hire 40 nurses."), HERE, closed, 2).reason == "other company"


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


def test_what_a_channel_is_called_is_evidence_once_the_service_has_told(brain: Brain) -> None:
    said = Said(HERE, "maya", "The RPO is fine.", ())
    told = brain.decide(Commanded(HERE, "jonas", "help", (), channel_name="recruiting-europe"), HERE, Memory(), 1).memory

    def reading(memory: Memory) -> str:
        return brain.decide(said, HERE, memory, 2).memory.channel.lately[-1].sense

    assert told.channel.name == "recruiting-europe"
    assert (reading(Memory()), reading(told)) == ("", "recruitment_process_outsourcing")
