"""What staff need of others."""

from collections.abc import Sequence
from typing import Protocol

from pages.staff.provider import Provider


class Sealer(Protocol):
    """Seals what belongs to a tenant."""

    def seal(self, tenant: int, octets: bytes, *, owner: int, row: int) -> tuple[int, bytes]:
        """Seal octets in their place; the version of the key, and what is sealed."""

    def open(self, tenant: int, sealed: tuple[int, bytes], *, owner: int, row: int) -> bytes:
        """The octets that were sealed in this place."""


class Doorways(Protocol):
    """Tenants, and how their staff may sign in."""

    def number_of(self, name: str) -> int | None:
        """The number of the tenant with a name."""

    def providers(self, tenant: int) -> Sequence[Provider]:
        """Its identity providers."""
