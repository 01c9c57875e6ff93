"""What the fulfilment of the lesser rights refuses."""

from dsar.errors import DsarError


class CorrectionRefusedError(DsarError):
    """A correction cannot be made as it is written. `field` is the name of the field where it is one that there is, `*` where it
    is the caller's own word, and `code` says why. The value is nowhere."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code


class NotFulfillableError(DsarError):
    """The request is of another right, or has gone too far, or not far enough."""
