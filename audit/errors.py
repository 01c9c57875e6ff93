"""What the log refuses. No error carries the bytes that were wrong."""


class AuditError(Exception):
    """The base of every refusal of the log."""


class MalformedError(AuditError):
    """Bytes that are no checkpoint, note, key, tile, bundle or proof of the formats that the log speaks."""


class SignatureError(AuditError):
    """A note without a signature of the key that was asked for, or with one that does not fit."""


class ProofError(AuditError):
    """An inclusion or consistency proof that does not prove what it was made for."""


class PathOccupiedError(AuditError):
    """A path of the log exists already with other bytes: it was published before, and two histories would share it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} exists with other bytes")
        self.path = path


class RefusedError(AuditError):
    """The publisher will number nothing. `why` says it to an operator, with paths, sizes and the way out."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
