"""The outbox: replies saved with the step that made them, leased to be sent, and forgotten once sent."""

from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import BindParameter, Connection, Row, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.messages import Place, Reply
from bot.ports import Outgoing
from bot.store.tables import OPENING, outbox, posts

LEASE_SECONDS = 60
"""How long a reply belongs to the process that took it; sending must not take longer."""

_ENDED = 1
"""The end of a lease whose holder is gone: long past, and still a sign that an attempt was under way."""

_replies: TypeAdapter[Reply] = TypeAdapter(Reply)
_log = structlog.get_logger(__name__)

# --------------------------------------------------------------------------- statements

_earlier = outbox.alias("earlier")


def _message_in(slot: Any) -> Any:
    """The message that stands in a slot of the reply's conversation. Looked up for each reply: a join would read all posts for a few."""
    return select(posts.c.message).where(posts.c.conversation == outbox.c.conversation, posts.c.slot == slot).scalar_subquery()


_FIRST_OF_ITS_CONVERSATION = ~(
    select(_earlier.c.id).where(_earlier.c.conversation == outbox.c.conversation, _earlier.c.id < outbox.c.id).exists()
)

_TEAM_KEY = outbox.c.service + ":" + outbox.c.team
_CHANNEL_KEY = _TEAM_KEY + ":" + outbox.c.channel
_RESTING: BindParameter[str] = bindparam("resting", expanding=True)
_ANEW = and_(_message_in(outbox.c.slot).is_(None), or_(outbox.c.answer_url.is_(None), outbox.c.direct))  # Outgoing.anew
_RESTS = or_(_TEAM_KEY.in_(_RESTING), and_(_CHANNEL_KEY.in_(_RESTING), _ANEW))

_CAN_BE_SENT = and_(_FIRST_OF_ITS_CONVERSATION, or_(~outbox.c.needs_opening, _message_in(OPENING).is_not(None)), ~_RESTS)

_DUE = (
    select(outbox, _message_in(OPENING).label("opening_message"), _message_in(outbox.c.slot).label("slot_message"))
    .where(_CAN_BE_SENT, outbox.c.due_at <= bindparam("now"), outbox.c.leased_until <= bindparam("now"))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=outbox, skip_locked=True)
)

_NEXT_DUE = select(outbox.c.due_at).where(_CAN_BE_SENT).order_by(outbox.c.due_at, outbox.c.id).limit(1)

_BACKLOG = select(func.count(), func.min(outbox.c.created_at)).select_from(outbox)

_IN_ORDER = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("of"), 0)))

_LEASE = update(outbox).where(outbox.c.id == bindparam("reply_id")).values(leased_until=bindparam("until"), due_at=bindparam("until"))
_RETRY = (
    update(outbox)
    .where(outbox.c.id == bindparam("reply_id"), outbox.c.leased_until == bindparam("lease"))
    .values(attempts=outbox.c.attempts + 1, due_at=bindparam("at"), leased_until=bindparam("ended"))
)
_DELETE = delete(outbox).where(outbox.c.id == bindparam("reply_id"))
_DELETE_DEPENDENT = delete(outbox).where(outbox.c.conversation == bindparam("of"), outbox.c.needs_opening)
_RELEASE = update(outbox).where(outbox.c.leased_until > _ENDED).values(leased_until=_ENDED, due_at=_ENDED)
_FORGET_POST = delete(posts).where(posts.c.conversation == bindparam("of"), posts.c.slot == bindparam("in_slot"))
_OWNER_OF_THREAD = select(posts.c.conversation).where(
    posts.c.channel == bindparam("in_channel"), posts.c.message == bindparam("headed_by"), posts.c.slot == OPENING
)


def _upsert_post(dialect: Any) -> Any:
    statement = dialect.insert(posts)
    return statement.on_conflict_do_update(
        index_elements=[posts.c.conversation, posts.c.slot],
        set_={"message": statement.excluded.message, "posted_at": statement.excluded.posted_at},
    )


_NOTE_POST = {"sqlite": _upsert_post(sqlite), "postgresql": _upsert_post(postgresql)}

# --------------------------------------------------------------------------- operations, each inside a transaction of the store


def enqueue(connection: Connection, place: Place, replies: tuple[Reply, ...], now: int, person: str, answer_url: str | None) -> None:
    """Save the replies behind those that wait already. The address for answers leads to the person who acted, and to nobody else: a
    whisper to them goes there, and the reason why a thread that they wanted could not be opened."""
    if replies:
        if connection.dialect.name == "postgresql":
            # Else a later reply could be seen, and sent, before an earlier one of the same conversation is committed.
            connection.execute(_IN_ORDER, {"of": place.key})
        rows = [_row(place, reply, now, answer_url if reply.opens or reply.to == person else None) for reply in replies]
        connection.execute(insert(outbox), rows)


