"""What alerts refuse."""

from dsar.errors import DsarError


class BreachNotFoundError(DsarError):
    """The tenant has no such breach."""


class NobodyConcernedError(DsarError):
    """None of those who were named is known."""
