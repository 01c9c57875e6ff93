"""What webhooks need of others, as they need it. The composition root wires them. None of it is called inside a transaction."""

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

from audit.entry import SubjectRef


class Answered(NamedTuple):
    """What a receiver answered; header names in small letters."""

    status: int
    headers: Mapping[str, str]


class Outside(Protocol):
    """The way out, to origins that the operator allows and to no others."""

    def allows(self, url: str) -> bool:
        """Whether the operator allows calls to the origin of `url`."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call that follows no redirect. Raises OSError where no answer came, PermissionError where the call is not
        allowed."""


Person = tuple[str, SubjectRef]
"""A person by the platform's id, which is stored nowhere in the clear, and by the log's pseudonym."""

Sealed = tuple[int, bytes]
"""The version of the tenant's key that opens it, and the sealed octets."""


class People(Protocol):
    """Who the people behind internal numbers are, while their keys exist."""

    def people(self, tenant: int, numbers: Collection[int]) -> Mapping[int, Person]:
        """The people among these who have not been erased."""


class Seal(Protocol):
    """Seals secrets of a tenant under a key of the tenant's own, each in its place: `owner` and `row`."""

    def seal(self, tenant: int, octets: bytes, *, owner: int, row: int) -> Sealed: ...

    def open(self, tenant: int, sealed: Sealed, *, owner: int, row: int) -> bytes:
        """The octets that were sealed in this place."""
