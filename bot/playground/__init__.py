"""An embedded stand-in for Slack, and a page to talk in it. It knows Slack's wire format and nothing of the bot."""

from bot.playground.delivery import Patience
from bot.playground.guard import NotLoopback
from bot.playground.standin import StandIn
from bot.playground.workspace import Message

__all__ = ["Message", "NotLoopback", "Patience", "StandIn"]
