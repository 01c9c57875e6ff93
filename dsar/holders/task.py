"""One act that a holder was asked for, as it is kept: who, what, for which request, how far it is and what came of it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from dsar.holders.errors import HolderRefusedError
from dsar.holders.holder import Act, Receipt


class TaskState(StrEnum):
    """`asked` is to be done, `accepted` is in the hands of a system beside this one, `completed` and `cancelled` are ends, and
    `dead` is given up until an officer has it tried again."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DEAD = "dead"


OPEN = frozenset({TaskState.ASKED, TaskState.ACCEPTED})
"""The states in which something is still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`outside` is the id under which a system beside this one knows it, None where a part of this service does it. `attempts`
    counts failures since it was last begun, `status` and `error` say what the last was. `count` is how many values it was about,
    as far as is known. Times are milliseconds since the epoch; no attempt is made before `next_at`."""

    id: int
    tenant: int
    request: UUID
    holder: str
    act: Act
    key: str
    outside: UUID | None
    state: TaskState
    attempts: int
    next_at: int
    deadline_at: int | None
    status: int | None
    error: str | None
    method: str | None
    count: int
    evidence: bytes | None
    created_at: int
    ended_at: int | None

    def receipt(self) -> Receipt:
        """What came of a completed task.

        Raises:
            HolderRefusedError: it ended otherwise.
        """
        if self.state is not TaskState.COMPLETED or self.ended_at is None:
            raise HolderRefusedError(self.error or self.state.value)
        return Receipt(
            holder=self.holder,
            method=self.method or "none",
            count=self.count,
            at=self.ended_at,
            evidence=self.evidence,
        )
