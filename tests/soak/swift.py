"""The program with a shorter lease: `python -m tests.soak.swift serve`. What a killed replica had taken is free again in seconds, for tests
that cannot wait a minute."""

from bot import cli
from bot.store import outbox

outbox.LEASE_SECONDS = 12

if __name__ == "__main__":
    cli.main()
