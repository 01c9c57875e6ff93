"""The uses for which records are kept: looked at in order, ended, and restricted to being stored."""
