"""Whether everything came right: each story against its outcome, and what explains what did not."""

import asyncio
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select

from bot.core.memory import Record
from bot.store import SqlStore
from bot.store.tables import outbox
from tests.soak.oracle import anonymous, decided
from tests.soak.people import CHATTER, DIALOGUES, QUESTIONS, REMARKS, Story, events_of
from tests.soak.soak import Soak

_NOTED_WITHIN = 3
"""Seconds from Slack's answer to our note of it, at the worst, on a busy machine: the window in which a kill can repeat a whisper."""
_ON_ITS_WAY = 1
"""Seconds from our sending to Slack's taking it, at the worst: who is killed meanwhile has posted all the same."""
_TRIED_FOR = 25
"""Seconds for which a command that could not be saved is tried again."""
_EVENT = re.compile(r'"event": "([a-z_]+)"')


@dataclass(slots=True)
class Verdict:
    """The figures, and every loss and double that nothing explains."""

    figures: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


async def settled(soak: Soak) -> float:
    """Wait until everything stands as it ought to and the outbox is empty, but not for ever; the seconds that it took."""
    began = time.monotonic()
    left = [story for story in soak.told if story.kind != "chatter"]
    while time.monotonic() - began < soak.course.settle:
        left = [story for story in left if not (_right(soak, story) or _lost_unsaved(soak, story))]
        if not left and await asyncio.to_thread(_waiting, soak) == 0:
            break
        await asyncio.sleep(0.5)
    return time.monotonic() - began


def judge(soak: Soak, settling: float) -> Verdict:
    """Everything that can be counted."""
    verdict = Verdict()
    tally, counts = soak.slack.tally, soak.delivery.counts
    logged = _logged(soak)
    events = sum(events_of(story) for story in soak.told)
    stories = Counter(story.kind for story in soak.told)
    waits = sorted(soak.delivery.waits)
    repeated, unexplained = _repeated_whispers(soak)
    verdict.wrong += _missing(soak) + _surplus(soak) + _records(soak) + tally.leaks + unexplained
    verdict.wrong += [f"{mark} was posted {times} times" for mark, times in tally.marks.items() if times > 1]
    verdict.wrong += [f"Slack gave up {name}" for name in soak.delivery.given_up]
    verdict.wrong += _talkative(soak) + _faults_of_ours(logged)
    if waiting := _waiting(soak):
        verdict.wrong.append(f"{waiting} replies wait in the outbox")
    verdict.figures = {
        "events": f"{events} of {soak.course.plan.events}" + (": time was up" if events < soak.course.plan.events else ""),
        "workspaces": soak.course.town.teams,
        "seconds": round(soak.took),
        "events a second": round(events / soak.took),
        "seconds until all had come right": round(settling),
        "deliveries acknowledged": counts["acknowledged"],
        "acknowledged within (median, 99 %), ms": f"{waits[len(waits) // 2] * 1000:.0f}, {waits[len(waits) * 99 // 100] * 1000:.0f}",
        **{name: number for name, number in sorted(counts.items()) if name != "acknowledged"},
        "replicas killed": sum(replica.kills for replica in soak.replicas),
        "starts that failed": sum(replica.failed_starts for replica in soak.replicas),
        "database restarts": len(soak.outages),
        **{f"at Slack: {name}": number for name, number in sorted(tally.faults.items())},
        **{f"told: {kind}": number for kind, number in sorted(stories.items())},
        "commands that failed visibly": soak.refused_commands,
        "presses made again": soak.pressed_again,
        "messages posted": sum(tally.marks.values()),
        "messages replaced": tally.calls["chat.update"],
        "whispers": sum(len(heard) for heard in soak.slack.whispers.values()),
        "look-ups of a mark": tally.calls["conversations.replies"],
        "found by its mark, not posted again": logged["found_posted"],
        "whispers repeated in the known window": repeated,
        "commands lost in the known window": sum(_lost_unsaved(soak, story) and not _right(soak, story) for story in soak.told),
        "wrong": len(verdict.wrong),
    }
    return verdict


# --------------------------------------------------------------------------- stories


