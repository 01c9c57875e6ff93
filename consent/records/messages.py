"""What goes in and out of consents over HTTP: the models that requests are parsed into, and the shapes of answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from formats.rfc3339 import Rfc3339
from web.json_body import Body

ITEMS_AT_MOST = 10_000

SubjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
PurposeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
KindName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,27}[0-9]{0,3}$")]
"""A word of the platform's own that is stored as it is, for which it is too short of digits to say anything of a person."""

LocaleTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,3}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
TokenText = Annotated[str, StringConstraints(min_length=1, max_length=6_000)]
Seconds = Annotated[int, Field(strict=True, ge=1, le=10 * 365 * 86_400)]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Switch = Literal["off", "on"]


class PresentationRequest(Body):
    """Which notices a person is to be shown, in which language and where."""

    subject: SubjectId
    purposes: Annotated[list[PurposeId], Field(min_length=1, max_length=32)]
    locale: LocaleTag = "zh-Hans"
    channel: Code = "app"
    defaults: dict[PurposeId, Switch] = Field(
        default_factory=dict,
        max_length=32,
        description="How the switches stand that you show. One that stands on is recorded so, and proves no consent.",
    )
    asked_by: Literal["platform", "person"] = Field(
        "platform", description="`person` for one who has come to the question; the time after a refusal bars it not."
    )


class EvidenceBody(Body):
    """What proves a consent that was not given over a presentation. `kind` is a code of your own; `sha256` that of the
    proof."""

    kind: Code
    sha256: Sha256 | None = None
    notice_version: Version | None = None
    locale: LocaleTag | None = None
    default: Switch = "off"
    shown: Annotated[list[PurposeId], Field(max_length=32)] = Field(
        default_factory=list, description="The purposes that were asked for together."
    )
    at: Rfc3339 | None = Field(None, description="When it was given, if not now.")


class GuardianBody(Body):
    """What proves that the one who consents is the child's parent or guardian."""

    evidence: Code
    sha256: Sha256 | None = None


class ConsentItem(Body):
    """What a person, or a guardian for them, has said about one purpose. A withdrawal takes no more than the first three."""

    subject: SubjectId
    purpose: PurposeId
    state: Literal["given", "refused", "deferred", "withdrawn"]
    presentation: TokenText | None = None
    evidence: EvidenceBody | None = None
    wording: Sha256 | None = Field(None, description="SHA-256 of the text that was shown, if you keep it too.")
    kinds: Annotated[list[KindName], Field(max_length=64)] = Field(
        default_factory=list, description="The kinds of data that were asked for."
    )
    method: Code = "api"
    channel: Code | None = None
    expressed_by: Literal["self", "guardian"] = "self"
    guardian: GuardianBody | None = None
    under_14: StrictBool | None = Field(None, description="What you know of the person's age. Remembered.")
    expires_in: Seconds | None = Field(None, description="Seconds that it holds, if fewer than in the catalogue.")


class ConsentsRequest(Body):
    """A batch of what people have said."""

    atomic: StrictBool = Field(default=False, description="Record all items or none.")
    items: list[ConsentItem] = Field(max_length=ITEMS_AT_MOST)


class DecisionItem(Body):
    """A use to be decided on. `at` asks for a past moment."""

    subject: SubjectId
    purpose: PurposeId
    kind: KindName | None = None
    recipient: PurposeId | None = None
    at: Rfc3339 | None = None


class DecisionsRequest(Body):
    """A batch of uses to be decided on."""

    items: list[DecisionItem] = Field(max_length=ITEMS_AT_MOST)


class SubjectPath(Body):
    subject: SubjectId


class AsOf(Body):
    """Which moment is asked about."""

    as_of: Rfc3339 | None = None


class HistoryQuery(Body):
    """A page of the history."""

    limit: int = Field(100, ge=1, le=1_000)
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] | None = None


class NoticeShown(BaseModel):
    """A notice to show as it is."""

    purpose: str
    version: int
    title: str
    text: str
    sha256: str
    default: Switch


class PresentationAnswer(BaseModel):
    presentation: str
    locale: str
    notices: list[NoticeShown]
    expires_at: str


class Failure(BaseModel):
    """Why an item was not recorded."""

    code: str
    detail: str


class RecordedItem(BaseModel):
    """What now holds, or an error in its place. `changed` is false where it held before."""

    consent: str | None = None
    state: str | None = None
    epoch: int | None = None
    notice_version: int | None = None
    valid_until: str | None = None
    changed: bool | None = None
    error: Failure | None = None


class ConsentsAnswer(BaseModel):
    items: list[RecordedItem]


class DecisionAnswer(BaseModel):
    """Whether the data may be used. `at` is the moment for which this holds; asked again with it, the answer is the same."""

    decision: Literal["allow", "deny"]
    reason: str
    consent: str | None
    notice_version: int | None
    obligations: list[str]
    epoch: int
    ttl_s: float = Field(description="For how many seconds from now the answer may be kept.")
    at: str


class DecisionsAnswer(BaseModel):
    items: list[DecisionAnswer]


class PurposeStanding(BaseModel):
    """How a person stands to a purpose. `decision` and `reason` are as in `/v1/decisions`."""

    purpose: str
    state: str | None
    decision: Literal["allow", "deny"]
    reason: str
    consent: str | None
    notice_version: int | None
    since: str | None
    valid_until: str | None
    expressed_by: str | None
    recipients: list[str]


class OverviewAnswer(BaseModel):
    subject: str
    at: str
    epoch: int
    under_14: bool
    items: list[PurposeStanding]
    next_cursor: str | None = None


class HistoryItem(BaseModel):
    """One event. Digests are SHA-256 in hexadecimal."""

    consent: str
    epoch: int
    purpose: str
    state: str
    at: str
    stated_at: str | None
    notice_version: int | None
    locale: str | None
    wording: str | None
    presentation: str | None
    shown: list[str]
    channel: str | None
    method: str
    expressed_by: str
    evidence: str | None
    evidence_sha256: str | None
    recipients: list[str]
    valid_until: str | None


class HistoryAnswer(BaseModel):
    subject: str
    items: list[HistoryItem]
    next_cursor: str | None
