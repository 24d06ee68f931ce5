"""The outgoing half: one reply of the outbox -> one message at Slack, or the reason why not."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack import blocks
from bot.chat.slack.connection import WORLD, address, retry_after, understood
from bot.chat.slack.payload import IN_THREAD
from bot.core.messages import Place, Reply
from bot.ports import Outgoing, Refused, TryLater

_log = structlog.get_logger(__name__)

METADATA = "spellout_reply"
"""The kind of the metadata by which a message of ours is found again."""

LOOK_BACK = 200
"""How many messages are looked through for a reply that may have been posted."""

CLOCKS_DIFFER = 300
"""Seconds that Slack's clock and ours may be apart."""

_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


class SlackSender:
    """Posts, replaces and whispers. `apologies` says, per error code of Slack, what to tell the person instead of the refused reply."""

    def __init__(self, client: AsyncWebClient, close: str, apologies: Mapping[str, Reply]) -> None:
        self._client = client
        self._close = close
        self._apologies = apologies
        self._answers_at = ("here",) if address(client.base_url) == "here" else ("slack",)

    async def send(self, outgoing: Outgoing) -> str | None:
        """Post, replace or whisper; the message's id, or None for a whisper. Raises TryLater or Refused."""
        if outgoing.reply.surface != "thread":
            await self._whisper(outgoing)
            return None
        if outgoing.reply.gone:
            await self._take_away(outgoing)
            return None
        try:
            return await self._say(outgoing)
        except Refused as refusal:
            await self._apologise(outgoing, str(refusal))
            raise

    async def open(self, trigger: str, reply: Reply, place: Place) -> None:
        """Open a window while the trigger lives, three seconds. Raises TryLater or Refused."""
        await self._call(self._client.views_open, trigger_id=trigger, view=blocks.window(reply, self._close, place))

    # ----------------------------------------------------------------------- in the thread

    async def _say(self, outgoing: Outgoing) -> str:
        if outgoing.message:
            try:
                await self._replace(outgoing, outgoing.message)
            except Refused as refusal:
                if str(refusal) not in _GONE:
                    raise
            else:
                return outgoing.message
        return await self._post(outgoing)

    async def _take_away(self, outgoing: Outgoing) -> None:
        """Delete the message. One that is gone already is what was wanted; one that a workspace's rules keep says so, without buttons."""
        if outgoing.message is None:
            return
        try:
            await self._call(self._client.chat_delete, channel=outgoing.place.channel, ts=outgoing.message)
        except Refused as refusal:
            if str(refusal) not in _GONE:
                _log.warning("message_not_deleted", why=str(refusal))
                await self._replace(outgoing, outgoing.message)

    async def _replace(self, outgoing: Outgoing, message: str) -> None:
        content = blocks.message(outgoing.reply)
        await self._with_blocks(
            self._client.chat_update,
            channel=outgoing.place.channel,
            ts=message,
            text=content["text"],
            blocks=content["blocks"],
            parse=content["parse"],
            link_names=False,
        )

    async def _post(self, outgoing: Outgoing) -> str:
        """Post it with its mark, unless an earlier attempt did so and we could not learn it."""
        if outgoing.uncertain and (posted := await self._find(outgoing)):
            _log.info("found_posted", outbox=outgoing.id)
            return posted
        response = await self._with_blocks(
            self._client.chat_postMessage,
            channel=outgoing.place.channel,
            thread_ts=_thread(outgoing),
            metadata={"event_type": METADATA, "event_payload": {"mark": outgoing.mark}},
            **blocks.message(outgoing.reply, outgoing.place),
        )
        return str(response["ts"])

    async def _find(self, outgoing: Outgoing) -> str | None:
        """The message that bears this reply's mark, if it was posted; a thread or channel that cannot be read has none."""
        where: dict[str, Any] = {
            "channel": outgoing.place.channel,
            "oldest": str(max(0, outgoing.queued_at - CLOCKS_DIFFER)),
            "limit": LOOK_BACK,
            "include_all_metadata": True,
        }
        try:
            if thread := _thread(outgoing):
                found = await self._call(self._client.conversations_replies, ts=thread, **where)
            else:
                found = await self._call(self._client.conversations_history, **where)
        except Refused as refusal:
            _log.warning("not_looked_up", why=str(refusal))
            return None
        payloads = ((message, (message.get("metadata") or {}).get("event_payload") or {}) for message in found.get("messages", []))
        return next((str(message["ts"]) for message, payload in payloads if payload.get("mark") == outgoing.mark), None)

    # ----------------------------------------------------------------------- for one person

    async def _whisper(self, outgoing: Outgoing) -> None:
        """By the best way that works: in a direct message a plain post, else the address for answers, else an ephemeral message."""
        outgoing = replace(outgoing, reply=replace(outgoing.reply, surface="whisper"))
        ways: list[Callable[[Outgoing], Awaitable[object]]] = [self._post] if outgoing.place.direct else []
        if outgoing.answer_url:
            ways.append(self._answer)
        if not outgoing.place.direct:
            ways.append(self._post_ephemeral)
        refusal = Refused("no_way")
        for way in ways:
            try:
                await way(outgoing)
                return
            except Refused as refused:
                refusal = refused
        raise refusal

    async def _post_ephemeral(self, outgoing: Outgoing) -> None:
        content: dict[str, Any] = {**blocks.message(outgoing.reply, outgoing.place)}
        await self._with_blocks(
            self._client.chat_postEphemeral,
            channel=outgoing.place.channel,
            user=outgoing.reply.to,
            thread_ts=_thread(outgoing),
            **{key: content[key] for key in ("text", "blocks", "parse")},
            link_names=False,
        )

    async def _answer(self, outgoing: Outgoing) -> None:
        url, _, seen = (outgoing.answer_url or "").partition("#")
        session = self._client.session
        if address(url) not in self._answers_at or (address(url) == "slack" and not _is_hook(url)) or session is None:
            raise Refused("untrusted_answer_url")
        payload: dict[str, Any] = {
            **blocks.message(outgoing.reply, outgoing.place),
            "response_type": "ephemeral",
            "replace_original": False,
        }
        if seen == IN_THREAD[1:] and (thread := _thread(outgoing)):
            payload["thread_ts"] = thread
        try:
            async with session.post(url, json=payload, allow_redirects=False, proxy=self._client.proxy) as response:
                _check(response)
        except WORLD as error:
            raise understood(error) from None

    async def _apologise(self, outgoing: Outgoing, code: str) -> None:
        """Tell the person privately why nothing came."""
        apology = self._apologies.get(code)
        if apology is None or not outgoing.answer_url:
            return
        try:
            await self._answer(replace(outgoing, reply=replace(apology, surface="whisper")))
        except Refused as refusal:
            _log.warning("apology_refused", why=str(refusal))

    # ----------------------------------------------------------------------- calls

    async def _with_blocks(self, method: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
        """The call; where Slack dislikes the blocks after all, the person gets the plain sentence rather than nothing."""
        try:
            return await self._call(method, **arguments)
        except Refused as refusal:
            if str(refusal) not in _BAD_BLOCKS:
                raise
            _log.error("blocks_refused", why=str(refusal))
            return await self._call(method, **{**arguments, "blocks": []})

    async def _call(self, method: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
        try:
            return await method(**arguments)
        except WORLD as error:
            raise understood(error) from None


def _thread(outgoing: Outgoing) -> str | None:
    """The thread to post in; a direct message's own line and a thread not opened yet are none."""
    thread = outgoing.thread
    return None if thread is None or thread == "dm" or thread.startswith("new-") else thread


def _is_hook(url: str) -> bool:
    return url.startswith(("https://hooks.slack.com/", "https://hooks.slack-gov.com/"))


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status == 429:
        raise TryLater("ratelimited", retry_after(response.headers), uncertain=False)
    if response.status >= 500:
        raise TryLater(f"status {response.status}")
    if response.status != 200:
        raise Refused("answer_url_expired")
