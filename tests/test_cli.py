"""The command line: what it prints for people and programs, and what it says when something is wrong."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from bot import cli
from bot.settings import table

ROOT = Path(__file__).parent.parent
BOT, APP = "xoxb-1-2-abc", "xapp-1-A1-2-abc"
KPO = "judgment=high,knowledge=professional,review=expert,structure=expert,domain=none"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [row.name for row in table()] + ["DISPLAY", "WAYLAND_DISPLAY", "FORCE_COLOR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


class Terminal(io.StringIO):
    """Standard input with a person at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> "Given":
    return Given(monkeypatch)


class Given:
    """What stands on standard input."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def bytes(self, data: bytes) -> None:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))

    def rows(self, *rows: object) -> None:
        self.bytes("".join(f"{json.dumps(row)}\n" for row in rows).encode())

    def typed(self, *lines: str) -> None:
        self._monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))


def output(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


# --------------------------------------------------------------------------- explain


def test_explain_says_what_is_meant_and_which_words_decided(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "We want an RPO to hire 40 nurses"]) == 0
    said = capsys.readouterr().out
    assert "ecruitment process outsourcing" in said
    assert "hire" in said
    assert "[" not in said


def test_explain_takes_a_message_without_quotes_or_from_standard_input(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    assert cli.run(["explain", "Should", "we", "bring", "in", "an", "RPO?"]) == 0
    spoken = capsys.readouterr().out
    given.bytes(b"Should we bring in an RPO?\n")
    assert cli.run(["explain"]) == 0
    assert capsys.readouterr().out == spoken


def test_explain_as_json_has_the_mention_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "--json", "Our RPO is 15 minutes and the RTO an hour"]) == 0
    (answer,) = output(capsys)
    mention, other = answer["mentions"]
    assert (mention["acronym"], mention["start"], mention["end"]) == ("RPO", 4, 7)
    assert other["action"] == "silent"
    assert (mention["action"], mention["sense"]) == ("silent", "recovery_point_objective")
    assert mention["because"]
    assert (other["acronym"], other["sense"]) == ("RTO", "recovery_time_objective")


def test_explain_answers_rows_in_their_order(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    given.rows({"id": "b", "text": "nothing here"}, {"id": 7, "text": "Should we bring in an RPO?", "note": "ignored"})
    assert cli.run(["explain", "--jsonl"]) == 0
    first, second = output(capsys)
    assert first == {"id": "b", "mentions": []}
    assert second["id"] == 7


def test_lone_surrogates_and_a_byte_order_mark_do_no_harm(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    given.bytes(b'\xef\xbb\xbf{"id": 1, "text": "an RPO \\ud800 to hire"}\n\n')
    assert cli.run(["explain", "--jsonl"]) == 0
    assert output(capsys)[0]["id"] == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "Line 2 of the input is not JSON ("),
        (b"[" * 100_000, "Line 2 of the input is not JSON ("),
        (b"[1]", "Line 2 of the input is not a JSON object"),
        (b'{"id": 1, "text": "\xff"}', "Line 2 of the input is not UTF-8"),
        (b'{"id": 1}', 'Line 2 of the input has no proper "text"'),
        (b'{"id": 1, "text": null}', 'Line 2 of the input has no proper "text"'),
        (b'{"text": "RPO"}', 'Line 2 of the input has no proper "id"'),
    ],
    ids=["broken", "deep", "list", "latin", "no text", "null", "no id"],
)
def test_a_bad_row_is_told_by_its_line(capsys: pytest.CaptureFixture[str], given: Given, line: bytes, said: str) -> None:
    given.bytes(b'{"id": 0, "text": "fine"}\n' + line + b"\n")
    assert cli.run(["explain", "--jsonl"]) == 1
    heard = capsys.readouterr()
    assert heard.err.startswith(said)
    assert len(heard.err.splitlines()) == 1
    assert json.loads(heard.out)["id"] == 0


def test_input_that_is_not_text_is_refused(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    given.bytes(b"an RPO \xff")
    assert cli.run(["explain"]) == 1
    assert capsys.readouterr().err == "The message is not UTF-8: save or type it as UTF-8.\n"


def test_explain_at_a_terminal_without_a_message_says_how_it_is_used(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    given.typed()
    assert cli.run(["explain"]) == 2
    assert capsys.readouterr().err.startswith("Give the message, as in `spellout explain")


# --------------------------------------------------------------------------- choose


def test_choose_holds_the_whole_dialogue_with_typed_answers(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    given.typed("a lot", "3", "why do you ask?", "3", "back", "3", "3", "none of these", "full brief", "")
    assert cli.run(["choose"]) == 0
    said = capsys.readouterr().out
    assert "1 of 4" in said
    assert "4 of 4" in said
    assert "nowledge process outsourcing" in said
    assert re.search(r"\[[SP]-?\d+", said), "the full brief names its sources"


def test_choose_ends_quietly_when_the_input_does(given: Given) -> None:
    given.typed("2")
    assert cli.run(["choose"]) == 0


def test_choose_starts_over_when_asked_to(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    given.typed("stop", "pick up again", "not sure", "stop", "")
    assert cli.run(["choose"]) == 0
    assert capsys.readouterr().out.count("1 of 4") == 2


# --------------------------------------------------------------------------- recommend


def test_recommend_shows_the_card(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["recommend", "--answers", KPO]) == 0
    said = capsys.readouterr().out
    assert "nowledge process outsourcing" in said
    assert "Hiring profile" in said


def test_recommend_as_json_has_what_would_flip_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["recommend", "--json", "--answers", f" {KPO} ,"]) == 0
    (answer,) = output(capsys)
    assert answer["model"] == "kpo"
    assert answer["confidence"] in {"firm", "likely"}
    assert set(answer) == {"model", "confidence", "runner_up", "flips", "warnings"}
    assert {"question", "option", "model"} == set(answer["flips"][0])


def test_recommend_answers_rows(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    given.rows({"id": "D1", "answers": {"judgment": "none", "knowledge": "manual", "review": "sampled", "structure": "process"}})
    assert cli.run(["recommend", "--jsonl"]) == 0
    (answer,) = output(capsys)
    assert (answer["id"], answer["model"]) == ("D1", "automation_first_bpo")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("judgment", "“judgment” is no answer: write question=option"),
        ("judgment=high,judgment=none", "“judgment” is answered twice"),
        ("mood=high", "There is no question “mood”; the questions are judgment, knowledge, review, structure"),
        ("judgment=huge", "“huge” is no answer to judgment; the answers are none, some, high, critical, unsure"),
    ],
)
def test_a_bad_answer_is_told_with_the_good_ones(capsys: pytest.CaptureFixture[str], answers: str, said: str) -> None:
    assert cli.run(["recommend", "--answers", answers]) == 1
    assert capsys.readouterr().err.startswith(said)


def test_a_bad_answer_in_a_row_is_told_by_its_row(capsys: pytest.CaptureFixture[str], given: Given) -> None:
    given.rows({"id": 1, "answers": {}}, {"id": 2, "answers": {"judgment": ["high"]}})
    assert cli.run(["recommend", "--jsonl"]) == 1
    assert capsys.readouterr().err.startswith("Row 2 of the input: “['high']” is no answer to judgment")


# --------------------------------------------------------------------------- rules and manifest


def test_sound_rules_are_told_with_their_number_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["rules", "check"]) == 0
    assert re.fullmatch(r"The rules are sound: \d+ terms, 11 operating models, version [0-9a-f]{12}\.\n", capsys.readouterr().out)


def test_every_mistake_of_broken_rules_is_told_with_its_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "terms").mkdir()
    (tmp_path / "terms" / "abc.yml").write_text("term: 7\nabuot: x\n")
    assert cli.run(["rules", "check", "--folder", str(tmp_path)]) == 1
    mistakes = capsys.readouterr().err.splitlines()
    assert len([line for line in mistakes if re.match(r".*abc\.yml:\d+:\d+: ", line)]) > 1


def test_own_rules_are_taken_from_the_setting(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("SPELLOUT_RULES", str(tmp_path / "mine"))
    assert cli.run(["explain", "RPO"]) == 1
    assert "mine" in capsys.readouterr().err


def test_the_manifest_is_printed_for_socket_mode(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["manifest", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["socket_mode_enabled"] is True


def test_the_manifest_for_http_has_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["manifest", "--http", "https://bot.example"]) == 0
    assert "https://bot.example/slack/events" in capsys.readouterr().out


def test_an_address_that_is_not_https_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["manifest", "--http", "bot.example"]) != 0
    assert "https://" in capsys.readouterr().err


# --------------------------------------------------------------------------- mistakes of the operator


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["expain"], "No such command 'expain'. Did you mean 'explain'? See `spellout --help`."),
        (["explain", "--josn", "x"], "No such option: --josn"),
        (["rules"], "Missing command. See `spellout rules --help`."),
        (["recommend"], "Give either --answers, such as judgment=high"),
        (["recommend", "--answers", "x", "--jsonl"], "Give either --answers"),
        (["explain", "--jsonl", "x"], "--jsonl reads rows from standard input"),
        (["try", "--port", "70000"], "Invalid value for '--port'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_that_is_not_understood_is_one_sentence(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert cli.run(arguments) == 2
    heard = capsys.readouterr()
    assert heard.err.startswith(said)
    assert (heard.out, len(heard.err.splitlines())) == ("", 1)


def test_without_a_command_it_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 0
    said = capsys.readouterr().out
    assert [name for name in ("try", "serve", "explain", "choose", "recommend", "rules", "manifest") if name not in said] == []


def test_serve_without_tokens_says_which_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["serve"]) == 1
    said = capsys.readouterr().err
    assert re.match(r"Set SLACK_APP_TOKEN .* or SLACK_SIGNING_SECRET .*`spellout try`", said)


def serving(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    for name, value in {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "SLACK_API_URL": "http://127.0.0.1:9/api/", **environment}.items():
        monkeypatch.setenv(name, value)


def test_a_corrupt_database_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bad.sqlite").write_bytes(b"this is no database at all, only text" * 100)
    serving(monkeypatch, SPELLOUT_DATABASE_URL=f"sqlite:///{tmp_path}/bad.sqlite")
    assert cli.run(["serve"]) == 1
    assert "bad.sqlite" in capsys.readouterr().err.splitlines()[-1]


def test_a_data_folder_that_cannot_be_made_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    serving(monkeypatch)
    assert cli.run(["serve"]) == 1
    assert "SPELLOUT_DATABASE_URL" in capsys.readouterr().err.splitlines()[-1]


def test_an_address_that_may_not_see_the_token_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, SLACK_API_URL="https://example.org/api/")
    assert cli.run(["serve"]) == 1
    assert "SLACK_API_URL" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("command", [["try", "--no-browser", "--port"], ["serve"]], ids=["try", "serve"])
def test_an_occupied_port_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        serving(monkeypatch, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="0123456789abcdef" * 2, PORT=port)
        assert cli.run([*command, port] if "try" in command else command) == 1
    assert f"Port {port} of 127.0.0.1 is taken by another program" in capsys.readouterr().err


# --------------------------------------------------------------------------- the real program


@contextmanager
def running(*arguments: str) -> "Iterator[subprocess.Popen[str]]":
    """The program, with nobody typing; ended at the latest when the test is over."""
    command = [sys.executable, "-m", "bot", *arguments]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        try:
            yield program
        finally:
            program.kill()


def read_until(program: "subprocess.Popen[str]", wanted: str) -> str:
    assert program.stdout is not None
    said = ""
    for line in program.stdout:
        said += line
        if wanted in line:
            return line
    raise AssertionError(f"{wanted!r} was never said, but: {said} {program.stderr and program.stderr.read()}")


def test_a_reader_that_had_enough_ends_it_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        program = subprocess.run(
            [sys.executable, "-m", "bot", "explain", "--json", "RPO"], stdout=closed, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (program.returncode, program.stderr) == (1, "")


def test_a_full_disk_under_the_output_is_told() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a file
        program = subprocess.run([sys.executable, "-m", "bot", "manifest"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert program.returncode == 1
    assert program.stderr.startswith("Reading or writing failed")
    assert len(program.stderr.splitlines()) == 1


def test_ctrl_c_ends_the_dialogue_without_a_word() -> None:
    with running("choose") as program:
        read_until(program, "1 of 4")
        program.send_signal(signal.SIGINT)
        _, complained = program.communicate(timeout=20)
    assert (complained.strip(), program.returncode) == ("", 130)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_playground_prints_its_address_answers_and_stops_when_told(number: signal.Signals) -> None:
    with running("try", "--no-browser") as program:
        address = re.search(r"http://127\.0\.0\.1:\d+/", read_until(program, "http://"))
        assert address is not None
        with urlopen(address[0], timeout=10) as page:
            assert page.status == 200
        program.send_signal(number)
        _, complained = program.communicate(timeout=20)
    assert (complained, program.returncode) == ("", 0)


def test_a_second_playground_takes_a_free_port() -> None:
    with running("try", "--no-browser") as first, running("try", "--no-browser") as second:
        assert read_until(first, "http://") != read_until(second, "http://")


def test_a_text_of_strange_letters_is_printed_to_a_terminal_that_lacks_them() -> None:
    program = subprocess.run(
        [sys.executable, "-m", "bot", "explain", "Do we need an RPO\u2026 \u202eOPR\U0001f600?"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}, capture_output=True, check=False,
    )  # fmt: skip
    assert (program.returncode, program.stderr) == (0, b"")
