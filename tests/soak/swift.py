"""The program with a shorter lease: `python -m tests.soak.swift serve`. What a killed replica had taken is free again in seconds, for tests
that cannot wait a minute. An attempt ends before the lease does, as in the program itself."""

from dataclasses import replace

from bot import cli, service
from bot.pacing import Pace
from bot.store import outbox

outbox.LEASE_SECONDS = 16
_pace = replace(Pace(), one_attempt=12)
vars(service)["Pace"] = lambda: _pace

if __name__ == "__main__":
    cli.main()
