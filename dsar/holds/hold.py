"""A legal hold: what a case needs, and until when somebody must have asked whether it still does.

A hold is over a person, a kind of value, a ref such as `order:o-1`, or a combination of them, and then over what fits all of it.
It ends by being released, which takes two persons, and never by itself.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

ANY_SUBJECT = 0
"""Stands in a scope for everybody: people are numbered from 1."""

ERASED_SUBJECT = -1
"""Stands in an ended hold for a person who has been erased since."""

ANY_WORD = ""
"""Stands in a scope for every kind or ref."""

DAY_MS = 86_400_000
REVIEWED_WITHIN_MS = 366 * DAY_MS
"""A hold is looked at again within a year at the latest: GDPR art. 5(1)(e) and PIPL art. 19 allow none that nobody reviews."""


class HoldReason(StrEnum):
    """Why a case needs data (GDPR 17(3)(b) and (e), 18(2); PIPL 47 and 13(1)(3))."""

    LITIGATION = "litigation"
    ARBITRATION = "arbitration"
    CRIMINAL_INVESTIGATION = "criminal_investigation"
    REGULATOR_INQUIRY = "regulator_inquiry"
    FOOD_SAFETY_INVESTIGATION = "food_safety_investigation"
    ACCIDENT = "accident"
    INSURANCE_CLAIM = "insurance_claim"
    TAX_AUDIT = "tax_audit"
    CONSUMER_DISPUTE = "consumer_dispute"
    INTERNAL_INVESTIGATION = "internal_investigation"


class Scope(NamedTuple):
    """What is held: the vault's number of a person, a kind and a ref, of which at least one says something."""

    subject: int = ANY_SUBJECT
    kind: str = ANY_WORD
    ref: str = ANY_WORD

    @property
    def everything(self) -> bool:
        """Whether nothing is said, which no hold may."""
        return self == Scope()


class Use(NamedTuple):
    """A use for which a value is kept: whose by the vault's number, of what kind, what for, and for which ref if for one."""

    subject: int
    kind: str
    purpose: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold as it is kept. `placed_by` is the number of the credential. Times are milliseconds since the epoch; `released_at`
    is None while it holds."""

    id: int
    scope: Scope
    reason: HoldReason
    case: str
    placed_by: int
    placed_at: int
    review_at: int
    released_at: int | None = None

    def overdue(self, at: int) -> bool:
        """Whether nobody has reviewed the hold in time."""
        return self.released_at is None and self.review_at <= at
