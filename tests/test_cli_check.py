"""`spellout check`: what it prints about drafts, how it ends, and what it says of files that it cannot read."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from bot import cli, drafts
from bot.settings import table
from tests.rules_copy import RulesCopy

ROOT = Path(__file__).parent.parent
CLEAN = "We plan recruitment process outsourcing (RPO) for nurses.\n"
DRAFT = "Dear all,\n\nwe want an RPO to hire\n40 nurses, and a BPO vendor runs payroll.\n"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [row.name for row in table()]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def checked(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[str], list[str]]]:
    """Run the command: its exit code, what it printed, what it complained."""

    def check(*arguments: str) -> tuple[int, list[str], list[str]]:
        code = cli.run(["check", *arguments])
        heard = capsys.readouterr()
        return code, heard.out.splitlines(), heard.err.splitlines()

    return check


Checked = Callable[..., tuple[int, list[str], list[str]]]


def wrote(name: str, content: str | bytes) -> str:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def typed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


# --------------------------------------------------------------------------- what is found


def test_each_finding_is_a_line_with_its_place_and_the_wording_to_use(checked: Checked) -> None:
    code, said, complained = checked(wrote("draft.txt", DRAFT))
    assert (code, complained) == (1, [])
    assert [line.partition(": ")[0] for line in said] == ["draft.txt:3:12", "draft.txt:4:18"]
    assert said[0].endswith("Write: recruitment process outsourcing (RPO)")
    assert said[1].endswith("Write: business process outsourcing (BPO)")


def test_a_draft_with_nothing_to_put_right_ends_well(checked: Checked) -> None:
    assert checked(wrote("draft.txt", CLEAN)) == (0, ["Nothing to spell out."], [])
    assert checked(wrote("empty.txt", "")) == (0, ["Nothing to spell out."], [])


def test_an_undecided_acronym_asks_to_spell_out_which_one(checked: Checked) -> None:
    code, said, _ = checked(wrote("mail.txt", "Should we bring in an RPO for the Q3 push?"))
    assert code == 1
    assert said[0].startswith("mail.txt:1:23: ")
    assert said[0].endswith("Spell out which one: recruitment process outsourcing or research process outsourcing")


def test_a_late_long_form_and_a_second_meaning_are_told_with_the_other_line(checked: Checked) -> None:
    text = f"We want an RPO to hire nurses.\n\n{CLEAN}\nAs for backups, the RPO is 15 minutes in case of a failover.\n"
    code, said, _ = checked(wrote("sow.md", text))
    assert code == 1
    assert [line.split(": ")[0] for line in said] == ["sow.md:1:12", "sow.md:5:21"]
    assert "line 3" in said[0]
    assert "line 1" in said[1]
    assert "recovery point objective" in said[1]


def test_markdown_code_links_and_quotations_are_left_out(checked: Checked) -> None:
    text = "---\ntitle: RPO\n---\n\n```\nRPO\n\nRPO\n```\n\n> the RPO hires nurses\n\nSee `RPO` and https://example.org/RPO/x.\n"
    assert checked(wrote("notes.md", text))[0] == 0


def test_several_drafts_are_checked_in_their_order(checked: Checked) -> None:
    code, said, _ = checked(wrote("b.txt", DRAFT), wrote("a.txt", DRAFT), "b.txt")
    assert code == 1
    assert [line.split(":")[0] for line in said] == ["b.txt", "b.txt", "a.txt", "a.txt"]


def test_windows_line_ends_and_a_byte_order_mark_change_no_place(checked: Checked) -> None:
    data = b"\xef\xbb\xbf" + DRAFT.replace("\n", "\r\n").encode()
    assert [line.partition(": ")[0] for line in checked(wrote("w.txt", data))[1]] == ["w.txt:3:12", "w.txt:4:18"]


def test_standard_input_is_a_draft_too(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, DRAFT.encode())
    code, said, _ = checked("-")
    assert code == 1
    assert said[0].startswith("-:3:12: ")


def test_programs_get_one_object_with_all_of_it(checked: Checked) -> None:
    code, said, _ = checked("--json", wrote("draft.txt", DRAFT), "gone.txt")
    answer: dict[str, Any] = json.loads("\n".join(said))
    finding = answer["findings"][0]
    assert code == 2
    assert (finding["path"], finding["line"], finding["column"], finding["cell"]) == ("draft.txt", 3, 12, None)
    assert (finding["acronym"], finding["kind"], finding["sense"]) == ("RPO", "unspelled", "recruitment_process_outsourcing")
    assert finding["names"] == ["recruitment process outsourcing"]
    assert "nurses" in finding["because"]
    assert len(answer["unreadable"]) == 1


def test_what_everybody_knows_is_told_only_when_all_is_wanted(
    checked: Checked, rules_copy: RulesCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    term = (
        "term: QZI\nabout: Made up.\ntier: never\nsenses:\n  - id: quick_zebra_index\n    name: quick zebra index\n    means: Nothing.\n"
        "    label: Zebras\n    source: own\nexamples:\n  - say: The QZI.\n    expect: silent\n  - say: A QZI.\n    expect: silent\n"
    )
    assert rules_copy.told({"terms/qzi.yml": term}) == []
    monkeypatch.setenv("SPELLOUT_RULES", "rules")
    assert checked(wrote("draft.txt", "The QZI rose."))[0] == 0
    code, said, _ = checked("--all", "draft.txt")
    assert (code, len(said)) == (1, 1)
    assert said[0].endswith("Write: quick zebra index (QZI)")


# --------------------------------------------------------------------------- Word


def word(name: str, *paragraphs: str, cells: tuple[tuple[str, ...], ...] = ()) -> str:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if cells:
        grid = document.add_table(rows=len(cells), cols=len(cells[0]))
        for row, texts in zip(grid.rows, cells, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    document.save(name)
    return name


def test_a_word_draft_is_told_by_paragraph_and_cell(checked: Checked) -> None:
    path = word("sow.docx", "Dear all,", "we want an RPO to hire nurses.", cells=(("What", "Who"), ("Payroll", "a BPO vendor")))
    code, said, _ = checked(path)
    assert code == 1
    assert said[0].startswith("sow.docx:2:12: RPO is used")
    assert said[1].startswith("sow.docx:6:3: table 1, row 2, cell 2: BPO is used")


def test_a_long_form_in_a_later_cell_is_named_by_its_cell(checked: Checked) -> None:
    path = word("sow.docx", "We want an RPO to hire nurses.", cells=(("RPO", "recruitment process outsourcing"),))
    assert "spelled out in table 1, row 1, cell 2" in checked(path)[1][0]


def test_a_word_draft_in_programs_output_has_its_cell(checked: Checked) -> None:
    _, said, _ = checked("--json", word("sow.docx", cells=(("An RPO to hire nurses",),)))
    assert json.loads(said[0])["findings"][0]["cell"] == {"table": 1, "row": 1, "cell": 1}


def test_what_word_calls_deleted_is_gone_and_what_it_calls_inserted_is_there() -> None:
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = (
        "<w:p><w:r><w:t>An </w:t></w:r><w:del><w:r><w:delText>LPO</w:delText></w:r></w:del><w:ins><w:r><w:t>RPO</w:t></w:r></w:ins>"
        "<w:r><w:tab/><w:t>to hire</w:t><w:br/><w:t>nurses</w:t></w:r></w:p>"
        '<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:r><w:t>KPO services 7</w:t></w:r></w:p>'
        "<w:sdt><w:sdtContent><w:p><w:hyperlink><w:r><w:t>In a box</w:t></w:r></w:hyperlink></w:p></w:sdtContent></w:sdt>"
    )
    Path("x.docx").write_bytes(with_body(word("x.docx", "x"), f"<w:document {namespace}><w:body>{body}</w:body></w:document>"))
    assert drafts.read("x.docx").passages == ("An RPO\tto hire nurses", "", "In a box")


def with_body(path: str, document: str) -> bytes:
    """A Word file with another main part."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.infolist():
            new.writestr(part, document if part.filename == "word/document.xml" else old.read(part))
    return made.getvalue()


