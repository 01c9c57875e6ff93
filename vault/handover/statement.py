"""What the platform says of an order, and what it is told."""

from dataclasses import dataclass
from typing import NamedTuple

from audit.entry import Reason
from vault.access import Caller
from vault.handover.stage import Stage, ref_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the platform says of an order, by its own ids. `anonymous` asks for an alias whatever the customer prefers."""

    order: str
    courier: str
    stage: Stage
    version: int | None = None
    customer: str | None = None
    merchant: str | None = None
    anonymous: bool = False

    @property
    def ref(self) -> str:
        """What the order's records are stored for."""
        return ref_of(self.order)

    @property
    def names(self) -> tuple[str, ...]:
        """The people who are named."""
        return tuple(name for name in (self.courier, self.customer, self.merchant) if name is not None)


@dataclass(frozen=True, slots=True)
class Call:
    """A statement as it came: from whom, at which moment (milliseconds since the epoch), and whether they may make any."""

    caller: Caller
    said: Statement
    at: int
    allowed: bool


class Assigned(NamedTuple):
    """What stands now. `courier` is None where another one was erased since; `relay` is the order's number, None where there is
    none, and `relayed` whether there should be one."""

    order: str
    courier: str | None
    stage: Stage
    version: int
    applied: bool
    alias: str | None
    pickup_code: str | None
    relay: str | None
    relayed: bool


class Refused(NamedTuple):
    """Why a statement was not taken."""

    reason: Reason


Answer = Assigned | Refused


class ApartError(Exception):
    """A statement is not taken together with others: it is to be made again, alone. It never reaches a caller."""
