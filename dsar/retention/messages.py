"""What the operations on retention take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StringConstraints, model_validator

from dsar.retention.policy_messages import PolicyRef
from dsar.retention.rule import Action, Start
from formats.rfc3339 import Rfc3339
from web.json_body import Body

PAGE_AT_MOST = 200
ITEMS_AT_MOST = 1_000
EVENTS_AT_MOST = 10_000
LARGEST = 2**53

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
SubjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}:[A-Za-z0-9._:-]{1,64}$")]
Moment = Annotated[Rfc3339, Field(description="RFC 3339, with its zone. Not in the future.")]
ToldEvent = Literal[Start.ORDER_COMPLETED, Start.CASE_CLOSED, Start.ACCOUNT_CLOSED, Start.LAST_ACTIVITY]


class EventBody(Body):
    """Something that happened: to an order or a case by its ref, or to a person."""

    event: ToldEvent
    ref: Ref | None = Field(None, description="With order.completed and case.closed.")
    subject: SubjectId | None = Field(None, description="With account.closed and last_activity.")
    at: Moment

    @model_validator(mode="after")
    def _names_one(self) -> "EventBody":
        if (self.ref is not None) != self.event.of_ref or (self.subject is not None) == self.event.of_ref:
            raise ValueError("order.completed and case.closed name a ref, the others a subject")
        return self


class EventsBody(Body):
    """One event, or many as `items`."""

    event: ToldEvent | None = None
    ref: Ref | None = None
    subject: SubjectId | None = None
    at: Moment | None = None
    items: Annotated[list[EventBody], Field(min_length=1, max_length=EVENTS_AT_MOST)] | None = None

    @model_validator(mode="after")
    def _one_or_many(self) -> "EventsBody":
        single = (self.event, self.ref, self.subject, self.at)
        if (self.items is None) == (self.event is None) or (self.items is not None and any(single)):
            raise ValueError("send one event, or items")
        if self.items is None:
            EventBody.model_validate({"event": self.event, "ref": self.ref, "subject": self.subject, "at": self.at})
        return self

    def told(self) -> list[EventBody]:
        """The events."""
        if self.items is not None:
            return self.items
        return [
            EventBody.model_validate({"event": self.event, "ref": self.ref, "subject": self.subject, "at": self.at})
        ]


class RunRequest(Body):
    """Which plan is to be carried out, and how."""

    plan: Uuid
    reviewed: StrictBool = Field(
        default=False,
        strict=True,
        description="Dispose of what a person had to look at first, too. It takes a second person to approve the run.",
    )
    throttle: int | None = Field(
        None, strict=True, ge=1, le=1_000_000, description="Uses a second that it may look at, at most."
    )


class PlanPath(Body):
    plan: Uuid


class RunPath(Body):
    run: Uuid


class ReportQuery(Body):
    format: Literal["json", "csv"] = "json"


class PageQuery(Body):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: Uuid | None = Field(default=None, description="`next_cursor` of the page before.")


class ItemsQuery(Body):
    limit: int = Field(default=100, ge=1, le=ITEMS_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class PolicyQuery(Body):
    version: int | None = Field(default=None, ge=1, le=1_000_000, description="The one in force, if not given.")


class EventError(BaseModel):
    code: str
    detail: str


class EventAnswer(BaseModel):
    """Whether the event says anything new, or why it was not taken."""

    news: bool | None = None
    error: EventError | None = None


class EventsAnswer(BaseModel):
    items: list[EventAnswer]


class JobStarted(BaseModel):
    """What was asked for, and the job that does it."""

    job: str
    state: str


class PlanStarted(JobStarted):
    plan: str


class RunStarted(JobStarted):
    run: str
    plan: str


class DueAnswer(BaseModel):
    """Uses that are due, by what the rule does."""

    rule: str
    kind: str
    purpose: str
    action: Action
    count: int


class KeptAnswer(BaseModel):
    """Uses that stay, and why: hold, law, grace, running, waiting or late for an event, or no policy. `from` and `until` are the
    first and the last end of what keeps them, where that is known; `laws` are those that do."""

    reason: str
    rule: str | None
    kind: str
    purpose: str
    count: int
    laws: list[str]
    first_until: str | None
    last_until: str | None


class PlanSummary(BaseModel):
    """A plan. `as_of` is the moment for which it was judged, `root` the digest of everything that it has frozen, `approvals` how
    many people beside the one who asks must approve its run."""

    plan: str
    state: str
    policy: PolicyRef
    as_of: str
    seen: int
    planned: int
    chunks: int
    root: str | None
    approvals: int
    run: str | None


class PlanAnswer(PlanSummary):
    """A plan with all its counts."""

    due: list[DueAnswer]
    kept: list[KeptAnswer]


class PlansPage(BaseModel):
    items: list[PlanSummary]
    next_cursor: str | None


class ItemAnswer(BaseModel):
    """A frozen use. `outcome` is null before its chunk was carried out as planned; else held, not_due, gone or to_review."""

    record: int
    kind: str
    purpose: str
    ref: str
    rule: str
    action: Action
    outcome: str | None


class ItemsPage(BaseModel):
    items: list[ItemAnswer]
    next_cursor: str | None


class RunAnswer(BaseModel):
    """A run, which is a job. Of the planned uses, so many were disposed of, are only stored from now on, are held, were not due
    any more, were gone already, are to be looked at by a person, or are not reached yet: `adds_up` tells whether that is all of
    them. `residue` were found again afterwards, which should never happen."""

    run: str
    plan: str
    state: str
    reviewed: bool
    root: str | None
    planned: int
    disposed: int
    restricted: int
    held: int
    not_due: int
    gone: int
    to_review: int
    waiting: int
    adds_up: bool
    records: int
    people: int
    residue: int
    chunks: int
    chunks_done: int
    chunks_verified: int
    ended_at: str | None


class RunsPage(BaseModel):
    items: list[RunAnswer]
    next_cursor: str | None


class MonthAnswer(BaseModel):
    """What remains of what was anonymised: how many of a kind for a purpose were noted in a month (UTC)."""

    kind: str
    purpose: str
    month: str
    count: int


class MonthsAnswer(BaseModel):
    items: list[MonthAnswer]
