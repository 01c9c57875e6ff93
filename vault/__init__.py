"""Tokens for personal values: an encrypted store that gives a value back only for a stated purpose and view."""
