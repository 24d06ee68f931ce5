"""The environment (and a `.env` file) -> frozen Settings, or every mistake at once with what to set and where to get it."""

import base64
import binascii
import os
import re
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

SLACK_API_URL = "https://slack.com/api/"

KEY_BYTES = 32
"""Bytes of a key that tokens are encrypted with."""

_BOT_TOKEN_PAGE = "it stands at api.slack.com/apps > your app > OAuth & Permissions"
_APP_TOKEN_PAGE = "it is made at api.slack.com/apps > your app > Basic Information > App-Level Tokens, with the scope connections:write"
_ADDRESS = "such as https://spellout.example.com, or http://127.0.0.1:3000 to try it on one machine"
_SECRET_PAGE = "it stands at api.slack.com/apps > your app > Basic Information > App Credentials"

_KINDS = {
    "xoxb-": "a bot token, which belongs in SLACK_BOT_TOKEN",
    "xapp-": "an app-level token, which belongs in SLACK_APP_TOKEN",
    "xoxp-": "a person's token, which Spellout never needs",
    "xoxe": "a token that expires, from an app with token rotation, which Spellout does not support",
}
"""Slack's tokens by how they start."""


class OperatorError(Exception):
    """Something that the person who runs Spellout has to put right: what is wrong and the remedy, one sentence a line."""


class SettingsError(OperatorError):
    """One or more settings are missing or malformed."""


def _plain(value: SecretStr, page: str) -> str:
    text = value.get_secret_value()
    if re.search(r"""[\s"'`]""", text):
        raise ValueError(f"contains a space, line break or quote; paste the bare value: {page}")
    return text


