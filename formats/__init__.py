"""Formats of the outside, read strictly: what readers disagree about is refused."""
