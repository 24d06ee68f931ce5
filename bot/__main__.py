"""`python -m bot` is `spellout`."""

from bot.cli import main

main()
