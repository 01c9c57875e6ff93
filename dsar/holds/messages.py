"""What the operations on holds take and give."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from dsar.holds.hold import HoldReason
from formats.rfc3339 import Rfc3339
from web.json_body import Body

PAGE_AT_MOST = 200
LARGEST = 2**63 - 1

Number = Annotated[int, Field(ge=1, le=LARGEST)]
SubjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
KindName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}:[A-Za-z0-9._:-]{1,64}$")]
CaseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/-]{1,64}$")]
Moment = Annotated[Rfc3339, Field(description="RFC 3339, with its zone.")]


class ScopeBody(Body):
    """What is to be held: at least one of the three, and of several what fits them all."""

    subject: SubjectId | None = None
    kind: KindName | None = None
    ref: Ref | None = None


class HoldRequest(Body):
    """A hold to be placed."""

    scope: ScopeBody
    reason: HoldReason
    case: CaseId = Field(description="Your own number of the case. It must say nothing of a person.")
    review_at: Moment


class ReviewRequest(Body):
    """When a hold that is still needed is to be looked at again."""

    review_at: Moment


class HoldPath(Body):
    hold: Number


class HoldsQuery(Body):
    released: bool = Field(default=False, description="Those released instead of those in force.")
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class ScopeAnswer(BaseModel):
    """What is held. `subject` is null where the hold is not over one person, and once that person was erased."""

    subject: str | None
    kind: str | None
    ref: str | None


class HoldAnswer(BaseModel):
    """A hold. One that is `overdue` was not reviewed in time, and holds all the same."""

    hold: int
    scope: ScopeAnswer
    reason: HoldReason
    case: str
    placed_by: int = Field(description="Number of the credential.")
    placed_at: str
    review_at: str
    overdue: bool
    released_at: str | None


class HoldsPage(BaseModel):
    items: list[HoldAnswer]
    next_cursor: str | None


class ReleaseAnswer(BaseModel):
    """The job that releases the hold once a second person has approved it."""

    hold: int
    job: str
