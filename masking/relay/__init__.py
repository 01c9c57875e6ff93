"""Calls and texts between people who do not see each other's numbers."""
