"""Adapters to chat services; none knows another."""
