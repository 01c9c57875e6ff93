"""What accounts need of others, as they need it. The composition root wires them."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from work.replay import Mac

Answer = TypeVar("Answer")

Sealed = tuple[int, bytes]
"""The version of the tenant's key that opens it, and the sealed octets."""


class Seal(Protocol):
    """Seals secrets of a tenant under a key of the tenant's own, each in its place. Not called inside a transaction."""

    def seal(self, tenant: int, octets: bytes, *, owner: int, row: int) -> Sealed: ...

    def open(self, tenant: int, sealed: Sealed, *, owner: int, row: int) -> bytes:
        """The octets that were sealed in this place."""


class MacHolder(Protocol):
    """Something that has the tenant's key for fingerprints of repeated calls."""

    @property
    def mac(self) -> Mac: ...


class Macs(Protocol):
    """Opens keys of a tenant before any transaction."""

    def using(self, tenant: int, attempt: Callable[[MacHolder], Answer]) -> Answer: ...


class Outside(Protocol):
    """The way out."""

    def allows(self, url: str) -> bool:
        """Whether the operator allows calls to the origin of `url`."""
