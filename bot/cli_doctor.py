"""`spellout doctor`."""
