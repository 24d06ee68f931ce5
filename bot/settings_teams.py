"""What Microsoft Teams needs of the environment, or every mistake at once with what to set and where to get it."""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, SecretStr

from bot.settings import TRY_IT, Local, Settings, SettingsError

APP_PAGE: Final = "it stands at portal.azure.com > App registrations > your app > Overview"
SECRET_PAGE: Final = "it is made at portal.azure.com > App registrations > your app > Certificates & secrets, and shown once, as Value"

SLACK: Final = {
    "SLACK_BOT_TOKEN": "bot_token",
    "SLACK_APP_TOKEN": "app_token",
    "SLACK_SIGNING_SECRET": "signing_secret",
    "SLACK_CLIENT_ID": "client_id",
}
"""The settings that ask for Slack, and their names in Settings."""

_REFUSALS: Final[Mapping[str, str]] = {
    "AADSTS700016": f"No app of this id is in the tenant: compare TEAMS_CLIENT_ID and TEAMS_TENANT_ID; {APP_PAGE}.",
    "AADSTS90002": f"There is no such tenant: compare TEAMS_TENANT_ID; {APP_PAGE}.",
    "AADSTS7000215": f"TEAMS_CLIENT_SECRET is not this app's: copy a secret's Value, not its ID; {SECRET_PAGE}.",
    "AADSTS7000222": f"TEAMS_CLIENT_SECRET has expired: make a new one; {SECRET_PAGE}.",
    "AADSTS7000112": "The app is disabled in the tenant: let an administrator enable it under Enterprise applications.",
}
"""By Microsoft's number for the refusal."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def refusal(number: str) -> str:
    """What to do where Microsoft refuses the credentials with this number of its own."""
    return _REFUSALS.get(number, f"Compare TEAMS_CLIENT_ID, TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID; {APP_PAGE}.")


def app_id(value: str) -> str:
    """An id as Microsoft writes them, in small letters; raises ValueError."""
    if not _ID.fullmatch(value.strip()):
        raise ValueError(f"is no id of the form 00000000-0000-0000-0000-000000000000; {APP_PAGE}")
    return value.strip().lower()


def _tenant(value: str) -> str:
    if "." in value:
        raise ValueError(
            "holds a domain; the tenant's id is wanted, of the form 00000000-0000-0000-0000-000000000000: "
            f"as Directory (tenant) ID {APP_PAGE}"
        )
    return app_id(value)


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if re.search(r"""[\s"'`]""", text) or len(text) < 16:
        raise ValueError(f"is not a whole client secret, or has a space or quote in it; paste the bare value: {SECRET_PAGE}")
    if _ID.fullmatch(text):
        raise ValueError(f"holds the Secret ID, not the secret's Value: {SECRET_PAGE}")
    return value


def _ids(value: str) -> str:
    return ",".join(app_id(each) for each in value.replace(",", " ").split())


def _hosts(value: str) -> str:
    hosts = value.lower().replace(",", " ").split()
    odd = next((host for host in hosts if not _HOST.fullmatch(host)), None)
    if odd is not None:
        raise ValueError(f"holds {odd!r}; give hosts alone, such as smba.infra.gov.teams.microsoft.us, with commas between them")
    return ",".join(hosts)


class TeamsSettings(Local):
    """Everything about Teams that can be set from outside."""

    client_id: Annotated[str, AfterValidator(app_id)] | None = Field(
        None, validation_alias="TEAMS_CLIENT_ID", description=f"The Application (client) ID: turns Teams on; {APP_PAGE}"
    )
    client_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        None, validation_alias="TEAMS_CLIENT_SECRET", description=f"The client secret; {SECRET_PAGE}"
    )
    tenant_id: Annotated[str, AfterValidator(_tenant)] | None = Field(
        None,
        validation_alias="TEAMS_TENANT_ID",
        description="The Directory (tenant) ID, whose people are at home; it stands on the same page",
    )
    allowed_tenants: Annotated[str, AfterValidator(_ids)] | None = Field(
        None, validation_alias="TEAMS_ALLOWED_TENANTS", description="Ids of further tenants that are answered, with commas between them"
    )
    cloud: Literal["public", "gcc", "gcch", "dod"] = Field(
        "public",
        validation_alias="TEAMS_CLOUD",
        description="Where the tenant is: `public`, or `gcc`, `gcch` or `dod` of the United States' government",
    )
    service_hosts: Annotated[str, AfterValidator(_hosts)] | None = Field(
        None,
        validation_alias="TEAMS_SERVICE_HOSTS",
        description="Further hosts of Teams' connector, with commas between them; they see the bot's token",
    )
    targeted: bool = Field(
        False,
        validation_alias="TEAMS_TARGETED_MESSAGES",
        description="`true`: private replies are messages in the conversation that only one person sees, a preview of Microsoft's; "
        "else they go to that person's own chat",
    )
    only_here: bool = Field(
        False,
        validation_alias="TEAMS_LOCAL",
        description="`true` takes activities of this machine without any check, for Microsoft's Agents Playground; never with credentials",
    )
    host: str = Field("127.0.0.1", validation_alias="SPELLOUT_HOST", description="The address that is listened on")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(3000, validation_alias="PORT", description="The port that is listened on")

    @property
    def used(self) -> bool:
        """Whether Spellout works in Teams; raises SettingsError where what is set is not enough, or would let anybody in."""
        given = {"TEAMS_CLIENT_ID": self.client_id, "TEAMS_CLIENT_SECRET": self.client_secret, "TEAMS_TENANT_ID": self.tenant_id}
        known = [name for name, value in given.items() if value]
        if self.only_here:
            self._check_local(known)
            return True
        if self.client_id and self.client_id == self.tenant_id:
            raise SettingsError(
                f"TEAMS_TENANT_ID holds the same as TEAMS_CLIENT_ID: they are two ids, and both stand on one page ({APP_PAGE})."
            )
        if known and len(known) < len(given):
            missing = " and ".join(name for name in given if name not in known)
            raise SettingsError(
                f"Set {missing} too: Teams needs {', '.join(given)} ({APP_PAGE}; the secret: {SECRET_PAGE}); "
                f"or, to leave Teams out, remove {' and '.join(known)}."
            )
        return bool(known)

    def _check_local(self, known: list[str]) -> None:
        if known:
            raise SettingsError(
                f"TEAMS_LOCAL takes everybody at their word, so that it works without credentials alone: remove {known[0]}."
            )
        if self.host not in ("127.0.0.1", "localhost", "::1"):
            raise SettingsError(f"TEAMS_LOCAL works on this machine alone: leave SPELLOUT_HOST ({self.host}) out.")
        if self.service_hosts:
            raise SettingsError("TEAMS_LOCAL talks to this machine alone: leave TEAMS_SERVICE_HOSTS out.")


def services(slack: Settings, teams: TeamsSettings) -> tuple[Literal["socket", "http"] | None, bool]:
    """How Slack is listened to (None: not at all), and whether Teams is; raises SettingsError where one of them is set up by half, or
    neither is."""
    in_teams = teams.used
    if in_teams and not slack.in_slack:
        return None, True
    if slack.lacking and in_teams:
        stray = " and ".join(row for row in SLACK if getattr(slack, SLACK[row]))
        raise SettingsError(f"Teams is set up whole, Slack by half. {slack.lacking}; or, to serve Teams alone, remove {stray}.")
    if slack.lacking and not slack.in_slack:
        raise SettingsError(
            f"{slack.lacking}; for Microsoft Teams, set TEAMS_CLIENT_ID, TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID ({APP_PAGE}); {TRY_IT}"
        )
    return slack.mode, in_teams
