"""Slack: what it sends into events, replies into Block Kit, and the wiring between."""
