"""What can be set from outside, and what is said when it is set wrongly."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Local, Settings, SettingsError, data_folder, load, table
from bot.settings_teams import TeamsSettings

ROOT = Path(__file__).parent.parent
BOT, APP, SECRET = "xoxb-1-2-abc", "xapp-1-A1-2-abc", "0123456789abcdef0123456789abcdef"
KEY = "0123456789abcdefghijklmnopqrstuvwxyz-_ABCDE="


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for row in table():
        monkeypatch.delenv(row.name, raising=False)
    monkeypatch.chdir(tmp_path)


def complaint(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        load(Settings)
    return str(raised.value)


def test_without_anything_set_the_defaults_hold() -> None:
    settings = load(Settings)
    assert (settings.host, settings.port, settings.api_url) == ("127.0.0.1", 3000, "https://slack.com/api/")
    assert settings.rules is None


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(f"SLACK_BOT_TOKEN={BOT}\nPORT=4000\n")
    monkeypatch.setenv("PORT", "5000")
    settings = load(Settings)
    assert settings.port == 5000
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == BOT


def test_an_empty_setting_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    monkeypatch.setenv("PORT", "")
    assert load(Settings).app_token is None


def test_the_first_of_several_keys_comes_first_whatever_the_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(Settings).encryption_keys == ()
    monkeypatch.setenv("SPELLOUT_ENCRYPTION_KEYS", f"{KEY} , {KEY[::-1].lstrip('=')}=")
    assert load(Settings).encryption_keys == (KEY, f"{KEY[::-1].lstrip('=')}=")


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        load(Settings).port = 1


# --------------------------------------------------------------------------- how to listen


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({"SLACK_APP_TOKEN": APP}, "socket"),
        ({"SLACK_SIGNING_SECRET": SECRET}, "http"),
        ({"SLACK_APP_TOKEN": APP, "SLACK_SIGNING_SECRET": SECRET}, "socket"),
    ],
)
def test_the_mode_follows_from_what_is_set(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], mode: str) -> None:
    for name, value in {"SLACK_BOT_TOKEN": BOT, **environment}.items():
        monkeypatch.setenv(name, value)
    assert load(Settings).mode == mode


def test_with_nothing_set_it_says_what_to_set_and_that_the_playground_needs_nothing() -> None:
    with pytest.raises(SettingsError, match=r"SLACK_APP_TOKEN .* or SLACK_SIGNING_SECRET .*`spellout try`, which needs no token"):
        _ = load(Settings).mode


def test_an_app_token_alone_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", APP)
    with pytest.raises(SettingsError, match=r"Set SLACK_BOT_TOKEN .*OAuth & Permissions"):
        _ = load(Settings).mode


# --------------------------------------------------------------------------- malformed values


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", APP, "holds an app-level token, which belongs in SLACK_APP_TOKEN"),
        ("SLACK_APP_TOKEN", BOT, "holds a bot token, which belongs in SLACK_BOT_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxp-1-2-abc", "holds a person's token"),
        ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-abc", "holds a token that expires"),
        ("SLACK_BOT_TOKEN", f"'{BOT}'", "contains a space, line break or quote"),
        ("SLACK_BOT_TOKEN", f"{BOT}\n", "contains a space, line break or quote"),
        ("SLACK_BOT_TOKEN", "xoxb-...", "is not a whole token"),
        ("SLACK_APP_TOKEN", "hunter2", "is not a whole token, which starts with xapp-"),
        ("SLACK_SIGNING_SECRET", BOT, "holds a token, not the signing secret"),
        ("SLACK_SIGNING_SECRET", "abc", "is not a whole signing secret"),
        ("SPELLOUT_ENCRYPTION_KEYS", "hunter2secret", "holds something that is no key of 32 bytes in URL-safe base64: `spellout keys new`"),
        ("SPELLOUT_ENCRYPTION_KEYS", f"{KEY}, {KEY[:-4]}", "holds something, key 2 of 2, that is no key"),
        ("SPELLOUT_ENCRYPTION_KEYS", f"{KEY},", "holds something, key 2 of 2, that is no key"),
        ("SPELLOUT_KEEP_RECORDS_DAYS", "0", "is malformed: input should be greater than or equal to 1"),
        ("PORT", "http", "is malformed: input should be a valid integer"),
        ("PORT", "70000", "is malformed: input should be less than or equal to 65535"),
        ("SPELLOUT_LOG", "loud", "is malformed: input should be 'debug', 'info', 'warning' or 'error'"),
        ("SPELLOUT_RULES", "nowhere", "names nowhere, where there is no folder"),
        ("SPELLOUT_DATABSE_URL", "sqlite:///x", "is no setting of Spellout"),
    ],
)
def test_a_malformed_value_is_told_by_name_and_never_shown_if_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    complained = complaint(monkeypatch, **{name: value})
    assert complained.startswith(f"{name} {said}")
    assert "\n" not in complained
    if any(secret in name for secret in ("TOKEN", "SECRET", "KEYS")):
        assert value.strip() not in complained


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    complained = complaint(monkeypatch, PORT="x", SLACK_BOT_TOKEN=APP, SPELLOUT_LOUD="yes")
    assert sorted(re.findall(r"^\w+", complained, re.MULTILINE)) == ["PORT", "SLACK_BOT_TOKEN", "SPELLOUT_LOUD"]


def test_a_wrong_token_does_not_matter_to_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "broken")
    assert load(Local).log == "info"


def test_a_file_that_is_not_text_is_named() -> None:
    Path(".env").write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env cannot be read as UTF-8"):
        load(Settings)


# --------------------------------------------------------------------------- secrets and places


def test_secrets_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "SLACK_BOT_TOKEN": BOT,
        "SLACK_APP_TOKEN": APP,
        "SLACK_SIGNING_SECRET": SECRET,
        "SPELLOUT_DATABASE_URL": "postgresql://me:hunter2@db/spellout",
        "SPELLOUT_ENCRYPTION_KEYS": KEY,
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    shown = f"{load(Settings)!r} {load(Settings).model_dump_json()}"
    assert not [name for name, value in secrets.items() if value in shown]


def test_the_database_is_in_the_data_folder_unless_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert load(Settings).database_url == f"sqlite:///{tmp_path}/spellout/spellout.sqlite"
    monkeypatch.setenv("SPELLOUT_DATABASE_URL", "sqlite:///mine.sqlite")
    assert load(Settings).database_url == "sqlite:///mine.sqlite"


def test_without_a_named_data_folder_it_is_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "relative/paths/do/not/count")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder() == tmp_path / ".local" / "share" / "spellout"


# --------------------------------------------------------------------------- documentation


def test_the_example_file_names_every_setting_and_no_other() -> None:
    written = re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    composed = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yml").read_text()))
    assert sorted(written) == sorted({row.name for row in (*table(), *table(TeamsSettings))} | composed)


def test_the_example_file_is_taken_as_it_is() -> None:
    assert load(Settings, ROOT / ".env.example") == load(Settings)


# --------------------------------------------------------------------------- many workspaces

MANY = {
    "SLACK_SIGNING_SECRET": SECRET,
    "SLACK_CLIENT_ID": "123.456",
    "SLACK_CLIENT_SECRET": SECRET,
    "SPELLOUT_PUBLIC_URL": "https://spellout.example.com/",
    "SPELLOUT_ENCRYPTION_KEYS": "A" * 43 + "=",
}


def test_with_the_apps_credentials_workspaces_add_it_by_themselves_and_no_bot_token_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**MANY, "SPELLOUT_WORKSPACES": "T1, E2,T3"}.items():
        monkeypatch.setenv(name, value)
    settings = load(Settings)
    assert (settings.mode, settings.many) == ("http", True)
    assert settings.public_url == "https://spellout.example.com"
    assert settings.welcome == {"T1", "E2", "T3"}
    assert SECRET not in repr(settings)


def test_socket_mode_stays_with_its_one_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**MANY, "SLACK_APP_TOKEN": APP, "SLACK_BOT_TOKEN": BOT}.items():
        monkeypatch.setenv(name, value)
    assert (load(Settings).mode, load(Settings).many) == ("socket", False)


@pytest.mark.parametrize("lacking", ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SPELLOUT_PUBLIC_URL", "SPELLOUT_ENCRYPTION_KEYS"])
def test_what_else_it_takes_is_named(monkeypatch: pytest.MonkeyPatch, lacking: str) -> None:
    for name, value in MANY.items():
        if name != lacking:
            monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^Set {lacking}"):
        _ = load(Settings).mode


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_CLIENT_ID", "A0SPELLOUT"),
        ("SLACK_CLIENT_SECRET", BOT),
        ("SPELLOUT_PUBLIC_URL", "http://spellout.example.com"),
        ("SPELLOUT_PUBLIC_URL", "spellout.example.com"),
        ("SPELLOUT_PUBLIC_URL", "https://spellout.example.com/?a=b"),
        ("SPELLOUT_PUBLIC_URL", "https://me@spellout.example.com"),
        ("SPELLOUT_PUBLIC_URL", "https://[::1"),
        ("SPELLOUT_PUBLIC_URL", 'https://a.example/"><script>'),
        ("SPELLOUT_WORKSPACES", "northlight"),
        ("SPELLOUT_SUPPORT", "javascript:alert(1)"),
        ("SPELLOUT_SUPPORT", "call me"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert complaint(monkeypatch, **{name: value}).startswith(f"{name} ")


@pytest.mark.parametrize("value", ["help@example.com", "https://example.com/help"])
def test_support_is_a_mail_address_or_a_page(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SPELLOUT_SUPPORT", value)
    assert load(Settings).support == value


@pytest.mark.parametrize("value", ["http://127.0.0.1:3000", "http://localhost:3000", "https://example.com/bots/spellout"])
def test_plain_http_is_for_this_machine_alone(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SPELLOUT_PUBLIC_URL", value)
    assert load(Settings).public_url == value
