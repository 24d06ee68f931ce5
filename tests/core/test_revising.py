"""Answers that people change: what follows, how sure that is, and which record says so. Nothing gets surer without an answer."""

from collections.abc import Mapping

import pytest

from bot.core.brain import Brain
from bot.core.describing import Describer
from bot.core.export import Export
from bot.core.interview import ORDER, Interview, answers_of
from bot.core.memory import Channel, Described, Memory, Record
from bot.core.messages import Commanded, Field, Place, Pressed, Reply, Said, Submitted
from bot.core.revising import Reviser
from bot.core.rulebook import Rulebook
from bot.core.turn import Decision
from tests.core_stage import visible

NOW = 1_790_000_000
NEW = Place("chat", "T1", "C1", "new-1")
THREAD = Place("chat", "T1", "C1", "m1")
INVOICES = "We need somebody to book 4000 supplier invoices a month"
CLAIMS = "Claims adjudication under our policy"
NOTES = "Monthly equity research notes, paid per document at BPO rates --called BPO"


@pytest.fixture(scope="module")
def brain(rules: Rulebook) -> Brain:
    return Brain(rules)


@pytest.fixture(scope="module")
def texts(rules: Rulebook) -> list[str]:
    return [example for field in rules.activities for activity in field.activities for example in activity.examples[:1]]


def described(rules: Rulebook, text: str) -> Described:
    return Describer(rules).described(text, number=1, by="maya", at=NOW)


def revised(rules: Rulebook, text: str, changes: Mapping[str, str]) -> Described:
    after = Reviser(rules).revised(described(rules, text), changes, "jonas", NOW + 5)
    assert after
    return after


def test_answers_that_stand_already_change_nothing(rules: Rulebook) -> None:
    work = described(rules, INVOICES)
    same = {name: told.option for name, told in work.answers.items()}
    assert Reviser(rules).revised(work, same, "jonas", NOW) is None
    assert Reviser(rules).revised(work, {"judgment": "no_such", "no_such": "high"}, "jonas", NOW) is None


def test_a_changed_answer_leads_to_its_model_and_names_who_gave_it(rules: Rulebook) -> None:
    after = revised(rules, INVOICES, {"structure": "unstable"})
    assert (after.model, after.result) == ("keep_in_house", 2)
    assert (after.answers["structure"].by, after.answers["judgment"].by) == ("jonas", "")


def test_what_was_open_is_answered_and_open_no_more(rules: Rulebook) -> None:
    work = described(rules, CLAIMS)
    assert "review" in work.open
    after = revised(rules, CLAIMS, {name: work.answers[name].option for name in work.open})
    assert after.open == ()
    assert after.model == work.model


def test_a_revision_is_no_surer_than_the_description_while_something_is_open_or_assumed(rules: Rulebook, texts: list[str]) -> None:
    risen = 0
    for text in texts:
        work = described(rules, text)
        if not work.open or work.model is None:
            continue
        after = revised(rules, text, {work.open[0]: work.answers[work.open[0]].option if work.open[0] in work.answers else "unsure"})
        if after.open:
            assert ORDER.index(after.confidence) <= ORDER.index(work.confidence), text
        risen += 1
    assert risen > 20


def test_a_dialogue_that_takes_over_what_is_usual_is_no_surer_for_it(rules: Rulebook, texts: list[str]) -> None:
    interview = Interview(rules.questions, rules.advice)
    finished = 0
    for text in texts:
        work = described(rules, text)
        dialogue = interview.begin(1, "jonas", work)
        if dialogue.ended and work.model:
            finished += 1
            assert ORDER.index(interview.outcome(dialogue).confidence) <= ORDER.index(work.confidence), text
    assert finished > 20


def test_nobody_is_named_for_what_is_only_usual(rules: Rulebook) -> None:
    answers = answers_of(described(rules, "People review 500 contracts a month against our playbook, and our counsel signs off."))
    assert {name: answer.by for name, answer in answers.items()}["review"] == "maya"
    assert {answer.by for answer in answers.values() if not answer.words} == {""}


def test_what_is_wrong_with_the_label_and_the_plan_stands_in_the_record(brain: Brain, rules: Rulebook) -> None:
    decision = brain.decide(Said(THREAD, "maya", f"classify {NOTES}", (), addressed=True), THREAD, Memory(), NOW)
    (record,) = decision.records
    page = Export(rules).markdown(record)
    assert record.mistakes
    assert "- **Mistakes in the plan:** " in page
    assert "(“paid per document”)" in page
    assert "- **Called:** BPO. The label promises less" in page
    assert "- **Channel:** chat:T1:C1" in page