def _right(soak: Soak, story: Story) -> bool:
    expected = soak.oracle.outcome(story)
    if story.kind == "command":
        return not story.acknowledged or {anonymous(text) for text in soak.slack.whispers.get(story.trigger, ())} == set(expected.whispers)
    return tuple(anonymous(text) for text in soak.slack.texts(story.channel, story.head)) == expected.after[-1]


def _missing(soak: Soak) -> list[str]:
    return [
        f"{story.kind} {story.head} in {story.channel}: {soak.slack.texts(story.channel, story.head)}"
        for story in soak.told
        if not _right(soak, story) and not _lost_unsaved(soak, story)
    ]


def _surplus(soak: Soak) -> list[str]:
    known = {(story.channel, story.head) for story in soak.told if story.kind != "command"}
    return [
        f"{len(posts)} messages in {key} that nobody expected" for key, posts in soak.slack.threads.items() if posts and key not in known
    ]


def _repeated_whispers(soak: Soak) -> tuple[int, list[str]]:
    """How many whispers came more than once, and those of them that neither a lost answer nor a kill explains."""
    repeated, unexplained = 0, []
    for story in soak.told:
        times = soak.slack.whispered_at.get(story.trigger, []) if story.kind == "command" else []
        if len(times) < 2:
            continue
        repeated += len(times) - 1
        if not soak.killed(times[0] - _ON_ITS_WAY, _ON_ITS_WAY + _NOTED_WITHIN) and story.trigger not in soak.slack.tally.whispers_unsure:
            unexplained.append(f"command {story.trigger} was answered {len(times)} times{_around(soak, times)}")
    return repeated, unexplained


def _around(soak: Soak, times: list[float]) -> str:
    """What broke between the first answer, or shortly before it, and the second."""
    first, second = times[:2]
    kills = [f"{kill - first:.1f}" for kill in soak.kills if first - 10 <= kill <= second]
    outages = [f"{went - first:.1f} to {came - first:.1f}" for went, came in soak.outages if first - 10 <= came and went <= second]
    broke = f"kills at {', '.join(kills) or 'no time'}, no database from {', '.join(outages) or 'no time'}"
    return f", {second - first:.1f} s apart; seconds after the first: {broke}"


def _lost_unsaved(soak: Soak, story: Story) -> bool:
    """A command comes once: while the database is away it is acknowledged and tried on, and a kill of that process loses it."""
    return story.kind == "command" and soak.away(story.at) and soak.killed(story.at, _TRIED_FOR)


def _records(soak: Soak) -> list[str]:
    """The dialogues whose decision on file is not the one they ought to have led to."""
    store = SqlStore.open(soak.database)
    try:
        found: dict[str, list[Record]] = defaultdict(list)
        for record in store.records(limit=1_000_000):
            found[record.conversation].append(record)
    finally:
        store.close()
    wrong = []
    for story in soak.told:
        name = f"slack:{story.team}:{story.channel}:{story.head}"
        if story.kind == "dialogue" and decided(found.pop(name, [])) != soak.oracle.outcome(story).records:
            wrong.append(f"the decision of {name} is not the right one")
    return wrong + [f"a decision of {name} that nobody made" for name in found]


def _waiting(soak: Soak) -> int:
    store = SqlStore.open(soak.database)
    try:
        with store.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(outbox)).scalar_one())
    finally:
        store.close()


# --------------------------------------------------------------------------- logs


def _logged(soak: Soak) -> Counter[str]:
    """How often each thing was logged. A kill may cut a line short, so that the lines are not read as JSON."""
    found: Counter[str] = Counter()
    for replica in soak.replicas:
        with replica.log.open(encoding="utf-8") as log:
            for line in log:
                found.update(_EVENT.findall(line))
    return found


def _faults_of_ours(logged: Counter[str]) -> list[str]:
    return [f"{logged[name]} times {name}" for name in ("event_failed", "sender_failed", "reply_refused", "reply_given_up") if logged[name]]


def _talkative(soak: Soak) -> list[str]:
    """What people wrote, tokens or a traceback in a log."""
    texts = [*CHATTER, *REMARKS, *QUESTIONS, *(line for lines in DIALOGUES for line in lines if len(line) > 5), "xoxb-", "Traceback"]
    logs = {replica.name: replica.log.read_text("utf-8", "replace") for replica in soak.replicas}
    return [f"the log of {name} holds {text!r}" for name, log in logs.items() for text in texts if text in log]
