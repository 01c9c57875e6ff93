"""A package as its row has it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from database.transaction import Row
from dsar.ports import Sealed

DAY_MS = 24 * 60 * 60 * 1000
EXPIRES_MS = 7 * DAY_MS
"""For how long a package, and every link to it, is there, unless the operator says otherwise."""


class PackageState(StrEnum):
    """`building` and `ready` have a file; the others are ends and have none."""

    BUILDING = "building"
    READY = "ready"
    TRANSFERRED = "transferred"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One package. `digest` and `size` are of its sealed octets; `records` counts what was collected. `receiver` is the id of the
    receiver it goes to, None for the person. `secret` is its passphrase, sealed, until it has been told."""

    tenant: int
    id: UUID
    request: UUID
    subject: int
    state: PackageState
    receiver: str | None
    made_at: int
    expires_at: int
    digest: bytes | None
    size: int | None
    records: int
    downloads: int
    receipt: bytes | None
    secret: Sealed | None = field(repr=False)

    @classmethod
    def of(cls, row: Row) -> Self:
        """The package of a row."""
        octets: list[Any] = [None if one is None else bytes(one) for one in (row[8], row[12], row[14])]
        return cls(
            tenant=row[0],
            id=UUID(bytes=bytes(row[1])),
            request=UUID(bytes=bytes(row[2])),
            subject=row[3],
            state=PackageState(row[4]),
            receiver=row[5],
            made_at=row[6],
            expires_at=row[7],
            digest=octets[0],
            size=row[9],
            records=row[10],
            downloads=row[11],
            receipt=octets[1],
            secret=None if octets[2] is None else (row[13], octets[2]),
        )

    def open_at(self, at: int) -> bool:
        """Whether it can be had by the person at that time."""
        return self.state is PackageState.READY and self.receiver is None and at < self.expires_at


def place_of(one: UUID) -> int:
    """The row by which what belongs to a package or a request is sealed: the lower 63 bits of its id, all but two of them
    drawn."""
    return one.int & ((1 << 63) - 1)
