"""Microsoft's Agents Playground in front of the bot: only on request, since it comes from npm."""
