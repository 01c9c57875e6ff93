"""What holders need of others, as they need it. The composition root wires them. None of it is called inside a transaction but
`Subjects`, which takes the caller's."""

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol
from uuid import UUID

from audit.entry import SubjectRef
from audit.ports import LogKeys
from dsar.holders.register import IdentityType

SigningKeys = LogKeys
"""The deployment's keys that sign what goes to systems beside it, apart from those of the log."""


class Answered(NamedTuple):
    """What a system answered; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outside(Protocol):
    """The way out to one system's origin, bounded in time and size."""

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call that follows no redirect. Raises OSError where no answer came within bounds, PermissionError where the
        call is not allowed."""


class Known(NamedTuple):
    """A person as a system beside this one may know them, and as the log does."""

    ref: SubjectRef
    identities: Mapping[IdentityType, str]


class Identities(Protocol):
    """What the platform calls a person and where they can be reached, opened for this one use and recorded as a disclosure."""

    def of(self, tenant: int, number: int, wanted: Collection[IdentityType], request: UUID) -> Known | None:
        """Of these what there is, in normal form; None once the person was erased."""