def test_a_word_draft_may_come_on_standard_input(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, Path(word("sow.docx", "We want an RPO to hire nurses.")).read_bytes())
    assert checked("-")[1][0].startswith("-:1:12: ")


def test_without_the_library_a_word_draft_says_how_to_get_it(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    path = word("sow.docx", "An RPO.")
    monkeypatch.setitem(sys.modules, "docx", None)
    code, said, complained = checked(path)
    assert (code, said) == (2, [])
    assert complained == ["sow.docx needs python-docx to be read: pip install python-docx, or save the draft as .txt."]


# --------------------------------------------------------------------------- what cannot be read


def broken_word(kind: str) -> bytes:
    whole = Path(word("whole.docx", "An RPO.")).read_bytes()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as other:
        other.writestr("hello.txt", "hello")
    return {
        "text": b"An RPO.",
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "other zip": made.getvalue(),
        "old or protected": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        "not xml": with_body("whole.docx", "<w:document"),
        "not wordprocessing": with_body("whole.docx", "<hello/>"),
    }[kind]


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "other zip", "old or protected", "not xml", "not wordprocessing"])
def test_a_word_file_that_is_none_is_told_in_a_sentence(checked: Checked, kind: str) -> None:
    code, said, complained = checked(wrote("x.docx", broken_word(kind)))
    assert (code, said) == (2, [])
    assert complained == ["x.docx is no Word document that can be read (.docx, not protected): save it anew, or as .txt."]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.pdf", b"%PDF-", "x.pdf cannot be read: save it as .txt, .md or .docx."),
        ("x.doc", b"old", "x.doc cannot be read: save it as .txt, .md or .docx."),
        ("x.txt", b"an RPO \xff", "x.txt is not UTF-8: save it as UTF-8."),
        ("x.txt", "an RPO".encode("utf-16"), "x.txt is not UTF-8: save it as UTF-8."),
        ("x.txt", b"an RPO \0", "x.txt is no text: save it as .txt, .md or .docx."),
        ("x.txt", b"a" * (drafts.LARGEST_TEXT + 1), "x.txt is larger than 2,000,000 bytes: check it in parts."),
        ("x.docx", b"a" * (drafts.LARGEST_WORD + 1), "x.docx is larger than 20,000,000 bytes: check it in parts."),
    ],
    ids=["pdf", "doc", "latin", "utf-16", "binary", "huge", "huge word"],
)
def test_a_file_that_is_no_draft_is_told_in_a_sentence(checked: Checked, name: str, content: bytes, told: str) -> None:
    assert checked(wrote(name, content)) == (2, [], [told])


