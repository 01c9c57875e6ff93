"""What the operations of identity take and give."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from dsar.desk.messages import ComplaintBody, Correction, KindName, PurposeId, RegimeId, SubjectId
from dsar.identity.level_policy import Proof
from dsar.identity.named import NAMED_AT_MOST, NameKind
from dsar.identity.verifying import Document
from dsar.request import RequestState
from dsar.right import Requester, Right
from web.json_body import Body

TenantName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Locale = Literal["zh-Hans", "zh-Hant", "en"]
LevelWord = Literal["none", "channel", "two_factors", "document"]
Channel = Literal["sms", "email"]
Codes = Annotated[list[Code], Field(min_length=1, max_length=2)]


class IdentityBody(Body):
    """By what somebody names themselves: `account` is the platform's id."""

    kind: NameKind
    value: Annotated[str, StringConstraints(min_length=1, max_length=254)]

    @model_validator(mode="after")
    def _account_is_an_id(self) -> Self:
        opaque = self.value.isascii() and len(self.value) <= 64 and not set(self.value) - _ID_CHARACTERS
        if self.kind is NameKind.ACCOUNT and not opaque:
            raise PydanticCustomError("account", "An account is 1 to 64 letters, digits and . _ : -")
        return self


_ID_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-")


class CodesRequest(Body):
    """Codes to be sent. Whoever names several identities must show all of them, and they must be of one person."""

    identities: Annotated[list[IdentityBody], Field(min_length=1, max_length=NAMED_AT_MOST)]
    locale: Locale = "zh-Hans"

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.kind for one in self.identities}) < len(self.identities):
            raise PydanticCustomError("repeated", "Each kind is named once")
        return self


class StepUpRequest(Body):
    """Codes to be sent to the person of a session; without channels, one by whichever there is."""

    channels: Annotated[list[Channel], Field(max_length=2)] = Field(default_factory=list)
    locale: Locale = "zh-Hans"


class AnswerRequest(Body):
    """The codes of a challenge, in the order of the identities that take one."""

    challenge: UUID
    codes: Codes


class SessionRequest(Body):
    """What begins a session: the codes of a challenge, or an assertion that the platform's server has signed."""

    challenge: UUID | None = None
    codes: Codes | None = None
    assertion: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_codes = self.challenge is not None and self.codes is not None
        if by_codes == (self.assertion is not None) or (self.challenge is None) != (self.codes is None):
            raise PydanticCustomError("one_way", "Either challenge and codes, or an assertion")
        return self


class OwnRequest(Body):
    """What a person asks of the desk."""

    right: Right
    regime: RegimeId
    locale: Locale = "zh-Hans"
    purposes: Annotated[list[PurposeId], Field(max_length=32)] = Field(
        default_factory=list, description="For an objection, a restriction or a withdrawal."
    )
    corrections: Annotated[dict[KindName, Correction], Field(max_length=20)] = Field(
        default_factory=dict, description="For a rectification: the right value by kind. Stored sealed."
    )
    text: Annotated[str, StringConstraints(max_length=4_000)] | None = Field(
        default=None, description="In your own words. Stored sealed, until the request ends."
    )
    complaint: ComplaintBody | None = None

    @model_validator(mode="after")
    def _complaints_say_about_what(self) -> Self:
        if (self.right is Right.COMPLAINT) is not (self.complaint is not None):
            raise PydanticCustomError("complaint", "A complaint says what it is about, and nothing else does")
        return self


class VerifyRequest(Body):
    """How a requester shows who they are.

    `code` without a challenge has codes sent, with one it answers it. `session` takes the person's session. `document` says what
    an officer has seen, and sends no copy of it.
    """

    method: Literal["code", "session", "document"]
    channels: Annotated[list[Channel], Field(max_length=2)] = Field(default_factory=list)
    locale: Locale = "zh-Hans"
    challenge: UUID | None = None
    codes: Codes | None = None
    session: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None
    proof: Proof | None = None
    document: Document | None = None

    @model_validator(mode="after")
    def _fits_its_method(self) -> Self:
        if (self.challenge is None) != (self.codes is None):
            raise PydanticCustomError("together", "Challenge and codes go together")
        given = {
            "code": self.challenge is not None or bool(self.channels),
            "session": self.session is not None,
            "document": self.proof is not None or self.document is not None,
        }
        if any(there for method, there in given.items() if method != self.method):
            raise PydanticCustomError("method", "Fields of another method")
        if self.method == "session" and self.session is None:
            raise PydanticCustomError("method", "The method session takes a session")
        if self.method == "document" and (self.proof is None or self.document is None):
            raise PydanticCustomError("method", "The method document takes a proof and a document")
        return self


class SessionKeyRequest(Body):
    """A public key of the platform."""

    public_key: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] = Field(
        description="PEM (SubjectPublicKeyInfo) of an Ed25519 or a P-256 key."
    )


class TenantPath(Body):
    tenant: TenantName


class LinkPath(TenantPath):
    link: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class OwnPath(TenantPath):
    request: UUID


class RequestPath(Body):
    request: UUID


class SubjectPath(Body):
    subject: SubjectId


class KeyPath(Body):
    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class OwnQuery(Body):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: UUID | None = Field(default=None, description="`next_cursor` of the page before.")


class ChallengeAnswer(BaseModel):
    """Codes have been asked for. The answer is the same whether there is anybody to whom they go."""

    challenge: str
    codes: int = Field(description="How many codes the challenge takes.")
    expires_at: str


class SessionAnswer(BaseModel):
    """A session that has begun. Its text is shown this once."""

    session: str
    level: LevelWord
    expires_at: str


class LevelAnswer(BaseModel):
    """How sure a session makes now."""

    level: LevelWord
    expires_at: str


class LinkAnswer(BaseModel):
    """Where the person begins a session, by one tap, once."""

    url: str
    expires_at: str


class RequiredAnswer(BaseModel):
    """What a request takes."""

    level: LevelWord
    proofs: list[Proof]


class StandingAnswer(BaseModel):
    """How far a request is verified. `missing` are proofs that nobody has seen yet."""

    request: str
    state: RequestState
    level: LevelWord
    required: RequiredAnswer
    missing: list[Proof]
    verified: bool


class OwnRequestAnswer(BaseModel):
    """A request of one's own."""

    request: str
    right: Right
    regime: str
    requester: Requester
    state: RequestState
    level: LevelWord
    received_at: str
    due_at: str


class OwnStandingAnswer(OwnRequestAnswer):
    """A request of one's own, and what it takes to be carried out."""

    required: RequiredAnswer
    verified: bool


class OwnPage(BaseModel):
    items: list[OwnRequestAnswer]
    next_cursor: str | None


class SessionKeyAnswer(BaseModel):
    """A key of the platform; `key` is its RFC 7638 thumbprint, which an assertion names as `kid`."""

    key: str
    algorithm: Literal["EdDSA", "ES256"]
    created_at: str


class SessionKeysAnswer(BaseModel):
    items: list[SessionKeyAnswer]
    next_cursor: None = None
