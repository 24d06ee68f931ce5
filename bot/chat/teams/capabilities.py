"""What Teams offers of what Spellout does, and what it does not: declared, so that nobody has to find it out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What holds of this service as it is set up."""

    targeted: bool
    """Whether a message can be shown to one person within a conversation; without it, that person's own chat with Spellout is used."""
    windows: bool = False
    """Whether a window can be opened in answer to a button. In Teams only a message's menu opens one; elsewhere a private card with
    the same fields takes its place."""
    settings_by_word: bool = True
    """Whether a plain message can bring what a window would show, since no trigger is needed for a card."""
    finds_posts: bool = False
    """Whether a message can be looked up by its mark. Teams' bot connector reads no messages, so that a post whose outcome is not known
    is posted again after a pause."""
    shows_names_quietly: bool = True
    """Whether a person can be named without being notified: as plain text, since a mention in a card always notifies."""
