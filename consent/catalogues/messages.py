"""What the operations on catalogues and notices take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from consent.locale import Locale
from consent.purpose import DefaultState, GdprBasis, Minors, PiplBasis, SeparateClass
from consent.recipient import RecipientKind, Transfer
from web.json_body import Body

PurposeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class LocaleQuery(Body):
    locale: Locale | None = Field(None, description="Language of the texts; the catalogue's first one by default.")


class CatalogueQuery(LocaleQuery):
    version: Version | None = Field(None, description="Version of the catalogue; the one in force by default.")


class PurposePath(Body):
    purpose: PurposeId


class NoticePath(PurposePath):
    version: Version


class NoticeQuery(LocaleQuery):
    format: Literal["json", "text"] = Field("json", description="`text` answers with the exact octets of the notice.")


class Basis(BaseModel):
    """Grounds in law: an item of PIPL art. 13(1), and a letter of GDPR art. 6(1)."""

    pipl: PiplBasis
    gdpr: GdprBasis


class Shared(BaseModel):
    """Kinds that a recipient of the register gets."""

    recipient: str
    kinds: list[str]


class RetentionAnswer(BaseModel):
    """How long data are kept, in words, and in days where a number says it."""

    days: int | None
    text: str


class PurposeAnswer(BaseModel):
    """A purpose of the catalogue in force. `parent` is the purpose above it; `separate` why it takes a consent of its own."""

    purpose: str
    parent: str | None
    title: str
    description: str
    basis: Basis
    rests_on_consent: bool
    separate: SeparateClass | None
    kinds: list[str]
    subjects: list[str]
    recipients: list[Shared]
    retention: RetentionAnswer
    minors: Minors
    validity_days: int | None
    reask_days: int
    default: DefaultState
    gpc: bool = Field(description="Whether a Global Privacy Control signal opts the person out of it.")
    notice_version: int
    material_version: int = Field(description="Consents to versions of the notice before this one are stale.")


class PurposesPage(BaseModel):
    locale: Locale
    catalogue: int = Field(description="Version of the catalogue.")
    items: list[PurposeAnswer]
    next_cursor: None


class NoticeVersionAnswer(BaseModel):
    version: int
    material: bool
    change: str
    published_at: str


class NoticeVersionsPage(BaseModel):
    purpose: str
    items: list[NoticeVersionAnswer]
    next_cursor: None


class NoticeAnswer(BaseModel):
    """A notice as it was published. `sha256` is the digest of the UTF-8 octets of `text`."""

    purpose: str
    version: int
    locale: str
    title: str
    text: str
    sha256: str
    material: bool
    published_at: str


class ControllerAnswer(BaseModel):
    name: str
    contact: str
    address: str
    country: str
    email: str
    phone: str | None
    url: str | None


class RecipientAnswer(BaseModel):
    """A recipient of the register. `transfer` is the ground on which data go abroad."""

    recipient: str
    name: str
    kind: RecipientKind
    country: str
    abroad: bool
    contact: str
    safeguards: str
    contract: str | None
    transfer: Transfer | None


class Given(BaseModel):
    purpose: str
    kinds: list[str]


class RegisterAnswer(RecipientAnswer):
    purposes: list[Given] = Field(description="What the recipient gets, purpose by purpose.")


class RecipientsPage(BaseModel):
    locale: Locale
    catalogue: int
    items: list[RegisterAnswer]
    next_cursor: None


class AppliedAnswer(BaseModel):
    """A version of the catalogue. `starter` is one that nobody applied."""

    version: int
    sha256: str
    starter: bool
    applied_at: str


class CatalogueAnswer(BaseModel):
    """A version of the catalogue, whole but for the texts of its notices, and the list of all versions."""

    version: int
    sha256: str
    applied_at: str
    locales: list[Locale]
    locale: Locale
    controller: ControllerAnswer
    groups: dict[str, list[str]]
    kinds: dict[str, str] = Field(description="What each kind is called.")
    sensitive: list[str]
    purposes: list[PurposeAnswer]
    recipients: list[RegisterAnswer]
    versions: list[AppliedAnswer]
