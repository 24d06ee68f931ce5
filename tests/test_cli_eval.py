"""`spellout eval`: figures on labelled messages, the rules behind each miss, and what another revision of the rules changes."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.settings import table
from tests.rules_copy import RulesCopy

ROOT = Path(__file__).parent.parent
RECRUITMENT, RECOVERY = "recruitment_process_outsourcing", "recovery_point_objective"
NURSES, BACKUPS, UNDECIDED = (
    "We want an RPO to hire 40 nurses.",
    "Our RPO is 15 minutes in case of a failover.",
    "Should we bring in an RPO?",
)

Evaluated = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [row.name for row in table()] + ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def evaluated(capsys: pytest.CaptureFixture[str]) -> Evaluated:
    """Run the command: its exit code, what it printed, what it complained."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["eval", *arguments])
        heard = capsys.readouterr()
        return code, heard.out, heard.err

    return run


def wrote(name: str, *rows: object) -> str:
    Path(name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return name


def labelled(name: str, text: str, sense: str, acronym: str = "RPO", **more: Any) -> dict[str, Any]:
    return {"id": name, "text": text, "acronym": acronym, "sense": sense, **more}


def shares(answer: dict[str, Any], place: int = 0) -> dict[str, tuple[int, int]]:
    return {name: (figure["good"], figure["of"]) for name, figure in answer["files"][place]["figures"].items()}


# --------------------------------------------------------------------------- figures


def test_the_figures_are_counted_as_they_are_named(evaluated: Evaluated) -> None:
    path = wrote(
        "own.jsonl",
        labelled("noted right", NURSES, RECRUITMENT, cue="contextual"),
        labelled("asked", UNDECIDED, RECRUITMENT, cue="contextual"),
        labelled("spelled out", "Recruitment process outsourcing (RPO) starts.", RECRUITMENT, cue="explicit"),
        labelled("another trade", BACKUPS, RECOVERY, cue="contextual"),
        labelled("spoken wrongly", NURSES, "none"),
        labelled("open", UNDECIDED, RECRUITMENT, decidable_from_text=False),
    )
    code, said, _ = evaluated("--json", path)
    answer = json.loads(said)
    assert code == 0
    assert shares(answer) == {
        "read-right": (3, 5), "spoke-wrongly": (1, 2), "engaged": (2, 2), "asked": (1, 2), "named-right": (2, 2),
        "meaning-right": (3, 4), "undecidable spoke": (1, 1), "read-right RPO": (3, 5),
    }  # fmt: skip
    assert [(miss["id"], miss["how"]) for miss in answer["files"][0]["misses"]] == [
        ("asked", "asked"), ("spoken wrongly", "spoken wrongly"),
    ]  # fmt: skip


def test_a_label_without_a_cue_counts_as_contextual_unless_the_long_form_stands_there(evaluated: Evaluated) -> None:
    path = wrote(
        "own.jsonl", labelled("a", NURSES, RECRUITMENT), labelled("b", "Recruitment process outsourcing (RPO) starts.", RECRUITMENT)
    )
    assert shares(json.loads(evaluated("--json", path)[1]))["engaged"] == (1, 1)


def test_each_acronym_of_the_file_has_its_own_figure(evaluated: Evaluated) -> None:
    path = wrote(
        "own.jsonl",
        labelled("a", NURSES, RECRUITMENT),
        labelled("b", "Our BPO vendor runs payroll.", "business_process_outsourcing", acronym="BPO"),
    )
    found = shares(json.loads(evaluated("--json", path)[1]))
    assert (found["read-right RPO"], found["read-right BPO"]) == ((1, 1), (1, 1))


def test_only_the_acronyms_asked_for_are_counted(evaluated: Evaluated) -> None:
    path = wrote(
        "own.jsonl",
        labelled("a", NURSES, RECRUITMENT),
        labelled("b", "Our BPO vendor runs payroll.", "business_process_outsourcing", acronym="BPO"),
        {"id": "c", "text": NURSES},
    )
    found = shares(json.loads(evaluated("--json", "--term", "bpo", path)[1]))
    assert (found["read-right"], "read-right RPO" in found, "spoke" in found) == ((1, 1), False, False)


def test_messages_without_labels_want_silence(evaluated: Evaluated) -> None:
    path = wrote("noise.jsonl", {"id": 1, "text": "Good morning."}, {"id": 2, "text": NURSES}, {"id": 3, "text": BACKUPS})
    answer = json.loads(evaluated("--json", path)[1])
    assert shares(answer) == {"spoke": (1, 3)}
    (miss,) = answer["files"][0]["misses"]
    assert (miss["line"], miss["id"], miss["how"], miss["said"]) == (2, "2", "spoken wrongly", [["RPO", "note", RECRUITMENT]])


def test_messages_of_a_channel_count_where_another_trade_wants_silence(evaluated: Evaluated) -> None:
    hits = [
        {"id": 1, "text": BACKUPS, "acronyms": ["RPO"], "sense": RECOVERY, "wants": "silence"},
        {"id": 2, "text": NURSES, "acronyms": ["RPO"], "sense": RECRUITMENT, "wants": "silence"},
        {"id": 3, "text": NURSES, "acronyms": ["RPO"], "sense": None, "wants": "ok"},
    ]
    assert shares(json.loads(evaluated("--json", wrote("hits.jsonl", *hits))[1])) == {"spoke": (0, 1)}


def test_acronyms_and_meanings_that_the_rules_lack_are_named(evaluated: Evaluated) -> None:
    path = wrote("own.jsonl", labelled("a", "The QZI rose.", "quick_zebra_index", acronym="QZI"), labelled("b", BACKUPS, "recovery_point"))
    code, said, _ = evaluated(path)
    assert code == 0
    assert "own.jsonl: QZI is no term of the rules; left out (1)." in said
    assert "own.jsonl: RPO recovery_point is no meaning of the rules (1)." in said


# --------------------------------------------------------------------------- what people read


def test_people_get_a_table_and_under_it_each_miss_with_its_rules(
    evaluated: Evaluated, rules_copy: RulesCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = wrote("own.jsonl", labelled("a", BACKUPS, RECOVERY), {"id": "b", "text": NURSES})
    monkeypatch.setenv("SPELLOUT_RULES", "rules")
    code, said, _ = evaluated(path)
    lines = said.splitlines()
    assert code == 0
    assert lines[0].split() == ["file", "figure", "now"]
    assert any(line.startswith("own.jsonl  read-right ") and "1/1 = 1.000" in line for line in lines)
    start = next(at for at, line in enumerate(lines) if line.startswith("own.jsonl:2: b: spoken wrongly: silence wanted, got note RPO"))
    cues = {line.partition("”")[0].strip(" “"): line for line in lines[start + 1 :] if line.startswith("    “")}
    file, number = cues["RPO to hire"].split(", ")[1].split(":")[:2]
    assert file == "rules/terms/rpo.yml"
    assert "TERM to hire" in Path(file).read_text(encoding="utf-8").splitlines()[int(number) - 1]


def test_no_text_of_a_message_is_printed(evaluated: Evaluated) -> None:
    path = wrote("own.jsonl", labelled("a", f"{NURSES} The secret word is xylophone.", "none"), labelled("b", UNDECIDED, RECRUITMENT))
    for arguments in ([path], ["--json", path]):
        assert "xylophone" not in evaluated(*arguments)[1]


def test_the_table_alone_when_only_figures_are_wanted(evaluated: Evaluated) -> None:
    said = evaluated("--figures", wrote("own.jsonl", {"id": "b", "text": NURSES}))[1]
    assert [line.split()[0] for line in said.splitlines()] == ["file", "own.jsonl", "own.jsonl"]


def test_of_a_folder_every_file_of_messages_is_read_packed_ones_too(evaluated: Evaluated) -> None:
    Path("mine").mkdir()
    wrote("mine/b.jsonl", labelled("a", NURSES, RECRUITMENT))
    wrote("mine/work.jsonl", {"id": 1, "text": "We sort mail.", "label": "standard_bpo"})
    Path("mine/a.jsonl.gz").write_bytes(gzip.compress(json.dumps({"id": 1, "text": "Good morning."}).encode()))
    Path("mine/notes.txt").write_text("no messages")
    code, said, complained = evaluated("--figures", "mine")
    assert code == 0
    assert list(dict.fromkeys(line.split()[0] for line in said.splitlines()[1:])) == ["a.jsonl.gz", "b.jsonl"]
    assert complained.splitlines() == ['Left out: mine/work.jsonl:1: this row has "label", so it is no message to read acronyms in.']


# --------------------------------------------------------------------------- against another revision


def git(*words: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


@pytest.fixture
def kept(rules_copy: RulesCopy, monkeypatch: pytest.MonkeyPatch) -> RulesCopy:
    """A copy of the rules that git keeps, as of a commit that is tagged `then`."""
    monkeypatch.setenv("SPELLOUT_RULES", "rules")
    git("init")
    git("add", "rules")
    git("commit", "-m", "The rules as they are")
    git("tag", "then")
    return rules_copy


def hush(rules: RulesCopy) -> None:
    """From now on nurses keep Spellout silent about RPO."""
    assert rules.replaced("terms/rpo.yml", "lowercase: true\n", "lowercase: true\nsilent: [nurse]\n") == []


def test_a_comparison_tells_which_messages_change_and_how(evaluated: Evaluated, kept: RulesCopy) -> None:
    hush(kept)
    path = wrote("own.jsonl", labelled("a", BACKUPS, RECOVERY), labelled("b", NURSES, "none"), labelled("c", NURSES, RECRUITMENT))
    code, said, _ = evaluated("--against", "then", path)
    lines = said.splitlines()
    assert code == 0
    assert lines[0].split() == ["file", "figure", "now", "then"]
    assert any(line.startswith("own.jsonl  spoke-wrongly") and "0/2 = 0.000  1/2 = 0.500" in line for line in lines)
    changes = [line for line in lines if " changes: " in line]
    assert [line.split(" changes: ")[0] for line in changes] == ["own.jsonl:2: b: RPO", "own.jsonl:3: c: RPO"]
    assert changes[0].split(" changes: ")[1].startswith(f"note ({RECRUITMENT}) -> silent (")
    assert (changes[0].endswith("(better)"), changes[1].endswith("(worse)")) == (True, True)


def test_a_comparison_for_programs_has_both_figures_and_the_commit(evaluated: Evaluated, kept: RulesCopy) -> None:
    hush(kept)
    answer = json.loads(evaluated("--json", "--against", "then", wrote("own.jsonl", {"id": 7, "text": NURSES}))[1])
    assert (answer["against"]["ref"], len(answer["against"]["commit"])) == ("then", 40)
    assert answer["against"]["rules"] != answer["rules"]
    file = answer["files"][0]
    assert (file["figures"]["spoke"]["good"], file["against"]["figures"]["spoke"]["good"]) == (0, 1)
    (change,) = file["against"]["changes"]
    assert (change["id"], change["was"]["action"], change["is"]["action"], change["turn"]) == ("7", "note", "silent", "better")


def test_where_nothing_changes_that_is_said(evaluated: Evaluated, kept: RulesCopy) -> None:
    assert "own.jsonl: no message changes." in evaluated("--against", "HEAD", wrote("own.jsonl", {"id": 7, "text": NURSES}))[1]


def test_a_revision_whose_sentences_are_of_another_day_can_be_compared_with(evaluated: Evaluated, kept: RulesCopy) -> None:
    today = (kept.folder / "wording.yml").read_bytes()
    (kept.folder / "wording.yml").write_text("gone: {}\n")
    git("commit", "-a", "-m", "Other sentences")
    (kept.folder / "wording.yml").write_bytes(today)
    assert evaluated("--against", "HEAD", wrote("own.jsonl", {"id": 7, "text": NURSES}))[0] == 0


def test_a_revision_that_does_not_load_is_told_with_its_first_mistake(evaluated: Evaluated, kept: RulesCopy) -> None:
    text = (kept.folder / "reading.yml").read_text(encoding="utf-8")
    (kept.folder / "reading.yml").write_text(f"tomorrow: 1\n{text}", encoding="utf-8")
    git("commit", "-a", "-m", "Rules of another day")
    (kept.folder / "reading.yml").write_text(text, encoding="utf-8")
    code, said, complained = evaluated("--against", "HEAD", wrote("own.jsonl", {"id": 7, "text": NURSES}))
    assert (code, said) == (1, "")
    assert complained.startswith(
        "The rules of “HEAD” do not load with this version of Spellout (first mistake: rules/reading.yml:1:1: unknown"
    )
    assert len(complained.splitlines()) == 1


@pytest.mark.parametrize("revision", ["yesterday's", "-x", "", "HEAD:rules", "a" * 300])
def test_a_revision_that_git_does_not_know_is_told(evaluated: Evaluated, kept: RulesCopy, revision: str) -> None:
    code, said, complained = evaluated(f"--against={revision}", wrote("own.jsonl", {"id": 7, "text": NURSES}))
    assert (code, said) == (1, "")
    assert complained.startswith("git knows no revision “")
    assert complained.endswith("” here: name a commit, a branch or a tag, such as HEAD~1.\n")


def test_a_revision_without_rules_is_told(evaluated: Evaluated, kept: RulesCopy) -> None:
    git("rm", "-r", "--cached", "rules")
    git("commit", "-m", "No rules")
    code, _, complained = evaluated("--against", "HEAD", wrote("own.jsonl", {"id": 7, "text": NURSES}))
    assert (code, complained) == (1, "“HEAD” has no rules in rules: name a revision that has them.\n")


def test_rules_that_git_does_not_keep_cannot_be_compared(
    evaluated: Evaluated, rules_copy: RulesCopy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPELLOUT_RULES", "rules")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    code, _, complained = evaluated("--against", "HEAD", wrote("own.jsonl", {"id": 7, "text": NURSES}))
    assert code == 1
    assert complained.startswith("git knows no history of rules (not a git repository")
    assert len(complained.splitlines()) == 1


def test_without_git_nothing_can_be_compared(evaluated: Evaluated, kept: RulesCopy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    code, _, complained = evaluated("--against", "HEAD", wrote("own.jsonl", {"id": 7, "text": NURSES}))
    assert (code, complained) == (1, "--against needs git, which is not installed here: install it, or leave --against out.\n")


# --------------------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "own.jsonl: Line 1 of the input is not JSON ("),
        (b'{"id": 1}', 'own.jsonl: Line 1 of the input has no proper "text"'),
        (b'\n{"id": 1, "text": "\xff"}', "own.jsonl: Line 2 of the input is not UTF-8"),
        (b'{"id": 1, "text": "x", "acronym": "RPO"}', 'own.jsonl:1: this row has only "acronym": give "acronym" and "sense"'),
        (b'{"id": 1, "text": "x", "label": "kpo"}', 'own.jsonl:1: this row has "label", so it is no message'),
        (b'{"id": 1, "answers": {}}', 'own.jsonl: Line 1 of the input has no proper "text"'),
    ],
    ids=["broken", "no text", "latin", "half a label", "work", "answers"],
)
def test_a_bad_row_is_told_with_its_file_and_line(evaluated: Evaluated, content: bytes, told: str) -> None:
    Path("own.jsonl").write_bytes(content)
    code, said, complained = evaluated("own.jsonl")
    assert (code, said) == (1, "")
    assert complained.startswith(told)
    assert len(complained.splitlines()) == 1


@pytest.mark.parametrize("name", ["gone.jsonl", "not packed.jsonl.gz", "cut.jsonl.gz"])
def test_a_file_that_cannot_be_read_is_told(evaluated: Evaluated, name: str) -> None:
    Path("not packed.jsonl.gz").write_bytes(b"{}")
    Path("cut.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1, "text": "x"}\n' * 100)[:30])
    code, _, complained = evaluated(name)
    assert code == 1
    assert complained.startswith(f"{name} cannot be read (")
    assert len(complained.splitlines()) == 1


def test_an_empty_file_has_no_figures_and_an_empty_folder_says_what_belongs_there(evaluated: Evaluated) -> None:
    code, said, _ = evaluated(wrote("own.jsonl"))
    assert (code, [line.split() for line in said.splitlines()]) == (0, [["file", "figure", "now"], ["own.jsonl", "messages", "0"]])
    Path("mine").mkdir()
    code, _, complained = evaluated("mine")
    assert code == 1
    assert complained.startswith("No messages stand in mine: put files of one JSON object a line there")


def test_a_reader_that_had_enough_ends_it_quietly() -> None:
    wrote("own.jsonl", {"id": 7, "text": NURSES})
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        program = subprocess.run(
            [sys.executable, "-m", "bot", "eval", "own.jsonl"], stdout=closed, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (program.returncode, program.stderr) == (1, "")


# --------------------------------------------------------------------------- make eval


def test_make_eval_without_messages_says_where_to_put_them() -> None:
    recipe = subprocess.run(
        ["make", "--no-print-directory", "-f", str(ROOT / "Makefile"), "-o", "setup", "eval", "SPELLOUT_EVAL=nowhere"],
        env={name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert recipe.returncode == 0, recipe.stderr
    assert recipe.stdout.startswith("No messages to read stand in nowhere: put files there")
    assert len(recipe.stdout.splitlines()) == 1
