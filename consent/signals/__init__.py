"""Signals: what a person's browser says for them about all that a platform does, such as Global Privacy Control."""
