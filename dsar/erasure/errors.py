"""What erasures refuse. No message carries a value of a person."""

from dsar.errors import DsarError


class ErasureError(DsarError):
    """Base of every refusal of erasures."""


class LawTextError(ErasureError):
    """A file of laws that may not be used. `place` says where it is wrong."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class NoPlanError(ErasureError):
    """The request is no erasure, or nothing was planned for it yet."""


class NoCertificateError(ErasureError):
    """Nothing of the request was carried out that could be certified."""
