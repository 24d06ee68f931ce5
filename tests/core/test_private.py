"""A direct message: one conversation for ever, without a channel around it."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.brain import Brain
from bot.core.memory import Asked, Channel, Dialogue, House, Meaning, Memory, Thread
from bot.core.messages import Commanded, Event, Place, Pressed, Reply, Said
from bot.core.rulebook import Rulebook
from bot.core.turn import Decision
from tests.core.test_brain import happens
from tests.core_stage import choices_of, visible

ALONE = Place("chat", "T1", "D1", "dm", direct=True)
DAY = 86_400
NOW = 1_790_000_000
QUESTION = "Should we take an RPO?"
RECRUITMENT, RESEARCH = "recruitment_process_outsourcing", "research_process_outsourcing"


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


def said(text: str) -> Said:
    return Said(ALONE, "maya", text, (), addressed=True, message="m1")


def pressed(choice: str) -> Pressed:
    return Pressed(ALONE, "maya", choice, ())


def after(brain: Brain, *events: Event, memory: Memory | None = None, now: int = NOW) -> Decision:
    decision = Decision(memory or Memory())
    for step, event in enumerate(events):
        decision = brain.decide(event, ALONE, decision.memory, now + step)
    return decision


def labels(replies: Iterable[Reply]) -> set[str]:
    return {choice.label for reply in replies for choice in choices_of(reply)}


def dialogue(decision: Decision) -> Dialogue:
    found = decision.memory.thread.dialogue
    assert found is not None
    return found


def settled(brain: Brain) -> Memory:
    return after(brain, said(QUESTION), pressed(f"mean:RPO:{RECRUITMENT}")).memory


def test_nothing_is_offered_for_a_channel_where_there_is_none(brain: Brain) -> None:
    asked = after(brain, said(QUESTION))
    assert "Why did you say that?" in labels(asked.replies)
    assert "Don't tell me about this again" not in labels(asked.replies)
    answered = after(brain, pressed(f"mean:RPO:{RECRUITMENT}"), memory=asked.memory)
    assert labels(answered.replies) == {"Choose an operating model", "Change"}
    assert "thread" not in visible(answered.replies[0])


def test_a_button_of_old_that_was_for_a_channel_changes_nothing(brain: Brain) -> None:
    decision = after(brain, pressed("house:RPO"), memory=settled(brain))
    assert (decision.reason, decision.memory.channel.house) == ("stale press", {})


def test_three_who_do_not_want_to_be_told_in_private_make_no_channel_quiet(brain: Brain) -> None:
    decision = after(brain, said(QUESTION), pressed("hush:RPO"), said("Our BPO is late"), pressed("hush:RPO"))
    assert decision.memory.channel.dismissed == ()


def test_what_a_direct_chat_was_said_to_mean_always_is_not_heard_there(brain: Brain) -> None:
    always = Channel(
        house={"RPO": House(sense=RECRUITMENT, by="maya", at=1)}, confirmed={"RPO": {RECRUITMENT: 9}}, heard={"RPO": {RECRUITMENT: 9}}
    )
    assert after(brain, said(QUESTION), memory=Memory(channel=always)).reason == "asked"


def test_settling_a_term_in_private_makes_no_habit(brain: Brain) -> None:
    assert settled(brain).channel.confirmed == {}


def test_what_was_settled_before_times_were_noted_is_of_another_matter(brain: Brain) -> None:
    thread = Thread(meanings={"RPO": Meaning(sense=RECRUITMENT, how="pressed", by="maya")}, asked={"LPO": Asked(by="maya", slot="x")})
    assert after(brain, said(QUESTION), memory=Memory(thread=thread)).reason == "asked"
    assert after(brain, said("1"), memory=Memory(thread=thread)).reason == "not understood"


@pytest.mark.parametrize(("pause", "reason"), [(3_600, "explained on request"), (3_602, "asked")])
def test_a_meaning_holds_until_a_pause_of_the_length_that_the_rules_say(brain: Brain, pause: int, reason: str) -> None:
    assert after(brain, said(QUESTION), memory=settled(brain), now=NOW + 1 + pause).reason == reason


def test_a_meaning_holds_as_long_as_the_talk_goes_on(brain: Brain) -> None:
    memory = settled(brain)
    for hour in range(1, 8):
        memory = after(brain, said("What is KPO?"), memory=memory, now=NOW + hour * 3_500).memory
    assert after(brain, said(QUESTION), memory=memory, now=NOW + 8 * 3_500).reason == "explained on request"


def test_in_a_thread_of_a_direct_message_a_meaning_stays(brain: Brain) -> None:
    thread = Place("chat", "T1", "D1", "m1", direct=True)
    memory = settled(brain)
    decision = brain.decide(Said(thread, "maya", QUESTION, (), addressed=True, reply=True), thread, memory, NOW + 90 * DAY)
    assert "RPO means recruitment process outsourcing" in decision.replies[0].fallback


def test_the_button_beside_a_meaning_takes_that_meaning_along_however_late(brain: Brain) -> None:
    memory, later = settled(brain), NOW + 90 * DAY
    begun = after(brain, pressed(f"choose:RPO:{RECRUITMENT}"), memory=memory, now=later)
    fresh = after(brain, pressed("choose:RPO"), memory=memory, now=later)
    assert [dialogue(each).domain for each in (begun, fresh)] == ["recruiting", None]


def test_the_button_of_an_old_meaning_still_changes_it(brain: Brain) -> None:
    decision = after(brain, pressed("reopen:RPO"), pressed(f"mean:RPO:{RESEARCH}"), memory=settled(brain), now=NOW + 90 * DAY)
    assert decision.memory.thread.meanings["RPO"].sense == RESEARCH


def test_questions_that_begin_after_a_result_take_nothing_over_from_before(brain: Brain) -> None:
    answers = [pressed(f"answer:1:{name}") for name in ("judgment:some", "knowledge:trained", "review:qa", "structure:process")]
    done = after(brain, said("help me choose"), *answers, memory=settled(brain), now=NOW + 60)
    assert (done.reason, dialogue(done).domain) == ("result shown", "recruiting")
    anew = dialogue(after(brain, said("help me choose"), memory=done.memory, now=NOW + 120))
    assert (anew.number, anew.domain) == (2, None)


def test_what_is_settled_after_earlier_questions_speaks_for_the_next_ones(brain: Brain) -> None:
    memory = after(brain, said("help me choose"), pressed("answer:1:judgment:some"), said("stop")).memory
    memory = after(brain, said(QUESTION), pressed(f"mean:RPO:{RECRUITMENT}"), memory=memory, now=NOW + 60).memory
    anew = dialogue(after(brain, said("help me choose"), memory=memory, now=NOW + 120))
    assert (anew.number, anew.domain) == (2, "recruiting")


def test_what_was_settled_for_questions_that_were_stopped_is_theirs(brain: Brain) -> None:
    memory = after(
        brain, said("help me choose"), pressed("answer:1:judgment:some"), said("stop"), memory=settled(brain), now=NOW + 60
    ).memory
    anew = dialogue(after(brain, said("help me choose"), memory=memory, now=NOW + 120))
    assert (anew.number, anew.domain) == (2, None)


def test_a_message_that_spells_its_term_out_is_believed_before_what_was_settled(brain: Brain) -> None:
    decision = after(brain, said("Our research process outsourcing (RPO) vendor is late"), memory=settled(brain))
    assert "RPO is spelled out there: research process outsourcing" in decision.replies[0].fallback


def test_an_open_question_hides_the_button_that_would_ask_another(brain: Brain) -> None:
    memory = after(brain, said("help me choose"), memory=settled(brain), now=NOW + 60).memory
    reply = after(brain, Commanded(ALONE, "maya", QUESTION, ()), memory=memory, now=NOW + 90).replies[0]
    assert ("RPO means recruitment" in reply.fallback, labels([reply])) == (True, set())


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_whatever_people_do_alone_nothing_said_there_speaks_of_a_thread_or_a_channel_around(brain: Brain, data: st.DataObject) -> None:
    memory, seen, now = Memory(), [], NOW  # type: ignore[var-annotated]
    for _ in range(data.draw(st.integers(1, 12))):
        now += data.draw(st.sampled_from([1, 60, 2 * DAY]))
        event = replace(happens(data, seen), place=ALONE, outsider=False)
        if isinstance(event, Said):
            event = replace(event, addressed=True)
        decision = brain.decide(event, ALONE, memory, now)
        memory = decision.memory
        for reply in decision.replies:
            seen.extend(choice.id for choice in choices_of(reply))
            told = f"{visible(reply)} {reply.fallback}".casefold()
            assert [word for word in ("this thread", "the thread", "this channel") if word in told] == [], told
