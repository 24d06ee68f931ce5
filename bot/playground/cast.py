"""Who lives in the playground: read from cast.json, so that changing a name is no matter of code."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.playground.workspace import Channel, Json, Message, Person, Workspace

CAST = Path(__file__).with_name("cast.json")


def read_cast() -> Json:
    """The cast file as it stands."""
    cast: Json = json.loads(CAST.read_text(encoding="utf-8"))
    return cast


def open_workspace(bot_name: str, *, history: bool, limit: int = 2000, clock: Callable[[], float] = time.time, **more: Any) -> Workspace:
    """A workspace with everybody in every channel, the bot included; `history` puts the opening messages in. `more` is the workspace's."""
    cast = read_cast()
    people = [Person(**each) for each in cast["people"]]
    workspace = Workspace(people, [], bot_name=bot_name, limit=limit, clock=clock, **{"name": cast["team"], **more})
    everybody = set(workspace.people)
    for each in cast["channels"]:
        workspace.add(Channel(members=set(everybody), **each))
    if history:
        _tell_history(workspace, cast["history"])
    return workspace


def _tell_history(workspace: Workspace, lines: list[Json]) -> None:
    for line in sorted(lines, key=lambda each: -each["minutes_ago"]):
        then = workspace.clock() - 60 * line["minutes_ago"]
        ts = f"{then:.6f}"
        workspace.post(Message(workspace.channel(line["channel"]).id, ts, workspace.person(line["person"]).id, line["text"]))
