"""Spellout in Microsoft Teams."""
