"""Texts between people who do not see each other's numbers: passed on without what they should not hold, never kept."""
