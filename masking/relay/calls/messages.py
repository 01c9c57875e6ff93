"""What the operations on the book of calls take and give."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from formats.rfc3339 import Rfc3339
from masking.relay.calls.cases import Verdict
from masking.relay.calls.progress import Failure, Released, Status
from masking.relay.calls.rules import Measure, Signal
from masking.relay.calls.rules_text import TEXT_AT_MOST
from masking.relay.decision import CallKind, RefusalReason
from masking.relay.ports import Recording
from web.json_body import Body

PAGE_AT_MOST = 200
LARGEST = 2**63 - 1

Leg = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
SubjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,97}$")]
Digits = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,20}$")]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]


class CallsQuery(Body):
    """At most one of `binding`, `order` and `subject`; `kind`, `number` and `refused` are for lists of all calls."""

    binding: int | None = Field(default=None, ge=1, le=LARGEST)
    order: Ref | None = Field(default=None, description="The platform's own id of the order, such as o-1.")
    subject: SubjectId | None = Field(default=None, description="Calls of a person, on either side.")
    kind: CallKind | None = None
    number: Digits | None = Field(default=None, description="The relay number that was dialled.")
    refused: RefusalReason | Literal["any"] | None = Field(
        default=None, description="Those refused, for a reason or for any."
    )
    since: Rfc3339 | None = None
    until: Rfc3339 | None = Field(default=None, description="Calls before this moment.")
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: Leg | None = Field(default=None, description="`next_cursor` of the page before.")


class CallPath(Body):
    leg: Leg


class CallAnswer(BaseModel):
    """An attempt to reach somebody. It has nobody's number: `caller` and `callee` are your ids of people, null where nobody
    is known or they were erased. `attempts` is more than 1 where one record speaks for many that were over a limit."""

    leg: str
    at: str
    kind: CallKind
    number: str = Field(description="The relay number that was dialled.")
    binding: int | None
    side: Literal["a", "b", "member", "anybody"] | None = Field(
        description="On which side of the binding the caller is."
    )
    caller: str | None
    callee: str | None
    status: Status
    refused: RefusalReason | None
    failure: Failure | None
    cause: int | None = Field(description="Of ITU-T Q.850.")
    released: Released | None = Field(description="Who hung up.")
    recording: Recording
    rang_at: str | None
    answered_at: str | None
    ended_at: str | None
    seconds: int | None
    attempts: int


class CallsPage(BaseModel):
    items: list[CallAnswer]
    next_cursor: str | None


class StatisticsQuery(Body):
    """1 to 31 days."""

    first: date = Field(description="The first day.")
    last: date = Field(description="The last day, included.")
    zone: Zone = Field(default="UTC", description="Whose days: a zone of the IANA database, such as Asia/Shanghai.")


class LineAnswer(BaseModel):
    """A pool, or all of them (`total`), on one day. A count is null where it, or what would tell it, is small; and so is a
    rate that would tell it. Percentages have one decimal."""

    day: date
    pool: str
    counts: dict[str, int | None]
    answer_rate: float | None
    short_share: float | None
    average_seconds: float | None
    peak_bindings: int | None = Field(description="The most bindings in force at once.")
    numbers_owned: int | None


class StatisticsAnswer(BaseModel):
    items: list[LineAnswer]


class CasesQuery(Body):
    closed: bool = Field(default=False, description="Those closed instead of those open.")
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class CasePath(Body):
    case: int = Field(ge=1, le=LARGEST)


class CloseRequest(Body):
    """How a case ends."""

    reason: Literal[Verdict.ABUSE, Verdict.FALSE_ALARM, Verdict.EXPLAINED]
    lift: StrictBool = Field(description="Whether the measure ends now, and not by its time.")


class CaseAnswer(BaseModel):
    """Something that looked like abuse. `subject` is your id of the caller, null for one who is no party of the relay."""

    case: int
    signal: Signal
    measure: Measure
    subject: str | None
    binding: int | None
    count: int
    opened_at: str
    last_at: str
    held_until: str = Field(description="Until when the measure holds.")
    closed_at: str | None
    closed_by: int | None = Field(description="Number of the credential.")
    reason: Verdict | None


class CasesPage(BaseModel):
    items: list[CaseAnswer]
    next_cursor: str | None


class RulesRequest(Body):
    """Rules to be put in force."""

    source: str = Field(min_length=1, max_length=TEXT_AT_MOST, description="YAML; see the rules in force.")


class RulesAnswer(BaseModel):
    """The rules in force. Version 0 are those that are shipped."""

    version: int
    digest: str
    source: str
    applied_at: str | None
    applied_by: int | None


class LegalKeyAnswer(BaseModel):
    """A key to which the calls of a month are sealed. It opens nothing once one half was destroyed."""

    month: str
    public: str
    first_digest: str
    second_digest: str
    made_at: str
    first_gone_at: str | None
    second_gone_at: str | None


class LegalKeysAnswer(BaseModel):
    items: list[LegalKeyAnswer]