def test_a_mistake_that_does_not_concern_the_new_model_goes(rules: Rulebook) -> None:
    only = {mistake.id: mistake.models for mistake in rules.signals.mistakes}
    work = described(rules, NOTES)
    assert work.mistakes
    after = revised(rules, NOTES, {"structure": "unstable"})
    assert set(after.mistakes) == {name for name in work.mistakes if not only[name] or "keep_in_house" in only[name]}


def test_an_answer_that_what_goes_wrong_overrules_is_no_reason(rules: Rulebook, brain: Brain) -> None:
    presses = ["choose:"]
    presses += [f"answer:1:{answer}" for answer in ("judgment:none", "knowledge:professional", "review:expert", "structure:expert")]
    memory, said = Memory(), ""
    for press in (*presses, "answer:1:domain:none", "answer:1:quality_driver:call"):
        decision = brain.decide(Pressed(THREAD, "maya", press, ()), THREAD, memory, NOW)
        memory, said = decision.memory, "\n".join(visible(reply) for reply in decision.replies) or said
    assert "Knowledge process outsourcing (KPO)" in said
    assert "although no judgment to speak of" in said
    assert "no judgment to speak of;" not in said


def test_a_record_is_not_changed_by_people_of_another_company(brain: Brain) -> None:
    record = recorded(brain)
    channel = Channel(with_others=True)
    for event in (
        Pressed(NEW, "rosa", f"record:change:{record.id}", (), outsider=True),
        Submitted(NEW, "rosa", "answers", {f"structure:{record.id}": ("unstable",)}, (), outsider=True),
    ):
        decision = brain.decide(event, THREAD, Memory(record=record, channel=channel), NOW)
        assert decision.records == ()
        assert [reply.fallback for reply in decision.replies] == ["Only people of the workspace that runs me can do that here."]


def test_a_bare_wish_in_a_thread_says_that_no_message_is_kept(brain: Brain) -> None:
    for wish in ("classify", "please classify this", "can you classify it?"):
        (reply,) = brain.decide(Said(THREAD, "maya", wish, (), addressed=True, reply=True), THREAD, Memory(), NOW).replies
        assert "I keep no messages" in reply.fallback


# --------------------------------------------------------------------------- records whose conversation is forgotten


def fields(reply: Reply) -> dict[str, tuple[str, ...]]:
    return {part.id: part.chosen for part in reply.parts if isinstance(part, Field)}


def recorded(brain: Brain) -> Record:
    return brain.decide(Said(THREAD, "maya", f"classify {INVOICES}", (), addressed=True), THREAD, Memory(), NOW).records[0]


def reopened(brain: Brain, record: Record, changes: Mapping[str, str]) -> Decision:
    """What sending the window off leads to, where nothing but the record is left."""
    pressed = Pressed(NEW, "jonas", f"record:change:{record.id}", ())
    assert brain.about(pressed) == record.id
    (window,) = brain.decide(pressed, THREAD, Memory(record=record), NOW + 1).replies
    values = fields(window) | {f"{name}:{record.id}": (option,) for name, option in changes.items()}
    sent = Submitted(NEW, "jonas", window.window, values, ())
    assert brain.about(sent) == record.id
    return brain.decide(sent, THREAD, Memory(record=record), NOW + 2)


def test_a_record_is_reopened_when_its_conversation_is_forgotten(brain: Brain) -> None:
    before = recorded(brain)
    decision = reopened(brain, before, {"structure": "unstable"})
    (after,) = decision.records
    assert (after.id, after.model, after.by, after.made_at, after.result) == (before.id, "keep_in_house", "maya", NOW, 2)
    assert after.answers["structure"].by == "jonas"
    assert [reply.surface for reply in decision.replies] == ["thread", "thread"]


def test_a_record_that_is_not_of_this_channel_is_not_shown(brain: Brain) -> None:
    for event in (Pressed(NEW, "jonas", "record:md:k7f3q2mxyz", ()), Commanded(NEW, "jonas", "records k7f3q2mxyz", ())):
        assert brain.about(event) == "k7f3q2mxyz"
        (reply,) = brain.decide(event, NEW, Memory(), NOW).replies
        assert (reply.surface, reply.fallback) == ("whisper", "There is no such decision here.")


def test_an_older_record_is_opened_by_its_id(brain: Brain) -> None:
    record = recorded(brain)
    asked = Commanded(NEW, "jonas", f"records {record.id}", ())
    (reply,) = brain.decide(asked, THREAD, Memory(record=record), NOW).replies
    assert (reply.surface, reply.fallback) == ("whisper", "Decision record: Standard BPO")


@pytest.mark.parametrize(
    "choice", ["record:md:", "record:md:../../x", "record::k7f3q2mxyz", "record:md:work1", "work:change:99999999999999999"]
)
def test_no_choice_makes_it_raise(brain: Brain, choice: str) -> None:
    assert brain.decide(Pressed(NEW, "jonas", choice, ()), NEW, Memory(), NOW).replies