def _token(start: str, page: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        text = _plain(value, page)
        kind = next((kind for prefix, kind in _KINDS.items() if text.startswith(prefix) and prefix != start), None)
        if kind:
            raise ValueError(f"holds {kind}; this one starts with {start}: {page}")
        if not re.fullmatch(rf"{start}[A-Za-z0-9-]+", text):
            raise ValueError(f"is not a whole token, which starts with {start} and has only letters, digits and hyphens: {page}")
        return value

    return AfterValidator(check)


def _secret(value: SecretStr) -> SecretStr:
    text = _plain(value, _SECRET_PAGE)
    if text.startswith(tuple(_KINDS)):
        raise ValueError(f"holds a token, not the signing secret: {_SECRET_PAGE}")
    if not re.fullmatch(r"[0-9A-Za-z]{16,}", text):
        raise ValueError(f"is not a whole signing secret, which has 32 letters and digits: {_SECRET_PAGE}")
    return value


def _client_id(value: str) -> str:
    if not re.fullmatch(r"[0-9]+\.[0-9]+", value):
        raise ValueError(f"is not a whole client id, which is two numbers with a dot between them: {_SECRET_PAGE}")
    return value


def _public_url(value: str) -> str:
    """Without a slash at its end."""
    try:
        parts = urlsplit(value)
        loopback = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        fit = (parts.scheme == "https" or loopback) and bool(parts.hostname) and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        fit = False
    if not fit or not re.fullmatch(r"[A-Za-z0-9:/._~%\[\]-]+", value):
        raise ValueError(f"is no public address; give the one that your proxy answers at, {_ADDRESS}")
    return value.rstrip("/")


def _workspaces(value: str) -> str:
    names = value.replace(",", " ").split()
    odd = next((name for name in names if not re.fullmatch(r"[TE][A-Z0-9]+", name)), None)
    if odd is not None:
        raise ValueError(f"holds {odd!r}; give ids of workspaces (T...) or organisations (E...) with commas between them")
    return value


def _support(value: str) -> str:
    if not re.fullmatch(r"https://[\w.-]+\.\w+(:[0-9]+)?(/[\w./~%#?=&-]*)?|[\w.+-]+@[\w.-]+\.\w+", value, re.ASCII):
        raise ValueError("is neither a mail address nor an address that begins with https://")
    return value


def _keys(value: SecretStr) -> SecretStr:
    keys = [key.strip() for key in value.get_secret_value().split(",")]
    for number, key in enumerate(keys, start=1):
        try:
            sound = len(base64.b64decode(key.encode("ascii"), altchars=b"-_", validate=True)) == KEY_BYTES
        except (UnicodeEncodeError, binascii.Error):
            sound = False
        if not sound:
            which = f", key {number} of {len(keys)}," if len(keys) > 1 else ""
            raise ValueError(f"holds something{which} that is no key of 32 bytes in URL-safe base64: `spellout keys new` makes one")
    return value


def _folder(value: Path) -> Path:
    if not value.is_dir():
        raise ValueError(f"names {value}, where there is no folder; name a folder made like rules/, or leave it out")
    return value


class Local(BaseSettings):
    """What every command obeys, with or without Slack. Each description is what README says of the setting."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, case_sensitive=True, hide_input_in_errors=True, env_file_encoding="utf-8"
    )

    rules: Annotated[Path, AfterValidator(_folder)] | None = Field(
        None,
        validation_alias="SPELLOUT_RULES",
        description="A folder with your own rules, made like `rules/`; without it, the rules that ship",
    )
    log: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias="SPELLOUT_LOG", description="How much to log: `debug`, `info`, `warning` or `error`"
    )
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", validation_alias="SPELLOUT_LOG_FORMAT", description="`text`, `json`, or `auto`: text on a terminal and JSON elsewhere"
    )


class Settings(Local):
    """Everything that can be set from outside."""

    bot_token: Annotated[SecretStr, _token("xoxb-", _BOT_TOKEN_PAGE)] | None = Field(
        None, validation_alias="SLACK_BOT_TOKEN", description=f"The bot token, `xoxb-...`; {_BOT_TOKEN_PAGE}"
    )
    app_token: Annotated[SecretStr, _token("xapp-", _APP_TOKEN_PAGE)] | None = Field(
        None, validation_alias="SLACK_APP_TOKEN", description=f"The app-level token, `xapp-...`: turns Socket Mode on; {_APP_TOKEN_PAGE}"
    )
    signing_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        None,
        validation_alias="SLACK_SIGNING_SECRET",
        description=f"The signing secret: turns HTTP on where SLACK_APP_TOKEN is not set; {_SECRET_PAGE}",
    )
    client_id: Annotated[str, AfterValidator(_client_id)] | None = Field(
        None,
        validation_alias="SLACK_CLIENT_ID",
        description=f"The client id: with SLACK_CLIENT_SECRET, workspaces add Spellout by themselves in HTTP mode; {_SECRET_PAGE}",
    )
    client_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        None, validation_alias="SLACK_CLIENT_SECRET", description=f"The client secret; {_SECRET_PAGE}"
    )
    allow_api_url: bool = Field(
        False,
        validation_alias="SPELLOUT_ALLOW_API_URL",
        description="`true` lets SLACK_API_URL name any other address, which then sees the bot token",
    )
    api_url: str = Field(
        SLACK_API_URL, validation_alias="SLACK_API_URL", description="Where Slack's Web API is: Slack itself or an address of this machine"
    )
    host: str = Field("127.0.0.1", validation_alias="SPELLOUT_HOST", description="The address that HTTP mode listens on")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(3000, validation_alias="PORT", description="The port that HTTP mode listens on")
    database: SecretStr | None = Field(
        None,
        validation_alias="SPELLOUT_DATABASE_URL",
        description="The database as a URL; without it, the SQLite file `spellout/spellout.sqlite` in $XDG_DATA_HOME or ~/.local/share",
    )

    public_url: Annotated[str, AfterValidator(_public_url)] | None = Field(
        None, validation_alias="SPELLOUT_PUBLIC_URL", description=f"Where Spellout is reached from outside, {_ADDRESS}"
    )
    workspaces: Annotated[str, AfterValidator(_workspaces)] | None = Field(
        None,
        validation_alias="SPELLOUT_WORKSPACES",
        description="The ids of the workspaces and organisations that may add Spellout, with commas between them; without it, all may",
    )
    support: Annotated[str, AfterValidator(_support)] | None = Field(
        None,
        validation_alias="SPELLOUT_SUPPORT",
        description="Where people get help, on the pages `/support` and `/privacy`: a mail or https address",
    )

    keep_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        180, validation_alias="SPELLOUT_KEEP_DAYS", description="After how many days an idle conversation is forgotten"
    )
    keep_records_days: Annotated[int, Field(ge=1, le=36500)] | None = Field(
        None,
        validation_alias="SPELLOUT_KEEP_RECORDS_DAYS",
        description="After how many days without a change a decision record is deleted; without it, when somebody deletes it",
    )
    encryption: Annotated[SecretStr, AfterValidator(_keys)] | None = Field(
        None,
        validation_alias="SPELLOUT_ENCRYPTION_KEYS",
        description="The keys, separated by commas, that the tokens of installed workspaces are encrypted with: the first encrypts, "
        "all of them decrypt; `spellout keys new` makes one",
    )

    @property
    def in_slack(self) -> bool:
        """Whether anything of Slack's is set."""
        return bool(self.bot_token or self.app_token or self.signing_secret or self.client_id)

    @property
    def mode(self) -> Literal["socket", "http"]:
        """How to listen to Slack, from what is set; raises SettingsError when that is not enough."""
        missing = None
        if not self.app_token and not self.signing_secret:
            missing = f"Set SLACK_APP_TOKEN (Socket Mode: {_APP_TOKEN_PAGE}) or SLACK_SIGNING_SECRET (HTTP: {_SECRET_PAGE})"
        elif not self.app_token and (self.client_id or self.client_secret):
            missing = self._missing_for_many()
        elif not self.bot_token:
            missing = f"Set SLACK_BOT_TOKEN ({_BOT_TOKEN_PAGE})"
        if missing:
            raise SettingsError(f"{missing}; to look at Spellout without Slack, run `spellout try`, which needs no token.")
        return "socket" if self.app_token else "http"

    def _missing_for_many(self) -> str | None:
        """What else it takes for workspaces to add Spellout by themselves."""
        if not self.client_id or not self.client_secret:
            lacking = "SLACK_CLIENT_SECRET" if self.client_id else "SLACK_CLIENT_ID"
            return f"Set {lacking}, without which the other of the two is no use ({_SECRET_PAGE})"
        if not self.public_url:
            return f"Set SPELLOUT_PUBLIC_URL, to which Slack sends people back ({_ADDRESS})"
        return None if self.encryption_keys else "Set SPELLOUT_ENCRYPTION_KEYS to a key, which `spellout keys new` makes"

    @property
    def many(self) -> bool:
        """Whether workspaces add Spellout by themselves: over HTTP, with the app's credentials. Then SLACK_BOT_TOKEN is not used."""
        return self.mode == "http" and self.client_id is not None

    @property
    def welcome(self) -> frozenset[str]:
        """The ids of who may add it; empty: all."""
        return frozenset((self.workspaces or "").replace(",", " ").split())

    @property
    def database_url(self) -> str:
        """The database to use; it may contain a password."""
        return self.database.get_secret_value() if self.database else f"sqlite:///{data_folder() / 'spellout.sqlite'}"

    @property
    def encryption_keys(self) -> tuple[str, ...]:
        """The keys for tokens at rest, the one that encrypts first; none where none is set."""
        return tuple(key.strip() for key in self.encryption.get_secret_value().split(",")) if self.encryption else ()


Kind = TypeVar("Kind", bound=Local)


class Setting(NamedTuple):
    """One row of the table of all settings."""

    name: str
    default: str
    meaning: str


def table(kind: "type[Local] | None" = None) -> tuple[Setting, ...]:
    """Every setting (of another kind: its own alone), a service's own first."""
    fields = (kind or Settings).model_fields
    known = {} if kind is None else {field.validation_alias: name for name, field in Settings.model_fields.items()}
    rows = (
        Setting(str(field.validation_alias), "" if field.default is None else str(field.default).lower(), field.description or "")
        for field in fields.values()
        if field.validation_alias not in known
    )
    return tuple(sorted(rows, key=lambda row: row.name.startswith("SPELLOUT_")))


def data_folder() -> Path:
    """The folder of this machine for what Spellout must not forget."""
    place = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA")
    if place and Path(place).is_absolute():
        return Path(place) / "spellout"
    try:
        return Path.home() / ".local" / "share" / "spellout"
    except RuntimeError as error:
        raise SettingsError(
            "There is no home folder for the database here: set SPELLOUT_DATABASE_URL, such as sqlite:////data/x.sqlite."
        ) from error


def load(kind: type[Kind], env_file: Path = Path(".env")) -> Kind:
    """The settings of the environment, which wins, and of the file, if there is one; raises SettingsError with every mistake."""
    try:
        mistakes = _unknown({*os.environ, *dotenv_values(env_file, encoding="utf-8")})
        settings = kind(_env_file=env_file)  # type: ignore[call-arg]  # every BaseSettings takes it
        if not mistakes:
            return settings
    except ValidationError as error:
        mistakes += [_sentence(str(e["loc"][0]), e["msg"]) for e in error.errors(include_input=False)]
    except (OSError, UnicodeDecodeError) as error:
        mistakes = [f"{env_file.absolute()} cannot be read as UTF-8 text ({error}): mend or remove it."]
    raise SettingsError("\n".join(mistakes))


def _unknown(names: set[str]) -> list[str]:
    known = [setting.name for setting in table()]
    strangers = sorted(name for name in names if name.startswith("SPELLOUT_") and name not in known)
    ours = ", ".join(name for name in known if name.startswith("SPELLOUT_"))
    return [f"{name} is no setting of Spellout: correct or remove it; there are {ours}." for name in strangers]


def _sentence(name: str, message: str) -> str:
    said = message.removeprefix("Value error, ")
    return f"{name} {said}." if said != message else f"{name} is malformed: {message[0].lower()}{message[1:]}."
