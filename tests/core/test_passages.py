"""The prose of a text or Markdown draft: paragraphs as one line each, everything else left out, every character where it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.passages import passages


def prose(text: str, markdown: bool = True) -> list[str]:
    return [" ".join(passage.text.split()) for passage in passages(text, markdown)]


def test_the_lines_of_a_paragraph_are_joined_so_that_a_long_form_may_be_wrapped() -> None:
    assert prose("We plan recruitment process\noutsourcing.\n\nNext.") == ["We plan recruitment process outsourcing.", "Next."]


def test_each_character_stays_where_it_stood() -> None:
    text = "One two\nthree `code` four.\n\n  - five\n"
    for passage in passages(text, markdown=True):
        at = passage.text.index("four" if "four" in passage.text else "five")
        assert text[passage.start + at :].startswith(("four", "five"))


@pytest.mark.parametrize(
    "aside",
    [
        "```\nRPO\n\nRPO\n```",
        "~~~\nRPO\n~~~",
        "`RPO`",
        "> somebody wrote RPO",
        "    RPO = 7\n\n    RPO()",
        "<!-- RPO\n\nRPO -->",
        "<RPO>",
    ],
    ids=["fence", "tildes", "span", "quotation", "indented", "comment", "tag"],
)
def test_code_quotations_and_comments_are_no_prose(aside: str) -> None:
    assert "RPO" not in " ".join(prose(f"Before.\n\n{aside}\n\nAfter."))
    assert prose(f"Before.\n\n{aside}\n\nAfter.")[-1] == "After."


def test_front_matter_is_no_prose() -> None:
    assert prose("---\ntitle: RPO\n---\nText.") == ["Text."]
    assert prose("---\nnot closed: RPO") != []


def test_the_signature_of_an_e_mail_is_no_prose() -> None:
    assert prose("Let us talk.\n\nBest regards,\nAda\nRPO Team\n", markdown=False) == ["Let us talk."]


def test_a_wrapped_line_that_begins_like_code_is_prose_all_the_same() -> None:
    assert prose("We are\nusing an RPO for this.") == ["We are using an RPO for this."]
    assert prose("using System;\n") == []


def test_items_headings_and_labelled_lines_are_paragraphs_of_their_own() -> None:
    text = "# Scope\nWe hire.\n- one\n  goes on\n- two\n\nSubject: hiring\nTo be short"
    assert prose(text) == ["# Scope", "We hire.", "- one goes on", "- two", "Subject: hiring To be short"]


def test_an_indented_paragraph_of_an_item_is_prose() -> None:
    assert prose("- one\n\n    goes on here") == ["- one", "goes on here"]


def test_the_cells_of_a_table_are_prose_with_pauses_between_them() -> None:
    assert prose("| what | who |\n|---|---|\n| RPO | Ada |") == ["; what ; who", "; RPO ; Ada"]


def test_a_line_as_long_as_a_paragraph_is_one() -> None:
    assert len(prose(f"{'word ' * 50}\n{'more ' * 50}\nshort", markdown=False)) == 3


def test_a_paragraph_without_end_is_read_in_pieces() -> None:
    text = "One sentence with some words in it. " * 1_000
    found = passages(text)
    assert max(len(passage.text) for passage in found) <= 4_000
    assert "".join(passage.text for passage in found) == text
    assert all(text[passage.start :].startswith(passage.text) for passage in found)
    assert len(passages("x" * 9_000)) == 3


@given(st.text(alphabet="aR PO\n`~<>|-#.*\"'\t!—", max_size=80), st.booleans())
def test_whatever_the_text_its_passages_lie_in_it_in_order_letter_by_letter(text: str, markdown: bool) -> None:
    end = 0
    for passage in passages(text, markdown):
        assert passage.start >= end
        end = passage.start + len(passage.text)
        assert [letter for at, letter in enumerate(passage.text) if letter.isalpha() and text[passage.start + at] != letter] == []
    assert end <= len(text)
