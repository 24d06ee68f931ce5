"""What can be set of Teams from outside, and what is said when it is set wrongly."""

import pytest

from bot.settings import Settings, SettingsError, load, table
from bot.settings_teams import SLACK, TeamsSettings, services

CLIENT, TENANT = "11111111-2222-4333-8444-555555555555", "99999999-8888-4777-8666-555555555555"
SECRET = "abc8Q~0123456789-0123456789"
WHOLE = {"TEAMS_CLIENT_ID": CLIENT, "TEAMS_CLIENT_SECRET": SECRET, "TEAMS_TENANT_ID": TENANT}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for row in (*table(), *table(TeamsSettings)):
        monkeypatch.delenv(row.name, raising=False)
    monkeypatch.chdir(str(tmp_path))


def loaded(monkeypatch: pytest.MonkeyPatch, **environment: str) -> TeamsSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load(TeamsSettings)


def test_with_nothing_set_teams_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not loaded(monkeypatch).used


def test_client_secret_and_tenant_together_turn_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, **WHOLE)
    assert settings.used
    assert not settings.targeted, "what is private depends on a preview of Microsoft's"
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("missing", WHOLE)
def test_one_of_the_three_without_the_others_is_told_by_name(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    settings = loaded(monkeypatch, **{name: value for name, value in WHOLE.items() if name != missing})
    with pytest.raises(SettingsError, match=f"Set {missing} too"):
        _ = settings.used


def test_the_same_id_twice_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, **{**WHOLE, "TEAMS_TENANT_ID": CLIENT})
    with pytest.raises(SettingsError, match="TEAMS_TENANT_ID holds the same as TEAMS_CLIENT_ID"):
        _ = settings.used


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TEAMS_CLIENT_ID": CLIENT}, "remove TEAMS_CLIENT_ID"),
        ({"TEAMS_CLIENT_SECRET": SECRET}, "remove TEAMS_CLIENT_SECRET"),
        ({"SPELLOUT_HOST": "0.0.0.0"}, "leave SPELLOUT_HOST"),
        ({"TEAMS_SERVICE_HOSTS": "smba.infra.gov.teams.microsoft.us"}, "leave TEAMS_SERVICE_HOSTS"),
    ],
)
def test_what_is_unchecked_stays_on_this_machine_and_without_credentials(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    settings = loaded(monkeypatch, TEAMS_LOCAL="true", **environment)
    with pytest.raises(SettingsError, match=said):
        _ = settings.used


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TEAMS_CLIENT_ID", "my app", "is no id"),
        ("TEAMS_TENANT_ID", "contoso", "is no id"),
        ("TEAMS_TENANT_ID", "contoso.onmicrosoft.com", "holds a domain; the tenant's id is wanted.*Directory .tenant. ID it stands at"),
        ("TEAMS_LOCAL", "ture", "is neither `true` nor `false`"),
        ("TEAMS_CLIENT_SECRET", "short", "not a whole client secret"),
        ("TEAMS_CLIENT_SECRET", CLIENT, "holds the Secret ID"),
        ("TEAMS_CLIENT_SECRET", f'"{SECRET}"', "space or quote"),
        ("TEAMS_ALLOWED_TENANTS", f"{TENANT},contoso", "is no id"),
        ("TEAMS_SERVICE_HOSTS", "https://smba.example/", "give hosts alone"),
        ("TEAMS_CLOUD", "mars", "gcch"),
    ],
)
def test_a_malformed_value_is_told_by_name_and_a_secret_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name} .*{said}") as raised:
        loaded(monkeypatch, **{name: value})
    assert SECRET not in str(raised.value)


def test_lists_are_taken_with_commas_or_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, TEAMS_ALLOWED_TENANTS=f" {TENANT}, {CLIENT}", TEAMS_SERVICE_HOSTS="A.example  b.example")
    assert (settings.allowed_tenants, settings.service_hosts) == (f"{TENANT},{CLIENT}", "a.example,b.example")


def test_the_table_of_teams_holds_what_is_its_own() -> None:
    names = {row.name for row in table(TeamsSettings)}
    assert all(name.startswith("TEAMS_") for name in names)
    assert not names & {row.name for row in table()}
    assert len(names) == len(TeamsSettings.model_fields) - len(set(Settings.model_fields) & {"rules", "log", "log_format", "host", "port"})


# --------------------------------------------------------------------------- beside Slack


def both(monkeypatch: pytest.MonkeyPatch, **environment: str) -> tuple[str | None, bool]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return services(load(Settings), load(TeamsSettings))


def test_each_service_is_served_where_it_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert both(monkeypatch, **WHOLE) == (None, True)
    assert both(monkeypatch, SLACK_BOT_TOKEN="xoxb-1-2-abc", SLACK_APP_TOKEN="xapp-1-A1-2-abc") == ("socket", True)
    for name in WHOLE:
        monkeypatch.delenv(name)
    assert both(monkeypatch) == ("socket", False)


def test_with_nothing_set_both_services_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"SLACK_APP_TOKEN .*for Microsoft Teams, set TEAMS_CLIENT_ID, .*spellout try"):
        both(monkeypatch)


def test_slack_by_half_beside_a_whole_teams_is_told_as_such_and_how_to_serve_teams_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"Slack by half\. Set SLACK_APP_TOKEN .*; or, to serve Teams alone, remove SLACK_BOT_TOKEN\.$"):
        both(monkeypatch, SLACK_BOT_TOKEN="xoxb-1-2-abc", **WHOLE)


def test_teams_by_half_beside_a_whole_slack_is_told_as_such_and_how_to_leave_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        SettingsError, match=r"Set TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID too: .*to leave Teams out, remove TEAMS_CLIENT_ID\.$"
    ):
        both(monkeypatch, SLACK_BOT_TOKEN="xoxb-1-2-abc", SLACK_APP_TOKEN="xapp-1-A1-2-abc", TEAMS_CLIENT_ID=CLIENT)


def test_everything_that_asks_for_slack_is_known_by_its_name() -> None:
    assert {name: Settings.model_fields[field].validation_alias for name, field in SLACK.items()} == {name: name for name in SLACK}
