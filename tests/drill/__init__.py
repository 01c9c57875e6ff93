"""Drills: what the service promises under kill -9, under load and over a long log, counted. `python -m tests.drill --help`."""
