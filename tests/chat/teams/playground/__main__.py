"""`make try-teams`: the bot in Microsoft's Agents Playground, until Ctrl-C."""

import asyncio
import socket
import sys

from bot import logs
from bot.lifetime import Lifetime
from bot.settings import Local
from tests.chat.teams.playground.parts import NAME, Missing, agents_playground, bot

PORT = 8643
STOPS_WITHIN = 8.0


def free_port(wanted: int) -> int:
    """This port, or another where something listens there."""
    with socket.socket() as there:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            there.bind(("127.0.0.1", wanted))
        except OSError:
            there.bind(("127.0.0.1", 0))
        return int(there.getsockname()[1])


async def main() -> None:
    async with bot() as endpoint, agents_playground(endpoint, free_port(PORT)) as url:
        said = (
            f"{NAME} is open in Teams' clothes at {url} until you press Ctrl-C. Nothing is kept, and nothing leaves this machine.\n"
            f"In the group chat and the channels begin with @{NAME}, picked from the list: the playground hands it nothing else there."
        )
        print(said, flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    logs.to_stderr(Local.model_validate({}), "warning")
    try:
        Lifetime(STOPS_WITHIN).run(main)
    except KeyboardInterrupt:
        sys.exit(0)
    except Missing as missing:
        sys.exit(str(missing))
