"""When not to speak although there is something to say: modes, budgets, windows, dismissals, company. Every rule has a name that can
be told to whoever asks why."""

from collections.abc import Callable, Mapping

from bot.core.manners import DAY, Manners
from bot.core.memory import Channel, Mode
from bot.core.turn import Turn

ALLOWED: Mapping[Mode, frozenset[str]] = {
    "helpful": frozenset({"ask", "note", "explain"}),
    "unclear": frozenset({"ask"}),
    "asked": frozenset(),
    "off": frozenset(),
}
"""What each mode says unprompted."""

FADES_AT = 100
"""Counts of a term above which all are halved."""

HABIT, MOST, CONFIRMED_COUNTS = 3, 0.8, 2
"""A channel has a habit from so many messages on, if so large a share of them agree; a person's confirmation counts for two."""


def held_back(turn: Turn, term: str, verdict: str, outside: bool, manners: Manners) -> str:
    """Why this must not be said unprompted; "" when it may."""
    rules: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("mode", lambda: verdict not in ALLOWED[turn.channel.mode]),
        ("other company", lambda: (outside or turn.outsider) and not turn.channel.with_others),
        ("dismissed", lambda: term in turn.who.dismissed),
        (
            "explained before",
            lambda: verdict == "explain" and _recent(turn.channel.explained.get(term), turn.now, manners.explain_again_after),
        ),
        ("said lately", lambda: _recent(turn.who.met.get(_remark(turn, term, verdict)), turn.now, manners.same_person_after)),
        ("budget", lambda: spoken_today(turn.channel, turn.now) >= manners.replies_a_day),
    )
    return next((name for name, holds in rules if holds()), "")


def spoke(turn: Turn, term: str, verdict: str, manners: Manners) -> None:
    """Count an unprompted remark."""
    _note_remark(turn, term, verdict, manners)
    if verdict == "explain":
        turn.note_channel(explained=turn.channel.explained | {term: turn.now})


def _note_remark(turn: Turn, term: str, verdict: str, manners: Manners) -> None:
    turn.note_channel(day=turn.now // DAY, spoken=spoken_today(turn.channel, turn.now) + 1)
    met = {remark: at for remark, at in turn.who.met.items() if _recent(at, turn.now, manners.same_person_after)}
    turn.note_person(met=met | {_remark(turn, term, verdict): turn.now})


def would_have(turn: Turn, term: str, verdict: str, manners: Manners) -> None:
    """Count what was not said in the shadow, with the restraint that it would have had: once a thread, seldom to the same person, within
    the day's budget; what is explained in a channel once is counted once."""
    remark = f"{verdict} {term}"
    turn.remember(shadowed=(*turn.thread.shadowed, term))
    if verdict == "explain" and remark in turn.channel.would:
        return
    _note_remark(turn, term, verdict, manners)
    turn.note_channel(would=turn.channel.would | {remark: turn.channel.would.get(remark, 0) + 1})


def dismiss(turn: Turn, term: str, manners: Manners) -> bool:
    """Never again to this person about this term; True if the channel has now heard enough of it and goes quiet by itself.

    People of another company decide for themselves alone, and so does everybody in a direct message.
    """
    again = term in turn.who.dismissed
    turn.note_person(dismissed=turn.who.dismissed | {term: turn.now})
    if again or turn.outsider or turn.place.direct:
        return False
    recent = (*(at for at in turn.channel.dismissed if _recent(at, turn.now, manners.dismissals_within)), turn.now)
    goes_quiet = len(recent) >= manners.dismissals_before_quiet and turn.channel.mode in ("helpful", "unclear")
    turn.note_channel(dismissed=() if goes_quiet else recent)
    if goes_quiet:
        turn.note_channel(mode="asked", quiet=True)
    return goes_quiet


def spoken_today(channel: Channel, now: int) -> int:
    """Unprompted remarks in this channel today (UTC)."""
    return channel.spoken if channel.day == now // DAY else 0


def _remark(turn: Turn, term: str, verdict: str) -> str:
    return f"{turn.place.channel} {term} {verdict}"


def _recent(at: int | None, now: int, within: int) -> bool:
    return at is not None and now - at < within


# --------------------------------------------------------------------------- what a channel is used to


def counted(counts: Mapping[str, Mapping[str, int]], term: str, sense: str) -> dict[str, dict[str, int]]:
    """The counts with one more for this meaning; old counts fade, so that a channel can change its mind."""
    mine = dict(counts.get(term, {}))
    mine[sense] = mine.get(sense, 0) + 1
    if sum(mine.values()) > FADES_AT:
        mine = {name: count // 2 for name, count in mine.items() if count // 2}
    return {name: dict(senses) for name, senses in counts.items()} | {term: mine}


def habits(channel: Channel) -> dict[str, str]:
    """Term -> the meaning that nearly all of the channel's messages and confirmations gave it so far."""
    found: dict[str, str] = {}
    for term in channel.heard.keys() | channel.confirmed.keys():
        senses = dict(channel.heard.get(term, {}))
        for sense, count in channel.confirmed.get(term, {}).items():
            senses[sense] = senses.get(sense, 0) + CONFIRMED_COUNTS * count
        leading = max(senses, key=lambda sense: (senses[sense], sense), default="")
        if leading and senses[leading] >= HABIT and senses[leading] >= MOST * sum(senses.values()):
            found[term] = leading
    return found


def forget_remark(turn: Turn, term: str) -> None:
    """A remark was taken back: it no longer keeps us from making another."""
    prefix = f"{turn.place.channel} {term} "
    turn.note_person(met={remark: at for remark, at in turn.who.met.items() if not remark.startswith(prefix)})
    turn.note_channel(
        explained={name: at for name, at in turn.channel.explained.items() if name != term},
        spoken=max(spoken_today(turn.channel, turn.now) - 1, 0),
        day=turn.now // DAY,
    )
