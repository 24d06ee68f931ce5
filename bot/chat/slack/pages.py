"""The pages that people see in a browser while they add Spellout to Slack, and those that tell of support and privacy."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Final

import yaml
from aiohttp import web

_FOLDER = Path(__file__).with_name("html")
_STYLE = (_FOLDER / "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
OVER_HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}


@dataclass(frozen=True, slots=True)
class _Failure:
    status: int
    headline: str
    explanation: str


_FAILURES = {reason: _Failure(**entry) for reason, entry in yaml.safe_load((_FOLDER / "failures.yml").read_text(encoding="utf-8")).items()}


class Pages:
    """Writes each page; whatever goes into one is escaped. `support` is where people get help: a mail address or an https address."""

    def __init__(self, public_url: str, support: str = "", keep_days: int = 180, keep_records_days: int | None = None) -> None:
        self._root = public_url
        self._support = support
        self._days, self._record_days = keep_days, keep_records_days
        self._headers = HEADERS | (OVER_HTTPS if public_url.startswith("https://") else {})

    def install(self, url: str) -> web.Response:
        """The button that leads to Slack."""
        return self._page("install", "Add Spellout to Slack", url=url)

    def installed(self, workspace: str, address: str) -> web.Response:
        """It is done."""
        return self._page("installed", "Spellout was added", workspace=workspace, open=address)

    def failed(self, reason: str) -> web.Response:
        """It was not done, and why: one of our own reasons, or Slack's word for it."""
        failure = _FAILURES.get(reason) or _FAILURES["other"]
        explanation = Template(failure.explanation).substitute(reason=reason[:80])
        return self._page("failed", failure.headline, failure.status, headline=failure.headline, explanation=explanation)

    @staticmethod
    def knows(reason: str) -> bool:
        """Whether this is a reason of our own, with words of its own."""
        return reason in _FAILURES

    async def support(self, request: web.Request) -> web.Response:
        """Where to get help."""
        return self._page("support", "Support for Spellout", markup={"contact": self._contact("To get help")})

    async def privacy(self, request: web.Request) -> web.Response:
        """What is stored, for how long, and how it is deleted."""
        contact = self._contact("With any question about your data")
        records = f"For {self._record_days} days." if self._record_days else "Until somebody deletes them."
        return self._page("privacy", "Privacy at Spellout", markup={"contact": contact}, days=str(self._days), records=records)

    def _contact(self, occasion: str) -> str:
        """A sentence, as markup."""
        if not self._support:
            return f"{escape(occasion)}, turn to whoever runs Spellout in your company."
        address = self._support if self._support.startswith("https://") else f"mailto:{self._support}"
        return f'{escape(occasion)}, turn to <a href="{escape(address)}">{escape(self._support)}</a>.'

    def _page(self, name: str, title: str, status: int = 200, markup: dict[str, str] | None = None, **values: str) -> web.Response:
        escaped = {key: escape(value) for key, value in {"root": self._root, **values}.items()}
        body = _template(name).substitute(escaped | (markup or {}))
        page = _template("page").substitute(escaped, title=escape(title), style=_STYLE, body=body)
        return web.Response(status=status, text=page, content_type="text/html", headers=self._headers)


def _template(name: str) -> Template:
    return Template((_FOLDER / f"{name}.html").read_text(encoding="utf-8"))
