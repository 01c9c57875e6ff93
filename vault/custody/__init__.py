"""Custody of the root keys: which wraps, which still open, whether their providers answer, and moving from one to the next."""
