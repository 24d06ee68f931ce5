"""Spellout: a chat colleague that spells outsourcing acronyms out and helps to choose an operating model."""

__version__ = "0.1.0"
