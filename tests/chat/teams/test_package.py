"""The app package: a manifest that Microsoft's own schema takes, two icons, and nothing else."""

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from bot import __version__
from bot.chat.slack.manifest import load_manifest
from bot.chat.teams.package import Flavour, Publisher, manifest, package
from bot.cli import run
from bot.core.manners import COMMANDS, Manners
from bot.core.rulebook import Rulebook
from tests.chat.teams.world import APP

PUBLISHER = Publisher(
    "Northlight", "https://northlight.example/spellout", "https://northlight.example/privacy", "https://northlight.example/terms"
)
SCHEMAS = Path(__file__).parent / "schemas"
FLAVOURS: list[tuple[Flavour, bool]] = [("listening", False), ("mentions", False), ("listening", True), ("mentions", True)]


def made(rules: Rulebook, flavour: Flavour = "listening", slash: bool = False) -> dict[str, Any]:
    return manifest(APP, "0.1.0", PUBLISHER, rules.wording, flavour, slash=slash)


def mistakes(content: dict[str, Any]) -> list[str]:
    schema = json.loads((SCHEMAS / f"teams-{content['manifestVersion']}.json").read_text())
    return [error.message for error in Draft4Validator(schema).iter_errors(content)]


@pytest.mark.parametrize(("flavour", "slash"), FLAVOURS)
def test_microsofts_schema_takes_every_flavour(rules: Rulebook, flavour: Flavour, slash: bool) -> None:
    assert mistakes(made(rules, flavour, slash)) == []


def test_the_schema_would_find_a_mistake(rules: Rulebook) -> None:
    wrong = made(rules)
    wrong["bots"][0]["scopes"] = ["everywhere"]
    wrong["name"]["short"] = "x" * 40
    assert len(mistakes(wrong)) == 2


def test_the_commands_are_those_of_the_help(rules: Rulebook) -> None:
    (listed,) = made(rules)["bots"][0]["commandLists"]
    titles = [command["title"] for command in listed["commands"]]
    assert titles == [*COMMANDS, "classify"]
    manners = Manners(rules.manners)
    assert all(manners.wish(title) for title in COMMANDS)
    assert manners.description("classify") == ""
    assert all(0 < len(command["description"]) <= 128 for command in listed["commands"])


def test_a_messages_menu_is_called_the_same_in_both_services(rules: Rulebook) -> None:
    (extension,) = made(rules)["composeExtensions"]
    here = {(entry["title"], entry["description"]) for entry in extension["commands"]}
    there = load_manifest().as_slack_reads_it()["features"]["shortcuts"]
    assert here == {(entry["name"], entry["description"]) for entry in there}
    assert all(entry["fetchTask"] and entry["context"] == ["message"] for entry in extension["commands"])


def test_only_the_listening_flavour_asks_for_consent_to_read(rules: Rulebook) -> None:
    granted = made(rules)["authorization"]["permissions"]["resourceSpecific"]
    assert [entry["name"] for entry in granted] == ["ChannelMessage.Read.Group", "ChatMessage.Read.Chat"]
    assert not {"authorization", "webApplicationInfo"} & made(rules, "mentions").keys()


def test_slash_commands_are_declared_only_when_asked_for(rules: Rulebook) -> None:
    assert "supportsTargetedMessages" not in made(rules)["bots"][0]
    bot = made(rules, slash=True)["bots"][0]
    assert bot["supportsTargetedMessages"]
    assert bot["commandLists"][0]["triggers"] == ["mention", "slash"]


def pixels(png: bytes) -> tuple[int, list[bytes]]:
    """The size of a square picture, and its rows."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, *kind = struct.unpack(">IIBBBBB", png[16:29])
    assert (width, kind) == (height, [8, 6, 0, 0, 0])
    start = png.index(b"IDAT") + 4
    raw = zlib.decompressobj().decompress(png[start:])
    return width, [raw[row * (4 * width + 1) + 1 : (row + 1) * (4 * width + 1)] for row in range(height)]


def test_the_zip_holds_the_manifest_and_two_icons_as_teams_wants_them(rules: Rulebook) -> None:
    content = package(made(rules))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert json.loads(archive.read("manifest.json")) == made(rules)
        (big, colour), (small, outline) = pixels(archive.read("color.png")), pixels(archive.read("outline.png"))
    assert (big, small) == (192, 32)
    assert all(row[index + 3] == 255 for row in colour for index in range(0, len(row), 4))
    shown = [row[index : index + 3] for row in outline for index in range(0, len(row), 4) if row[index + 3]]
    assert set(shown) == {b"\xff\xff\xff"}
    assert 60 < len(shown) < 500
    assert package(made(rules)) == content


# --------------------------------------------------------------------------- the command


def test_the_command_writes_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEAMS_CLIENT_ID", APP)
    assert run(["teams-package", "--site", "https://northlight.example", "--mentions"]) == 0
    with zipfile.ZipFile("spellout-teams-mentions.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["bots"][0]["botId"] == APP
    said = capsys.readouterr().out
    assert f"(hears mentions alone, version {__version__}): upload it in Teams" in said
    assert "takes the place of an earlier upload for this bot" in said


def test_an_update_gets_the_version_that_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["--site", "https://northlight.example", "--client-id", APP, "--slash", "--version", "1.12.0"]
    assert run(["teams-package", *given]) == 0
    with zipfile.ZipFile("spellout-teams.zip") as archive:
        made = json.loads(archive.read("manifest.json"))
    assert made["version"] == "1.12.0"
    assert mistakes(made) == []
    assert "(hears every message where its owner consents, offers slash commands, version 1.12.0)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--site", "https://northlight.example"], "Set TEAMS_CLIENT_ID, or give --client-id"),
        (["--site", "https://northlight.example", "--client-id", "my app"], "--client-id is no id of the form"),
        (["--site", "https://northlight.example", "--client-id", APP, "--publisher", " "], "--publisher is the name"),
        (["--site", "https://northlight.example", "--client-id", APP, "--publisher", "x" * 33], "--publisher is the name"),
        (["--site", "https://northlight.example", "--client-id", APP, "--version", "1.2"], "--version is '1.2': give three numbers"),
        (["--site", "northlight.example", "--client-id", APP], "--site is 'northlight.example'"),
        (["--site", "https://x.example", "--terms", "http://x.example", "--client-id", APP], "--terms is 'http://x.example'"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TEAMS_CLIENT_ID", raising=False)
    assert run(["teams-package", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
