"""The environment (and a `.env` file) -> frozen Settings, or every mistake at once with what to set and where to get it."""

import os
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeVar

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import settingchecks
from bot.settingchecks import ADDRESS, APP_TOKEN_PAGE, BOT_TOKEN_PAGE, SECRET_PAGE

SLACK_API_URL = "https://slack.com/api/"
TRY_IT = "to look at Spellout without Slack, run `spellout try`, which needs no token."


class OperatorError(Exception):
    """Something that the person who runs Spellout has to put right: what is wrong and the remedy, one sentence a line."""


class SettingsError(OperatorError):
    """One or more settings are missing or malformed."""


class Local(BaseSettings):
    """What every command obeys, with or without Slack. Each description is what README says of the setting."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, case_sensitive=True, hide_input_in_errors=True, env_file_encoding="utf-8"
    )

    rules: Annotated[Path, AfterValidator(settingchecks.folder)] | None = Field(
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

    bot_token: Annotated[SecretStr, settingchecks.token("xoxb-", BOT_TOKEN_PAGE)] | None = Field(
        None, validation_alias="SLACK_BOT_TOKEN", description=f"The bot token, `xoxb-...`; {BOT_TOKEN_PAGE}"
    )
    app_token: Annotated[SecretStr, settingchecks.token("xapp-", APP_TOKEN_PAGE)] | None = Field(
        None, validation_alias="SLACK_APP_TOKEN", description=f"The app-level token, `xapp-...`: turns Socket Mode on; {APP_TOKEN_PAGE}"
    )
    signing_secret: Annotated[SecretStr, AfterValidator(settingchecks.signing_secret)] | None = Field(
        None,
        validation_alias="SLACK_SIGNING_SECRET",
        description=f"The signing secret: turns HTTP on where SLACK_APP_TOKEN is not set; {SECRET_PAGE}",
    )
    client_id: Annotated[str, AfterValidator(settingchecks.client_id)] | None = Field(
        None,
        validation_alias="SLACK_CLIENT_ID",
        description=f"The client id: with SLACK_CLIENT_SECRET, workspaces add Spellout by themselves in HTTP mode; {SECRET_PAGE}",
    )
    client_secret: Annotated[SecretStr, AfterValidator(settingchecks.signing_secret)] | None = Field(
        None, validation_alias="SLACK_CLIENT_SECRET", description=f"The client secret; {SECRET_PAGE}"
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

    public_url: Annotated[str, AfterValidator(settingchecks.public_url)] | None = Field(
        None, validation_alias="SPELLOUT_PUBLIC_URL", description=f"Where Spellout is reached from outside, {ADDRESS}"
    )
    workspaces: Annotated[str, AfterValidator(settingchecks.workspaces)] | None = Field(
        None,
        validation_alias="SPELLOUT_WORKSPACES",
        description="The ids of the workspaces and organisations that may add Spellout, with commas between them; without it, all may",
    )
    support: Annotated[str, AfterValidator(settingchecks.support)] | None = Field(
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
    encryption: Annotated[SecretStr, AfterValidator(settingchecks.encryption_keys)] | None = Field(
        None,
        validation_alias="SPELLOUT_ENCRYPTION_KEYS",
        description="The keys, separated by commas, that the tokens of installed workspaces are encrypted with: the first encrypts, "
        "all of them decrypt; `spellout keys new` makes one",
    )

    status_port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None,
        validation_alias="SPELLOUT_STATUS_PORT",
        description="A port for the operator: `/healthz`, `/readyz` and Prometheus's `/metrics`; without it, there is none",
    )
    status_host: str = Field(
        "127.0.0.1", validation_alias="SPELLOUT_STATUS_HOST", description="The address that the status port listens on: never a public one"
    )
    stop_seconds: Annotated[float, Field(ge=1, le=600)] = Field(
        10, validation_alias="SPELLOUT_STOP_SECONDS", description="How long a stop may take in all, to finish what was begun"
    )

    @property
    def in_slack(self) -> bool:
        """Whether anything of Slack's is set."""
        return bool(self.bot_token or self.app_token or self.signing_secret or self.client_id)

    @property
    def mode(self) -> Literal["socket", "http"]:
        """How to listen to Slack, from what is set; raises SettingsError when that is not enough."""
        if self.lacking:
            raise SettingsError(f"{self.lacking}; {TRY_IT}")
        return "socket" if self.app_token else "http"

    @property
    def lacking(self) -> str | None:
        """What else it takes to work in Slack, if anything: a sentence without its end."""
        missing = None
        if not self.app_token and not self.signing_secret:
            missing = f"Set SLACK_APP_TOKEN (Socket Mode: {APP_TOKEN_PAGE}) or SLACK_SIGNING_SECRET (HTTP: {SECRET_PAGE})"
        elif not self.app_token and (self.client_id or self.client_secret):
            missing = self._missing_for_many()
        elif not self.bot_token:
            missing = f"Set SLACK_BOT_TOKEN ({BOT_TOKEN_PAGE})"
        return missing

    def _missing_for_many(self) -> str | None:
        """What else it takes for workspaces to add Spellout by themselves."""
        if not self.client_id or not self.client_secret:
            lacking = "SLACK_CLIENT_SECRET" if self.client_id else "SLACK_CLIENT_ID"
            return f"Set {lacking}, without which the other of the two is no use ({SECRET_PAGE})"
        if not self.public_url:
            return f"Set SPELLOUT_PUBLIC_URL, to which Slack sends people back ({ADDRESS})"
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
    if message.startswith("Input should be a valid boolean"):
        return f"{name} is neither `true` nor `false`: write one of the two."
    said = message.removeprefix("Value error, ")
    return f"{name} {said}." if said != message else f"{name} is malformed: {message[0].lower()}{message[1:]}."
