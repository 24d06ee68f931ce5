"""What `spellout doctor` looks at in Microsoft Teams: the library, our credentials, Microsoft's keys, and the app package."""

import json
import zipfile
from pathlib import Path
from typing import Any, Final, cast

from bot.chat.teams import package
from bot.chat.teams.login import NoToken
from bot.chat.teams.sdk import Connector, Identity, TeamsError
from bot.core.wording import Wording
from bot.findings import Finding
from bot.settings_teams import TeamsSettings, refusal

PACKAGES: Final = ("spellout-teams.zip", "spellout-teams-mentions.zip")
"""What `spellout teams-package` writes unless told otherwise."""

_NETWORK: Final = "Let this machine reach {} by https, or name a proxy in HTTPS_PROXY."


async def examined(chosen: TeamsSettings, *, keys_url: str = "", login_url: str = "") -> list[Finding]:
    """Everything of Teams but the package. `keys_url` and `login_url` stand for Microsoft's own in tests."""
    secret = chosen.client_secret.get_secret_value() if chosen.client_secret else ""
    try:
        connector = Connector(
            Identity(chosen.client_id or "", secret, chosen.tenant_id or "", chosen.cloud), keys_url=keys_url, login_url=login_url
        )
    except TeamsError as error:
        return [Finding("teams", "broken", str(error))]
    try:
        if chosen.only_here:
            said = "TEAMS_LOCAL is set: anybody on this machine can speak for Teams, and nobody else."
            return [Finding("teams", "doubtful", said, "To work in a tenant, set the three settings of README in its place.")]
        return [await _credentials(connector), await _keys(connector)]
    except TeamsError as error:
        return [Finding("teams", "broken", str(error))]
    finally:
        await connector.close()


async def _credentials(connector: Connector) -> Finding:
    try:
        await connector.sign_in()
    except NoToken as failure:
        host = connector.hosts[0]
        if not failure.refused:
            return Finding("teams", "broken", f"{host} gives no token ({failure}).", _NETWORK.format(host))
        return Finding("teams", "broken", f"Microsoft refuses the credentials ({failure}).", refusal(str(failure)))
    return Finding("teams", "good", "Microsoft takes the credentials and gives a token.")


async def _keys(connector: Connector) -> Finding:
    why = await connector.prepare()
    if why:
        host = connector.hosts[1]
        return Finding("teams keys", "broken", f"{host} gives no keys ({why}): no activity could be checked.", _NETWORK.format(host))
    return Finding("teams keys", "good", "Microsoft's keys, by which activities are checked, can be fetched.")


# --------------------------------------------------------------------------- the app package


def packages(chosen: TeamsSettings, wording: Wording, folder: Path) -> list[Finding]:
    """The app packages that lie in this folder: whether they are for this bot, and as they would be written now."""
    return [_package(folder / name, chosen, wording) for name in PACKAGES if (folder / name).exists()]


def _package(file: Path, chosen: TeamsSettings, wording: Wording) -> Finding:
    again = "Write it anew with `spellout teams-package`, and upload it again."
    try:
        with zipfile.ZipFile(file) as archive:
            found = json.loads(archive.read("manifest.json"))
            bot, publisher = found["bots"][0]["botId"], found["developer"]
            pages = [str(publisher[name]) for name in ("name", "websiteUrl", "privacyUrl", "termsOfUseUrl")]
    except (OSError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile):
        return Finding("teams app", "broken", f"{file.name} is no app package.", again)
    if bot != chosen.client_id:
        return Finding("teams app", "broken", f"{file.name} is for another bot ({bot}), not for TEAMS_CLIENT_ID.", again)
    flavour: package.Flavour = "listening" if "authorization" in found else "mentions"
    slash = found.get("manifestVersion") == package.PREVIEW
    now = package.manifest(str(bot), str(found.get("version")), package.Publisher(*pages), wording, flavour, slash=slash)
    if found != cast(Any, now):
        return Finding("teams app", "doubtful", f"{file.name} was written by another version, or with other rules.", again)
    return Finding(
        "teams app", "good", f"{file.name} is for this bot and as it would be written now ({flavour}, version {found.get('version')})."
    )
