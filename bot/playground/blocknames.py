"""Names for blocks and elements that came without: Slack makes them up, and interactions carry them."""

import copy
import secrets
from typing import Any

from bot.playground.blockcheck import elements

Json = dict[str, Any]


def named(blocks: list[Json]) -> list[Json]:
    """A copy in which every block has a block id and every element an action id."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in elements(block):
            element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return blocks
