"""The clouds that Teams runs in: in each, Microsoft signs, logs in and takes messages elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Cloud:
    """One of them: what Microsoft's SDK calls it, and the host of its connector."""

    sdk: str
    host: str

    @property
    def service_url(self) -> str:
        """Where its connector is, until an activity has told us the address of its own region."""
        return f"https://{self.host}/teams"


CLOUDS: Final[Mapping[str, Cloud]] = {
    "public": Cloud("public", "smba.trafficmanager.net"),
    "gcc": Cloud("public", "smba.infra.gcc.teams.microsoft.com"),
    "gcch": Cloud("usgov", "smba.infra.gov.teams.microsoft.us"),
    "dod": Cloud("usgovdod", "smba.infra.dod.teams.microsoft.us"),
}
"""By their names in TEAMS_CLOUD; the last three are those of the government of the United States."""
