"""What holds and restrictions refuse."""

from dsar.errors import DsarError


class HoldNotFoundError(DsarError):
    """The tenant has no such hold."""


class HoldReleasedError(DsarError):
    """The hold was released."""


class HoldScopeError(DsarError):
    """What is to be held is not there, or cannot be named so. `field` is the part of the scope and `code` says why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code


class ReviewDateError(DsarError):
    """The review of a hold would be in the past, or too far away."""