def test_a_word_file_that_unpacks_to_too_much_is_refused(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "LARGEST_UNPACKED", 1_000)
    code, _, (told,) = checked(word("x.docx", "An RPO."))
    assert (code, told) == (2, "x.docx unpacks to more than 1,000 bytes: save it as .txt.")


@pytest.mark.parametrize(
    ("name", "why"), [("gone.txt", "no such file or directory"), (".", "is a directory"), ("a\0b.txt", "embedded null byte")], ids=str
)
def test_a_file_that_is_not_there_is_told_in_a_sentence(checked: Checked, name: str, why: str) -> None:
    assert checked(name) == (2, [], [f"{name} cannot be read ({why}): name a .txt, .md or .docx file."])


def test_what_can_be_read_is_checked_although_another_file_cannot(checked: Checked) -> None:
    code, said, complained = checked("gone.txt", wrote("draft.txt", DRAFT))
    assert (code, len(said), len(complained)) == (2, 2, 1)


def test_closed_standard_input_is_told(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert checked("-") == (2, [], ["Standard input is closed: name a file."])


def test_broken_rules_do_not_look_like_findings(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine").mkdir()
    monkeypatch.setenv("SPELLOUT_RULES", "mine")
    code, said, complained = checked(wrote("draft.txt", DRAFT))
    assert (code, said) == (2, [])
    assert complained


def test_no_file_is_a_mistake_of_use(checked: Checked) -> None:
    code, said, complained = checked()
    assert (code, said) == (2, [])
    assert complained[0].startswith("Missing argument 'FILE'")


def test_a_reader_that_had_enough_ends_it_quietly() -> None:
    wrote("draft.txt", DRAFT)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        program = subprocess.run(
            [sys.executable, "-m", "bot", "check", "draft.txt"], stdout=closed, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (program.returncode, program.stderr) == (1, "")
