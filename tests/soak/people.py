"""What the people of fifty workspaces do, as Slack would tell it: chatter, questions, commands, and dialogues of four answers."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["chatter", "remark", "question", "command", "dialogue"]

BOT = "U0SPELL"
EPOCH = 1_795_000_000

CHATTER = (
    "Good morning! The deck for Thursday is in the folder.",
    "Can somebody let the plumber in at ten?",
    "Numbers look good, I would ship it.",
    "Lunch at twelve? The place at the corner has soup.",
    "Who owns the calendar for the offsite?",
    "Thanks, that helps a lot.",
    "The build is green again.",
    "I am out on Friday, Priya covers for me.",
)
"""What nobody wants an answer to."""

REMARKS = (
    "Should we bring in an RPO for the Q3 push?",
    "Somebody suggested a KPO for the market research reports.",
    "The LPO reviewed the contracts and the NDAs for our lawyers.",
    "Finance wants a BPO for invoice processing and the help desk.",
)
"""What Spellout speaks of by itself; each at most once in a channel, where it would be held back the second time."""

QUESTIONS = ("what is KPO?", "what does LPO mean?", "what is BPO?", "explain RPO")
COMMANDS = ("RPO", "KPO", "what is LPO?", "BPO meaning")
HELP = "help me choose"
DIALOGUES = (
    ("a lot", "a degree", "4", "2", "legal"),
    ("3", "3", "3", "2", "1"),
    ("1", "1", "1", "1"),
    ("2", "2", "2", "1", "2"),
    ("follow the steps", "2", "2", "1"),
    ("2", "1", "1", "1", "3"),
)
"""Answers as they are typed, or pressed where the number of a button is as good."""


@dataclass(slots=True)
class Story:
    """What somebody does, from the first message to the last answer; `head` is the message that heads its thread."""

    kind: Kind
    team: str
    channel: str
    person: str
    head: str
    lines: tuple[str, ...]
    pressing: bool = False
    """Whether the answers are pressed rather than typed."""
    trigger: str = ""
    acknowledged: bool = False
    """Whether Spellout acknowledged the last step."""
    at: float = 0
    """When, by the clock that the soak goes by."""

    @property
    def variant(self) -> tuple[object, ...]:
        """What its outcome depends on."""
        return self.kind, self.lines, self.pressing


@dataclass(frozen=True, slots=True)
class Town:
    """The workspaces and their channels."""

    teams: int
    channels: int
    """In each workspace."""

    @property
    def all_teams(self) -> tuple[str, ...]:
        """The ids of all workspaces."""
        return tuple(f"T{number:03}SOAK" for number in range(self.teams))

    def channels_of(self, team: str) -> tuple[str, ...]:
        """The ids of the channels of a workspace."""
        return tuple(f"C{team[1:4]}{number:03}" for number in range(self.channels))


def team_of(channel: str) -> str:
    """The workspace that a channel belongs to."""
    return f"T{channel[1:4]}SOAK"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of what happens."""

    events: int
    remarks: int
    questions: int
    commands: int
    dialogues: int

    @classmethod
    def of(cls, events: int) -> "Plan":
        """The usual mixture: most of it is chatter."""
        return cls(events, remarks=events * 4 // 100, questions=events * 4 // 100, commands=events * 2 // 100, dialogues=events * 8 // 1000)


def stories(town: Town, plan: Plan, dice: random.Random) -> tuple[list[Story], list[Story]]:
    """What happens at once, in a random order, and the dialogues, which take their time."""
    number = count(1)
    channels = [channel for team in town.all_teams for channel in town.channels_of(team)]

    def story(kind: Kind, channel: str, *lines: str, pressing: bool = False) -> Story:
        each = next(number)
        head = f"{EPOCH + each // 1000}.{each:06}"
        return Story(kind, team_of(channel), channel, f"U{each:07}", head, lines, pressing, f"{each}.77.soak")

    places = [(channel, remark) for channel in channels for remark in REMARKS]
    short = [story("remark", channel, remark) for channel, remark in dice.sample(places, min(plan.remarks, len(places)))]
    short += [story("question", dice.choice(channels), f"<@{BOT}> {dice.choice(QUESTIONS)}") for _ in range(plan.questions)]
    short += [story("command", dice.choice(channels), dice.choice(COMMANDS)) for _ in range(plan.commands)]
    long = [
        story("dialogue", dice.choice(channels), f"<@{BOT}> {HELP}", *DIALOGUES[each % len(DIALOGUES)], pressing=each % 2 == 1)
        for each in range(plan.dialogues)
    ]
    told = sum(events_of(each) for each in (*short, *long))
    short += [story("chatter", dice.choice(channels), dice.choice(CHATTER)) for _ in range(plan.events - told)]
    dice.shuffle(short)
    return short, long


def events_of(story: Story) -> int:
    """How many events Slack makes of it: one that names the bot comes as a message and as a mention."""
    return len(story.lines) + (1 if story.kind in ("question", "dialogue") else 0)


# --------------------------------------------------------------------------- as Slack tells it


def told(story: Story, step: int) -> Iterator[Json]:
    """The events of one step that somebody wrote."""
    text = story.lines[step]
    ts = story.head if step == 0 else f"{story.head[:-6]}{int(story.head[-6:]):06}{step}"
    event = {"type": "message", "user": story.person, "ts": ts, "text": text, "team": story.team, "channel": story.channel, "event_ts": ts}
    thread = {"thread_ts": story.head} if step else {}
    name = f"Ev{story.head.replace('.', '')}{step}"
    yield _enveloped(story, {**event, **thread, "channel_type": "channel"}, name)
    if f"<@{BOT}>" in text:
        yield _enveloped(story, {**event, **thread, "type": "app_mention"}, name + "M")


def _enveloped(story: Story, event: Json, name: str) -> Json:
    return {
        "token": "old",
        "team_id": story.team,
        "context_team_id": story.team,
        "context_enterprise_id": None,
        "api_app_id": "A0SPELL",
        "event": event,
        "type": "event_callback",
        "event_id": name,
        "event_time": EPOCH,
        "authorizations": [{"enterprise_id": None, "team_id": story.team, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": f"4-{name}",
    }


def commanded(story: Story, answers_at: str) -> Json:
    """A slash command."""
    return {
        "token": "old",
        "team_id": story.team,
        "team_domain": "soak",
        "channel_id": story.channel,
        "channel_name": "general",
        "user_id": story.person,
        "user_name": "somebody",
        "command": "/spellout",
        "text": story.lines[0],
        "api_app_id": "A0SPELL",
        "is_enterprise_install": "false",
        "response_url": f"{answers_at}{story.trigger}",
        "trigger_id": story.trigger,
    }


def pressed(story: Story, step: int, attempt: int, message: Json, answers_at: str) -> Json:
    """A press on the button of that number in a message."""
    trigger = f"{story.trigger}.{step}.{attempt}"
    return {
        "type": "block_actions",
        "token": "old",
        "team": {"id": story.team, "domain": "soak"},
        "user": {"id": story.person, "username": "somebody", "name": "somebody", "team_id": story.team},
        "api_app_id": "A0SPELL",
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": trigger,
        "container": {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": story.channel,
            "is_ephemeral": False,
            "thread_ts": story.head,
        },
        "channel": {"id": story.channel, "name": "general"},
        "message": {"type": "message", "user": BOT, "ts": message["ts"], "thread_ts": story.head, "text": message["text"]},
        "state": {"values": {}},
        "response_url": f"{answers_at}{trigger}",
        "actions": [{**button(message["blocks"], story.lines[step]), "action_ts": f"{EPOCH}.{step}{attempt:05}"}],
    }


def button(blocks: Sequence[Json], number: str) -> Json:
    """The button of that number among the answers that a question offers."""
    offered = [element for block in blocks for element in block.get("elements", ()) if element.get("type") == "button"]
    offered += [block["accessory"] for block in blocks if "accessory" in block]
    answers = [element for element in offered if element["value"].startswith("answer:")]
    found: Json = answers[int(number) - 1]
    return found