def lease(connection: Connection, now: int, limit: int, resting: frozenset[str] | None = None) -> tuple[Outgoing, ...]:
    """Take the replies to send now, at most one a conversation; where told what rests, at most one new message a channel."""
    taken = []
    channels: set[str] = set()
    found = connection.execute(_DUE, {"now": now, "most": limit, "resting": sorted(resting or ())}).all()
    for row in sorted(found, key=lambda row: int(row.id)):
        try:
            outgoing = _outgoing(row, now + LEASE_SECONDS)
        except ValidationError:
            # Written by another version: it must not stop what comes behind it.
            _log.error("reply_unreadable", outbox=row.id, conversation=row.conversation)
            connection.execute(_DELETE, {"reply_id": row.id})
            continue
        if outgoing.anew and resting is not None:
            if outgoing.place.channel_key in channels:
                continue
            channels.add(outgoing.place.channel_key)
        taken.append(outgoing)
    if taken:
        connection.execute(_LEASE, [{"reply_id": outgoing.id, "until": outgoing.leased_until} for outgoing in taken])
    return tuple(taken)


def next_due(connection: Connection, resting: frozenset[str] = frozenset()) -> int | None:
    """When the next reply becomes due or its lease ends (`due_at` says either), but for those that rest."""
    found: int | None = connection.execute(_NEXT_DUE, {"resting": sorted(resting)}).scalar()
    return found


def backlog(connection: Connection) -> tuple[int, int | None]:
    """How many replies wait, and since when the oldest does."""
    depth, oldest = connection.execute(_BACKLOG).one()
    return depth, oldest


def note_sent(connection: Connection, outgoing: Outgoing, message: str | None) -> None:
    """Forget the reply; remember the message that stands in its slot, and the thread it opened."""
    connection.execute(_DELETE, {"reply_id": outgoing.id})
    if outgoing.reply.gone:
        connection.execute(_FORGET_POST, {"of": outgoing.place.key, "in_slot": outgoing.reply.slot})
    if message is None or outgoing.reply.surface != "thread":
        return
    slots = {outgoing.reply.slot} | ({OPENING} if outgoing.reply.opens and outgoing.place.opening else set())
    noted = [
        {
            "conversation": outgoing.place.key,
            "slot": slot,
            "channel": outgoing.place.channel_key,
            "team": outgoing.place.team,
            "message": message,
            "posted_at": outgoing.queued_at,
        }
        for slot in sorted(slots - {""})
    ]
    if noted:
        connection.execute(_NOTE_POST[connection.dialect.name], noted)


def postpone(connection: Connection, outgoing: Outgoing, at: int, uncertain: bool) -> None:
    """Leave it in the outbox until then, with a sign if it may stand there already. Comes this too late, when another has it on its way,
    it is theirs."""
    ended = _ENDED if uncertain or outgoing.uncertain else 0
    connection.execute(_RETRY, {"reply_id": outgoing.id, "lease": outgoing.leased_until, "at": at, "ended": ended})


def drop(connection: Connection, outgoing: Outgoing) -> None:
    """Drop a refused reply; one that was to open a thread takes along what was to stand in that thread.

    A message that could not be replaced is forgotten, so that the next reply for its slot is posted anew.
    """
    connection.execute(_DELETE, {"reply_id": outgoing.id})
    if outgoing.reply.opens and outgoing.message is None:
        connection.execute(_DELETE_DEPENDENT, {"of": outgoing.place.key})
    if outgoing.message is not None and outgoing.reply.slot != OPENING:
        connection.execute(_FORGET_POST, {"of": outgoing.place.key, "in_slot": outgoing.reply.slot})


def release(connection: Connection) -> None:
    """End every lease."""
    connection.execute(_RELEASE)


def conversation_place(connection: Connection, place: Place) -> Place:
    """The place itself, or the place of the conversation whose opening message heads this thread."""
    if place.opening:
        return place
    owner = connection.execute(_OWNER_OF_THREAD, {"in_channel": place.channel_key, "headed_by": place.thread}).scalar()
    if owner is None:
        return place
    return Place(place.service, place.team, place.channel, owner.removeprefix(place.channel_key + ":"), place.direct)


# --------------------------------------------------------------------------- rows


def _row(place: Place, reply: Reply, now: int, answer_url: str | None) -> dict[str, object]:
    return {
        "conversation": place.key,
        "service": place.service,
        "team": place.team,
        "channel": place.channel,
        "thread": place.thread,
        "direct": place.direct,
        "reply": _replies.dump_json(reply).decode(),
        "slot": reply.slot,
        "needs_opening": place.opening and reply.surface == "thread" and not reply.opens,
        "answer_url": answer_url if reply.opens or reply.surface == "whisper" else None,
        "attempts": 0,
        "due_at": now,
        "leased_until": 0,
        "created_at": now,
    }


def _outgoing(row: Row[Any], leased_until: int) -> Outgoing:
    place = Place(row.service, row.team, row.channel, row.thread, row.direct)
    reply = _replies.validate_json(row.reply)
    return Outgoing(
        id=row.id,
        place=place,
        reply=reply,
        thread=_thread(place, reply, row.opening_message),
        message=row.slot_message if reply.slot else None,
        answer_url=row.answer_url,
        attempts=row.attempts,
        queued_at=row.created_at,
        uncertain=row.leased_until > 0,
        leased_until=leased_until,
    )


def _thread(place: Place, reply: Reply, opening_message: str | None) -> str | None:
    if reply.opens or place.thread == "dm":
        return None
    return opening_message if place.opening else place.thread
