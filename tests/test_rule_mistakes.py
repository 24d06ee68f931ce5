"""Somebody who edits rules makes mistakes; each is told with its place, and all of them at once."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import rulefiles, ruleyaml
from tests.rules_copy import RulesCopy

Lines = list[str]
Edit = Callable[..., Lines]

TERM = """\
term: XPO
about: An acronym for these tests.
tier: never
senses:
  - id: example
    name: example process outsourcing
    means: An outside provider runs the examples.
    label: Example work
    ours: true
    source: own
examples:
  - say: We looked at an XPO.
    expect: silent
  - say: The XPO starts on Monday.
    expect: silent
"""
"""A term file without a mistake."""


@pytest.fixture
def folder(rules_copy: RulesCopy) -> Path:
    """A folder of rules to break."""
    return rules_copy.folder


@pytest.fixture
def told(rules_copy: RulesCopy) -> Edit:
    """Puts files among the rules; what loading them then says, line by line."""
    return rules_copy.told


def complaints(folder: Path) -> Lines:
    return RulesCopy(folder).told()


# --------------------------------------------------------------------------- keys and values


def test_a_sound_new_term_is_taken_as_it_is(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM}) == []


def test_a_key_that_is_missing_is_named_with_what_it_should_hold(told: Edit) -> None:
    broken = TERM.replace("    means: An outside provider runs the examples.\n", "").replace("tier: never\n", "")
    assert told({"terms/xpo.yml": broken}) == [
        "rules/terms/xpo.yml:1:1: `tier` is missing, expected one of `ask`, `buying`, `first`, `never`",
        "rules/terms/xpo.yml:4:5: `means` is missing, expected text of at most 400 characters",
    ]


def test_a_misspelt_key_is_told_once_with_the_key_that_was_meant(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM.replace("means:", "meens:")}) == [
        "rules/terms/xpo.yml:7:5: unknown key `meens`, did you mean `means`?"
    ]


def test_a_key_like_no_other_is_told_with_the_keys_there_are(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM.replace("    ours: true\n", "    cues:\n      colours: [red]\n")}) == [
        "rules/terms/xpo.yml:10:7: unknown key `colours`, expected one of `patterns`, `decisive`, `supporting`, `against`"
    ]


def test_a_word_outside_the_choice_is_told_with_the_choice(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM.replace("tier: never", "tier: nevr").replace("expect: silent", "expect: shout", 1)}) == [
        "rules/terms/xpo.yml:3:7: `tier` is `nevr`, expected one of `ask`, `buying`, `first`, `never`; did you mean `never`?",
        "rules/terms/xpo.yml:13:13: `expect` is `shout`, expected one of `ask`, `note`, `silent`",
    ]


def test_yes_is_text_and_so_is_no_switch(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM.replace("ours: true", "ours: yes")}) == [
        "rules/terms/xpo.yml:9:11: `ours` is `yes`, expected `true` or `false`"
    ]


def test_a_number_or_switch_where_text_belongs_asks_for_quotes(told: Edit) -> None:
    broken = TERM.replace("label: Example work", "label: 24").replace("We looked at an XPO.", "true")
    assert told({"terms/xpo.yml": broken}) == [
        "rules/terms/xpo.yml:8:12: `label` is the number 24, expected text of at most 40 characters (put it in quotes)",
        "rules/terms/xpo.yml:12:10: `say` is the switch `true`, expected text of at most 400 characters (put it in quotes)",
    ]


def test_a_text_that_is_too_long_or_empty_is_told_with_the_limit(told: Edit) -> None:
    broken = TERM.replace("label: Example work", f"label: {'x' * 41}").replace("about: An acronym for these tests.", "about: ''")
    assert told({"terms/xpo.yml": broken}) == [
        "rules/terms/xpo.yml:2:8: `about` is empty, expected text",
        "rules/terms/xpo.yml:8:12: `label` has 41 characters, expected at most 40",
    ]


def test_a_text_where_a_list_belongs_and_the_other_way_round(told: Edit) -> None:
    broken = TERM.replace("    ours: true\n", "    also: examples\n").replace(
        "name: example process outsourcing", "name: [example, process]"
    )
    assert told({"terms/xpo.yml": broken}) == [
        "rules/terms/xpo.yml:6:11: `name` is a list, expected text of at most 400 characters",
        "rules/terms/xpo.yml:9:11: `also` is `examples`, expected a list (one line each, starting with `- `)",
    ]


def test_a_list_that_is_too_short_and_an_item_that_is_no_mapping(told: Edit) -> None:
    broken = TERM[: TERM.index("  - say: The XPO")].replace("    source: own\n", "    source: own\n  - another\n")
    assert told({"terms/xpo.yml": broken}) == [
        "rules/terms/xpo.yml:11:5: item 2 of `senses` is `another`, expected a mapping (lines of `key: value`) with `id`, `name`, `means`, "
        "`label`, `source`",
        "rules/terms/xpo.yml:13:3: `examples` has 1 item, expected at least 2",
    ]


def test_an_id_with_capitals_and_a_date_that_is_none(told: Edit) -> None:
    broken = TERM.replace("id: example", "id: Example").replace("source: own", "source: own\n    reviewed: last week")
    assert told({"terms/xpo.yml": broken}) == [
        "rules/terms/xpo.yml:5:9: `id` is `Example`, expected lower-case letters, digits and `_`, a letter first",
        "rules/terms/xpo.yml:11:15: `reviewed` is `last week`, expected a date such as 2026-11-21",
    ]


# --------------------------------------------------------------------------- YAML


def test_a_key_that_stands_twice_is_refused(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM + "tier: ask\n"}) == [
        "rules/terms/xpo.yml:16:1: `tier` stands a second time (first in line 3), expected it once"
    ]


def test_all_mistakes_of_a_file_are_told_beside_a_repeated_key(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM.replace("ours: true", "ours: 1") + "tier: ask\n"}) == [
        "rules/terms/xpo.yml:9:11: `ours` is the number 1, expected `true` or `false`",
        "rules/terms/xpo.yml:16:1: `tier` stands a second time (first in line 3), expected it once",
    ]


def test_a_tab_is_told_to_be_a_tab(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM.replace("    label:", "\tlabel:")}) == [
        "rules/terms/xpo.yml:8:1: a tab stands at the line's start, expected spaces"
    ]


@pytest.mark.parametrize(
    ("value", "place", "said"),
    [
        ("*bold* text", "2:8", "a text cannot start with `*`, expected quotes around it"),
        ("{term} is short", "2:8", "a text cannot start with `{`, expected quotes around it"),
        ("@somebody", "2:8", "a text cannot start with `@`, expected quotes around it"),
        (
            "one thing: another",
            "2:17",
            "a `:` stands where no key can be, expected quotes around a text with `: ` in it, or a key under those above",
        ),
        ("[list, of", "2:8", "a list in brackets is never closed, expected `,` or `]`"),
        ("'never closed", "2:8", "a quoted text is never closed, expected its closing quote"),
        (
            "'it's closed'",
            "2:12",
            "a quoted text ends before this, expected nothing after it (an apostrophe within single quotes is written twice)",
        ),
        ("&name text", "2:8", "`&name` names this place for reuse, expected the text itself (or quotes around it)"),
        (
            "!!python/name:os.system x",
            "2:8",
            "`tag:yaml.org,2002:python/name:os.system` is a type tag, expected the value alone (or quotes around it)",
        ),
    ],
)
def test_what_yaml_reads_otherwise_than_meant_is_told_with_the_remedy(told: Edit, value: str, place: str, said: str) -> None:
    broken = TERM.replace("An acronym for these tests.", value)
    assert told({"terms/xpo.yml": broken})[0] == f"rules/terms/xpo.yml:{place}: {said}"


def test_a_line_at_the_wrong_indentation_is_told(told: Edit) -> None:
    assert told({"terms/xpo.yml": TERM.replace("    label:", "   label:")}) == [
        "rules/terms/xpo.yml:8:4: this line does not fit under the one above, expected `- ` at the same indentation"
    ]


def test_a_billion_laughs_stop_at_the_first(told: Edit) -> None:
    laughs = "a: &a [lol]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert told({"terms/xpo.yml": laughs})[:2] == [
        "rules/terms/xpo.yml:1:4: `&a` names this place for reuse, expected the text itself (or quotes around it)",
        "rules/terms/xpo.yml:2:4: `&b` names this place for reuse, expected the text itself (or quotes around it)",
    ]


@pytest.mark.parametrize("nesting", ["[" * 400_000, "- " * 400_000 + "x", "{a: " * 200_000, "a:\n" + " a:\n" * 2])
def test_no_nesting_is_too_deep_to_be_refused(told: Edit, nesting: str) -> None:
    assert len(told({"terms/xpo.yml": nesting})) >= 1


def test_the_order_of_mistakes_is_the_order_of_the_files(told: Edit) -> None:
    said = told({"terms/ypo.yml": TERM + "x: 1\n", "terms/xpo.yml": TERM + "y: 1\nx: 2\n", "terms/zpo.yml": "a: [\n"})
    assert [line.split(": ")[0] for line in said] == [
        "rules/terms/xpo.yml:16:1",
        "rules/terms/xpo.yml:17:1",
        "rules/terms/ypo.yml:16:1",
        "rules/terms/zpo.yml:2:1",
    ]


# --------------------------------------------------------------------------- files


def test_windows_line_ends_and_a_byte_order_mark_are_welcome(told: Edit) -> None:
    assert told({"terms/xpo.yml": b"\xef\xbb\xbf" + TERM.replace("\n", "\r\n").encode()}) == []


def test_places_are_counted_rightly_with_windows_line_ends_and_a_byte_order_mark(told: Edit) -> None:
    broken = b"\xef\xbb\xbf" + ("trem: XPO\n" + TERM).replace("\n", "\r\n").encode()
    assert told({"terms/xpo.yml": broken}) == ["rules/terms/xpo.yml:1:1: unknown key `trem`, did you mean `term`?"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "1:1: the file is empty, expected a mapping (lines of `key: value`) with `term`, `about`, `tier`, `senses`, `examples`"),
        (
            "# later\n",
            "1:1: the file is empty, expected a mapping (lines of `key: value`) with `term`, `about`, `tier`, `senses`, `examples`",
        ),
        (
            "\n- a\n",
            "2:1: the file is a list, expected a mapping (lines of `key: value`) with `term`, `about`, `tier`, `senses`, `examples`",
        ),
        (
            "hello",
            "1:1: the file is `hello`, expected a mapping (lines of `key: value`) with `term`, `about`, `tier`, `senses`, `examples`",
        ),
        (TERM + "---\n" + TERM, "16:1: a second document starts here, expected one document a file"),
        (b"term: XPO\nabout: caf\xe9\n", "2:11: this is no UTF-8 text, expected a text file saved as UTF-8"),
        (TERM.encode("utf-16"), "1:1: this is no UTF-8 text, expected a text file saved as UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00", "1:1: a control character that no text file contains, expected plain text"),
        (b"term: XPO\nabout: a\x00b\n", "2:9: a control character that no text file contains, expected plain text"),
        (b"# \n" * 1_700_000, "1:1: this file is larger than 1,000,000 bytes, expected a rule file"),
    ],
    ids=["empty", "comments only", "a list", "a word", "two documents", "latin-1", "utf-16", "binary", "a null character", "5 MB"],
)
def test_a_file_that_is_no_rule_file_is_told_to_be_none(told: Edit, content: str | bytes, said: str) -> None:
    assert told({"terms/xpo.yml": content}) == [f"rules/terms/xpo.yml:{said}"]


def test_a_missing_file_is_named(told: Edit) -> None:
    assert told({"wording.yml": None, "questions.yml": None}) == [
        "rules/questions.yml:1:1: this file is missing",
        "rules/wording.yml:1:1: this file is missing",
    ]


def test_a_file_of_an_unknown_name_is_not_quietly_ignored(told: Edit) -> None:
    assert told({"wordings.yml": "a: b\n", "terms/xpo.yaml": TERM, "notes.yml": "a: b\n"}) == [
        "rules/notes.yml:1:1: unknown file, expected advice.yml, manners.yml, questions.yml, reading.yml, "
        "signals.yml, sources.yml or wording.yml",
        "rules/terms/xpo.yaml:1:1: this file would be ignored, expected the name xpo.yml",
        "rules/wordings.yml:1:1: unknown file, did you mean wording.yml?",
    ]


def test_what_an_editor_leaves_behind_is_ignored(told: Edit) -> None:
    assert told({"terms/.xpo.yml.swp": b"\x00", "terms/xpo.yml~": "[", "terms/.#xpo.yml": "[", "terms/.hidden.yml": "["}) == []


def test_a_folder_that_is_missing_is_named(folder: Path) -> None:
    assert complaints(Path("rulez")) == ["rulez:1:1: no such folder, expected a folder of rule files"]
    shutil.rmtree(folder / "terms")
    assert complaints(folder) == [
        "rules/terms:1:1: this folder cannot be read (no such file or directory), expected a folder of rule files"
    ]


def test_a_folder_without_a_rule_is_named(folder: Path) -> None:
    shutil.rmtree(folder / "terms")
    (folder / "terms").mkdir()
    assert complaints(folder) == ["rules/terms:1:1: no rule file stands in this folder, expected at least one"]


def test_a_file_in_place_of_the_folder_is_named(folder: Path) -> None:
    assert complaints(folder / "wording.yml") == ["rules/wording.yml:1:1: no such folder, expected a folder of rule files"]


def test_a_link_to_itself_ends_in_a_sentence(folder: Path) -> None:
    (folder / "terms/xpo.yml").symlink_to("xpo.yml")
    assert complaints(folder) == ["rules/terms/xpo.yml:1:1: this file cannot be read (too many levels of symbolic links)"]


def test_a_folder_that_links_to_itself_ends_in_a_sentence(folder: Path) -> None:
    shutil.rmtree(folder / "terms")
    (folder / "terms").symlink_to("terms")
    assert complaints(folder) == [
        "rules/terms:1:1: this folder cannot be read (too many levels of symbolic links), expected a folder of rule files"
    ]


def test_a_pipe_or_folder_in_place_of_a_file_does_not_hang(folder: Path) -> None:
    os.mkfifo(folder / "terms/xpo.yml")
    (folder / "terms/ypo.yml").mkdir()
    assert complaints(folder) == [
        "rules/terms/xpo.yml:1:1: this is no ordinary file, expected a text file",
        "rules/terms/ypo.yml:1:1: this is no ordinary file, expected a text file",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named(folder: Path) -> None:
    (folder / "wording.yml").chmod(0)
    assert complaints(folder) == ["rules/wording.yml:1:1: this file cannot be read (permission denied)"]


def test_a_path_outside_the_current_folder_is_shown_as_it_was_given(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "terms/xpo.yml").write_text("[\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert complaints(Path("../rules"))[0].startswith("../rules/terms/xpo.yml:2:1: ")
    assert complaints(tmp_path / "rules")[0].startswith(f"{tmp_path}/rules/terms/xpo.yml:2:1: ")


# --------------------------------------------------------------------------- what YAML text becomes


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "True", "NO", "2026-11-21", "1:30", "012", "0x1f", "1_000", "1e5", ".inf", "9" * 30]
)
def test_what_looks_like_text_stays_text(text: str) -> None:
    assert ruleyaml.read(f"a: {text}\n") == ({"a": text}, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("7", 7),
        ("-3", -3),
        ("0.85", 0.85),
        ("'7'", "7"),
        ("[]", ()),
    ],
)
def test_only_plain_switches_numbers_and_nothing_are_typed(text: str, value: object) -> None:
    read, flaws = ruleyaml.read(f"a: {text}\n")
    assert (read, flaws) == ({"a": value}, [])
    assert isinstance(read, dict)
    assert type(read["a"]) is type(value)


def test_keys_are_text_and_lists_cannot_change() -> None:
    assert ruleyaml.read("1: [a, [b]]\ntrue: {2: c}\n") == ({"1": ("a", ("b",)), "true": {"2": "c"}}, [])


# --------------------------------------------------------------------------- whatever somebody does to a file


def lines_of(mistakes: list[rulefiles.Mistake], text: str) -> bool:
    """Whether every mistake points into the text (or right behind it) and says what was wrong."""
    last = len(re.split("\r\n|[\n\r\x85\u2028\u2029]", text)) + 1
    return all(1 <= mistake.line <= last and mistake.column >= 1 and mistake.message for mistake in mistakes)


@given(st.text(max_size=200))
def test_any_text_is_met_with_mistakes_that_point_into_it(text: str) -> None:
    mistakes = rulefiles.mistakes_in("terms/xpo.yml", text)
    assert mistakes
    assert lines_of(mistakes, text)


@given(st.integers(0, len(TERM)), st.integers(0, 30), st.text("abX:-#{}[]&*!|>'\"%@`,?~ \n\t\r\\01\u00e9\u2028", max_size=8))
def test_any_edit_of_a_file_is_taken_or_met_with_mistakes_that_point_into_it(start: int, removed: int, added: str) -> None:
    text = TERM[:start] + added + TERM[start + removed :]
    assert lines_of(rulefiles.mistakes_in("terms/xpo.yml", text), text)
