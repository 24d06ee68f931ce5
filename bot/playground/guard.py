"""The stand-in is for this machine alone: which addresses it binds, and whose requests it answers."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotLoopback(Exception):
    """Somebody asked for an address that others can reach; the text is the sentence to show."""


def check_bind(host: str) -> None:
    """Refuse every address but this machine's own."""
    if host not in LOOPBACK:
        raise NotLoopback(f"The playground has no passwords and answers on this machine only: use 127.0.0.1 or ::1 instead of {host!r}.")


def host_name(value: str) -> str:
    """The name in a Host header or an origin, without the port."""
    try:
        return urlsplit(value if "//" in value else f"//{value}").hostname or ""
    except ValueError:
        return ""


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No request that was meant for another host (DNS rebinding), none that another web site's page sent."""
    origin = request.headers.get("Origin")
    here = request.headers.get("Host", "")
    if host_name(here) not in LOOPBACK:
        raise web.HTTPForbidden(text="This is answered for this machine's own name only.")
    if origin is not None and urlsplit(origin).netloc != here:
        raise web.HTTPForbidden(text="This is not answered for other web sites.")
    opened_from_a_link = request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "document"
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin") and not opened_from_a_link:
        raise web.HTTPForbidden(text="This is not answered for other web sites.")
    return await handler(request)
