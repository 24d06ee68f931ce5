"""A process that hears, sends, and is killed at a chosen moment: `python doomed.py FOLDER URL MOMENT EVENTS`.

It writes a line to FOLDER/posted for every message that it posts: what the chat service has seen. After every event whose step is
saved it prints the event's number.
"""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import structlog

from bot.core.memory import Meaning, Memory, Thread
from bot.core.messages import Event, Place, Reply, Said
from bot.core.turn import Decision
from bot.pacing import Pace
from bot.ports import Outgoing
from bot.service import Service
from bot.store import SqlStore
from tests.service_stage import Rules


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def said(number: int) -> Said:
    """The event of that number; three conversations take turns."""
    return Said(Place("chat", "T1", "C1", f"{number % 3}.0"), "U1", "words", (f"event-{number}", f"message-{number}"))


class Chat:
    """The chat service, as a file of the messages it has shown."""

    def __init__(self, folder: Path, moment: str) -> None:
        self.path = folder / "posted"
        self.moment = moment

    async def send(self, outgoing: Outgoing) -> str | None:
        if self.moment == "before posting":
            die()
        with self.path.open("a", encoding="utf-8") as file:
            file.write(outgoing.reply.fallback + "\n")
        if self.moment == "after posting":
            die()
        return "m-" + outgoing.reply.fallback


def service(folder: Path, url: str, moment: str = "", ahead: int = 0) -> tuple[Service, SqlStore]:
    """The service on the database, its clock put ahead. It counts a conversation's events and answers each with its number."""

    def decide(event: Event, place: Place, memory: Memory, now: int) -> Decision:
        if moment == "while saving":
            die()
        number = event.marks[0].removeprefix("event-")
        meanings = memory.thread.meanings | {number: Meaning(sense="counted", how="noted")}
        return Decision(Memory(thread=Thread(meanings=meanings), channel=memory.channel), (Reply((), number, slot=number),), "counted")

    store = SqlStore.open(url)
    chat = Chat(folder, moment)
    return Service(store, chat, Rules(decide), clock=lambda: time.time() + ahead, pace=Pace(apart=0)), store


async def main(folder: Path, url: str, moment: str, events: int) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    hearing, store = service(folder, url, moment)
    if moment != "before sending":
        await hearing.start()
    for number in range(events):
        await hearing.hear(said(number))
        print(number, flush=True)  # noqa: T201 - the test reads it
    if moment == "before sending":
        die()
    await hearing.idle()
    await hearing.stop()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
