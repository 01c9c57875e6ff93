"""What the fulfilment of the lesser rights refuses."""

from dsar.errors import DsarError


class NotFulfillableError(DsarError):
    """The request has restricted nothing."""
