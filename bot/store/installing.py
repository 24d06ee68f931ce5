"""Where Spellout is installed, in the database: sealed tokens, and the states of installations that were begun."""

import hashlib
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, Row, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.ports import Installation, StoreError
from bot.store.sealing import SETTING, Seal
from bot.store.tables import install_states, installations, outbox

_log = structlog.get_logger(__name__)

MOST_STATES = 10_000
"""Installations that may be under way at once: more visits than that are no people's."""

_c = installations.c


def _upsert(dialect: Any, table: Any) -> Any:
    statement = dialect.insert(table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=others)


_INSTALL = {"sqlite": _upsert(sqlite, installations), "postgresql": _upsert(postgresql, installations)}
_ISSUE = {"sqlite": _upsert(sqlite, install_states), "postgresql": _upsert(postgresql, install_states)}
_ONE = select(installations).where(_c.service == bindparam("of"), _c.team == bindparam("at"))
_ALL = select(installations).where(_c.service == bindparam("of")).order_by(_c.installed_at.desc(), _c.team)
_EVERY = select(_c.service, _c.team, _c.sealed_token).order_by(_c.service, _c.team).with_for_update()
_RESEAL = update(installations).where(_c.service == bindparam("of"), _c.team == bindparam("at")).values(sealed_token=bindparam("sealed"))
_CONSUME = delete(install_states).where(install_states.c.hash == bindparam("of")).returning(install_states.c.ends_at)
_BEGUN = select(func.count()).select_from(install_states)
_EARLIEST = select(install_states.c.hash).order_by(install_states.c.ends_at).limit(bindparam("most")).with_for_update(skip_locked=True)
_MAKE_ROOM = delete(install_states).where(install_states.c.hash.in_(_EARLIEST))
_WAITING = and_(outbox.c.service == bindparam("of"), outbox.c.team == bindparam("at"), outbox.c.due_at > outbox.c.leased_until)
_SEND_NOW = update(outbox).where(_WAITING).values(due_at=0)


class Rotated(NamedTuple):
    """What a rotation did: how many tokens are now under the first key, and the installations whose token no key opens."""

    sealed: int
    unreadable: tuple[str, ...]


# --------------------------------------------------------------------------- operations, each inside a transaction of the store


def save(connection: Connection, installation: Installation, sealed: str) -> None:
    """Save it in place of an earlier one of the same service and team, and try again at once to send what may have waited for it."""
    row = {
        "service": installation.service,
        "team": installation.team,
        "sealed_token": sealed,
        "bot_user": installation.bot_user,
        "bot": installation.bot,
        "app": installation.app,
        "enterprise": installation.enterprise,
        "everywhere": installation.everywhere,
        "scopes": ",".join(installation.scopes),
        "installed_by": installation.installed_by,
        "installed_at": installation.installed_at,
    }
    connection.execute(_INSTALL[connection.dialect.name], row)
    connection.execute(_SEND_NOW, {"of": installation.service, "at": installation.team})


def one(connection: Connection, seal: Seal, service: str, team: str) -> Installation | None:
    """The installation of this team, if there is one; raises StoreError where no key opens its token.

    A lost key is the operator's to put back: until then the team counts as neither installed nor gone, and what it says is delivered again.
    """
    row = connection.execute(_ONE, {"of": service, "at": team}).first()
    if row is None:
        return None
    installation = _read(row, seal)
    if installation is None:
        raise StoreError(f"No key of {SETTING} opens the token of {service}:{team}: put the key back that it was encrypted with.")
    return installation


def every(connection: Connection, seal: Seal, service: str) -> tuple[Installation, ...]:
    """Every installation whose token opens, the latest first."""
    found = (_read(row, seal) for row in connection.execute(_ALL, {"of": service}).all())
    return tuple(installation for installation in found if installation)


def rotate(connection: Connection, seal: Seal) -> Rotated:
    """Seal every token that opens anew; one that does not open is left as it is."""
    resealed, unreadable = [], []
    for row in connection.execute(_EVERY).all():
        token = seal.open(row.service, row.team, row.sealed_token)
        if token is None:
            unreadable.append(f"{row.service}:{row.team}")
        else:
            resealed.append({"of": row.service, "at": row.team, "sealed": seal.seal(row.service, row.team, token)})
    if resealed:
        connection.execute(_RESEAL, resealed)
    return Rotated(len(resealed), tuple(unreadable))


def issue(connection: Connection, state: str, until: int) -> None:
    """Note a state; only its hash, so that who reads the database cannot end an installation that somebody else began.

    Anybody can begin as many as they like: beyond the bound the earliest go.
    """
    connection.execute(_ISSUE[connection.dialect.name], {"hash": _hash(state), "ends_at": until})
    if connection.execute(_BEGUN).scalar_one() > MOST_STATES:
        connection.execute(_MAKE_ROOM, {"most": MOST_STATES // 10})


def consume(connection: Connection, state: str, now: int) -> bool:
    """Take the state away; whether it was there and had not ended. Of two that try at once, the database lets one see it."""
    ends_at = connection.execute(_CONSUME, {"of": _hash(state)}).scalar()
    return ends_at is not None and now < ends_at


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


def _read(row: Row[Any], seal: Seal) -> Installation | None:
    token = seal.open(row.service, row.team, row.sealed_token)
    if token is None:
        _log.error("installation_unreadable", service=row.service, team=row.team, why=f"no key of {SETTING} opens its token")
        return None
    return Installation(
        service=row.service,
        team=row.team,
        token=token,
        bot_user=row.bot_user,
        bot=row.bot,
        app=row.app,
        enterprise=row.enterprise,
        everywhere=row.everywhere,
        scopes=tuple(row.scopes.split(",")) if row.scopes else (),
        installed_by=row.installed_by,
        installed_at=row.installed_at,
    )
