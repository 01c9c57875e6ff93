"""What the desk refuses."""

from dsar.errors import DsarError


class RequestNotFoundError(DsarError):
    """The tenant has no request with this id."""


class RequestStateError(DsarError):
    """The request is in a state in which this cannot be done."""


class NotVerifiedError(DsarError):
    """The requester has not shown surely enough who they are, or what entitles them to ask for another."""


class NobodyError(DsarError):
    """Nobody is known by the name that was given, so there is nothing to carry out."""


class SamePersonError(DsarError):
    """Who accepted a request may not approve it, too."""


class ExtensionError(DsarError):
    """The time cannot be extended: it was before, it is over, or the law does not allow it."""


class RightNotKnownError(DsarError):
    """The regime does not know the right."""


class RegimeNotKnownError(DsarError):
    """There is no such regime."""


class NotByHandError(DsarError):
    """A job completes the request, or it is no complaint that could be settled so."""


class NoCalendarError(DsarError):
    """Working days of a year are asked for of which nothing is known."""
