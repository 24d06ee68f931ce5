"""The pure core: what Spellout knows and decides. Nothing here waits, reads a clock, opens a file or names a chat service."""
