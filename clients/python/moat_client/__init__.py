"""Typed synchronous client of the Moat HTTP API."""
