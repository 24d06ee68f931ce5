"""`make try-teams`: the bot in Microsoft's Agents Playground, until Ctrl-C."""

import asyncio
import sys

from tests.chat.teams.playground.parts import Missing, agents_playground, bot

PORT = 8643


async def main() -> None:
    async with bot() as endpoint, agents_playground(endpoint, PORT) as url:
        print(f"Spellout is open in Teams' clothes at {url} until you press Ctrl-C. Nothing is kept, and nothing leaves this machine.")  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(0)
    except Missing as missing:
        sys.exit(str(missing))
