"""What the operations on requests take and give."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from dsar.desk.reasons import Category, Denial, Extension, Outcome, Party
from dsar.desk.regime import Pause
from dsar.request import RequestState
from dsar.right import Requester, Right
from formats.rfc3339 import Rfc3339
from web.json_body import Body

PAGE_AT_MOST = 200
LARGEST = 2**63 - 1

SubjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
RegimeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
PurposeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,43}[0-9]{0,3}$")]
"""Stored as it is, for which it is too short of digits to say anything of a person."""

KindName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
LocaleTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z]{2,4}){0,2}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,27}$")]
Correction = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ComplaintBody(Body):
    """What a complaint is about. `evidence` counts what the person brings along, which you keep."""

    category: Category
    accountable: Party = Party.PLATFORM
    evidence: int = Field(default=0, ge=0, le=1_000)


class RequestBody(Body):
    """What somebody asks, and for whom."""

    subject: SubjectId
    right: Right
    regime: RegimeId = Field(description="The law under which it is asked, such as pipl, gdpr_de or ccpa.")
    requester: Requester = Requester.SELF
    channel: Channel = "app"
    locale: LocaleTag = Field("zh-Hans", description="The language in which the person is written to.")
    purposes: list[PurposeId] = Field(
        default_factory=list, max_length=32, description="For an objection, a restriction or a withdrawal."
    )
    corrections: dict[KindName, Correction] = Field(
        default_factory=dict, max_length=20, description="For a rectification: the right value by kind. Stored sealed."
    )
    text: Annotated[str, StringConstraints(max_length=4_000)] | None = Field(
        default=None, description="What the person says in their own words. Stored sealed, until the request ends."
    )
    complaint: ComplaintBody | None = None

    @model_validator(mode="after")
    def _complaints_say_about_what(self) -> "RequestBody":
        if (self.right is Right.COMPLAINT) is not (self.complaint is not None):
            raise PydanticCustomError("complaint", "A complaint says what it is about, and nothing else does")
        return self


class RequestPath(Body):
    request: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class QueueQuery(Body):
    state: RequestState | SkipJsonSchema[None] = Field(None, description="Without it, all that have not ended.")
    right: Right | SkipJsonSchema[None] = None
    regime: RegimeId | SkipJsonSchema[None] = None
    due_before: Rfc3339 | SkipJsonSchema[None] = None
    assignee: int | SkipJsonSchema[None] = Field(
        None, ge=0, le=LARGEST, description="A credential's number; 0 is nobody."
    )
    overdue: bool = False
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: str | SkipJsonSchema[None] = Field(
        default=None, pattern=r"^[0-9]{1,19}\.[0-9a-f]{32}$", description="`next_cursor` of the page before."
    )


class DenialBody(Body):
    reason: Denial


class ExtensionBody(Body):
    reason: Extension


class PauseBody(Body):
    reason: Pause


class AssignmentBody(Body):
    assignee: int | None = Field(description="A credential's number; null is nobody.", ge=1, le=LARGEST)


class CompletionBody(Body):
    partially: list[Denial] = Field(default_factory=list, max_length=len(Denial))


class SettlementBody(Body):
    outcome: Outcome


class YearQuery(Body):
    year: int = Field(ge=2020, le=2200)
    format: Annotated[str, StringConstraints(pattern=r"^(json|csv)$")] = "json"


class ShortAnswer(BaseModel):
    """A request, as whoever handed it in sees it. `due_on` is the last day in the zone of the regime; `provisional` says that
    holidays are not yet known which may move it."""

    request: str
    right: Right
    regime: str
    requester: Requester
    state: RequestState
    received_at: str
    acknowledge_by: str | None
    due_at: str
    due_on: str
    provisional: bool
    extended: bool
    ended_at: str | None
    reasons: list[str]
    duplicate_of: str | None


class RequestAnswer(ShortAnswer):
    """A request, as the desk sees it. `clock` is `running` or `standing`; `passed` the last point of escalation in percent;
    `breached` what was late: `acknowledge`, `due`."""

    level: int
    channel: str
    locale: str
    purposes: list[str]
    acknowledged_at: str | None
    verified_at: str | None
    clock: str
    waits_until: str | None
    overdue: bool
    passed: int
    breached: list[str]
    assignee: int | None
    accepted_by: int | None
    approved_by: int | None
    category: Category | None
    accountable: Party | None
    evidence: int


class HappenedAnswer(BaseModel):
    """One line of a request's history."""

    at: str
    move: str
    state: RequestState
    reason: str | None
    by: dict[str, str | int]


class TimelineAnswer(RequestAnswer):
    timeline: list[HappenedAnswer]


class QueuePage(BaseModel):
    """Requests in the order in which they are due."""

    items: list[RequestAnswer]
    next_cursor: str | None


class WordsAnswer(BaseModel):
    """What the person said in their own words."""

    text: str | None
    corrections: dict[str, str]


class StatisticsLine(BaseModel):
    regime: str
    right: str
    counts: dict[str, int | None]
    median_days: float | None


STATISTICS = {
    "title": "Statistics",
    "description": "A year, by regime and right; `total` last. Small counts, and what would tell them, are null.",
    "type": "object",
    "required": ["year", "items"],
    "properties": {
        "year": {"type": "integer"},
        "items": {"type": "array", "items": StatisticsLine.model_json_schema()},
    },
}
"""What is answered beside CSV."""


class StandardAnswer(BaseModel):
    """How complaints are handled, for everybody to know."""

    categories: list[dict[str, object]]
    times: list[dict[str, object]]
    principles: list[dict[str, object]]
