"""How far an erasure has come, as it is kept between the steps of a job."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from dsar.right import Right

RIGHTS = (Right.ERASURE, Right.ACCOUNT_CLOSURE)
"""The rights that are carried out here."""


class Phase(StrEnum):
    """Planning and planned come before the approval. Disposing, verifying, destroying, confirming and ending are gone through in
    a round; where something turns up that should be gone, or a hold comes between, another one begins. `partial` waits for what
    keeps the rest."""

    PLANNING = "planning"
    PLANNED = "planned"
    DISPOSING = "disposing"
    VERIFYING = "verifying"
    DESTROYING = "destroying"
    CONFIRMING = "confirming"
    ENDING = "ending"
    PARTIAL = "partial"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """For whom an erasure waits, why by a code, since when and how often it was tried."""

    holder: str
    code: str
    since: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The erasure of a request. `number` is the vault's number of the person until it has ended, and `subject` their pseudonym in
    the log; None where nobody is known. `facts` is what is
    certified, and `act` the one of the log that says so. Times are milliseconds since the epoch."""

    tenant: int
    request: UUID
    right: Right
    number: int | None
    subject: str | None
    phase: Phase
    round: int
    laws: str
    begun_at: int
    plan_at: int | None
    plan_digest: bytes | None
    waiting: Waiting | None
    resume_at: int | None
    facts: str | None
    act: UUID | None
