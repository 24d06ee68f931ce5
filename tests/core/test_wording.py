"""Sentences filled with what is known, and with what is no longer known."""

from bot.core.messages import Span, Who
from bot.core.rulebook import Rulebook


def test_a_person_whose_name_was_deleted_is_somebody(rules: Rulebook) -> None:
    line = rules.wording.line("dialogue.stopped", by=(Who(""),))

    assert Span("somebody") in line
    assert not any(isinstance(part, Who) for part in line)
    assert Who("U1") in rules.wording.line("dialogue.stopped", by=(Who("U1"),))
