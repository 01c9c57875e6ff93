"""What goes in and out of the vault over HTTP: the models that requests are parsed into, and the shapes of answers."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from vault.access import COURIER
from vault.base64url import octets_of
from vault.opaque_id import reads_as_personal
from vault.policy import View
from vault.shredding import ShredReason
from web.json_body import Body


def _no_personal_subject(text: str) -> str:
    if reads_as_personal(text):
        raise PydanticCustomError(
            "subject_is_personal", "The id reads as a phone, document or card number, or an e-mail"
        )
    return text


def _no_personal_order(text: str) -> str:
    if reads_as_personal(text):
        raise PydanticCustomError("ref_is_personal", "The id reads as a phone, document or card number, or an e-mail")
    return text


def _one_spelling(text: str) -> str:
    try:
        octets_of(text)
    except ValueError:
        raise PydanticCustomError("base64url", "No base64url, or another spelling of its octets") from None
    return text


ITEMS_AT_MOST = 10_000
VALUE_AT_MOST = 8_000
"""Code points of a submitted value, whatever its kind; kinds have narrower bounds of their own."""

SubjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}:[A-Za-z0-9._:-]{1,64}$")]
OneSubject = Annotated[SubjectId, AfterValidator(_no_personal_subject)]
"""An id where a whole call is about it. In a batch the item with a personal one fails, and the others stand."""

OrderId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$"), AfterValidator(_no_personal_order)]
"""An order's id is stored as it is, for which it must say nothing of a person."""

PurposeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
KindName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}(\.[a-z0-9_]{1,32})?$")]
Secret = Annotated[SecretStr, Field(max_length=VALUE_AT_MOST)]
DeviceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$"), AfterValidator(_one_spelling)]
"""X25519, base64url."""

TokenText = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Seconds = Annotated[int, Field(strict=True, ge=1, le=10 * 365 * 86_400)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class TokenizeItem(Body):
    """A value to exchange for a token. `purpose` and `ref` default to those of the batch."""

    subject: SubjectId
    kind: KindName
    value: Secret
    purpose: PurposeId | None = None
    ref: Ref | None = None
    mode: Literal["stable", "fresh"] = "stable"
    format: Literal["opaque", "preserving"] = "opaque"
    expires_in: Seconds | None = Field(None, description="Seconds until the token ends; needs mode fresh.")
    max_uses: Count | None = Field(None, description="Plain answers that the token gives; needs mode fresh.")


class TokenizeRequest(Body):
    """A batch of values."""

    purpose: PurposeId | None = None
    ref: Ref | None = None
    atomic: StrictBool = Field(default=False, description="Store all items or none.")
    items: list[TokenizeItem] = Field(max_length=ITEMS_AT_MOST)


class Acted(Body):
    """For whom the credential acts; needs the scope `act_as:courier`."""

    role: Literal[COURIER]  # type: ignore[valid-type]  # the constant is the one role that may be acted for
    subject: OneSubject


class DetokenizeItem(Body):
    """A token to exchange for its value."""

    token: TokenText
    purpose: PurposeId | None = None
    ref: Ref | None = None


class DetokenizeRequest(Body):
    """A batch of tokens, for one purpose and in one view."""

    purpose: PurposeId
    ref: Ref | None = None
    view: View = View.MASKED
    form: Literal["submitted", "normal"] = Field("submitted", description="Which writing a plain answer gives.")
    on_behalf_of: Acted | None = None
    seal_to: DeviceKey | None = Field(
        None,
        description="Public key of a device of whom is acted for; values are sealed for it instead of being shown.",
    )
    items: list[DetokenizeItem] = Field(max_length=ITEMS_AT_MOST)


class SearchItem(Body):
    """A value to look for."""

    kind: KindName
    value: Secret


class SearchRequest(Body):
    """A batch of values to look for; each costs one unit of the credential's budget."""

    purpose: PurposeId
    ref: Ref | None = None
    limit: int = Field(20, ge=1, le=100, strict=True, description="Matches for each item.")
    items: list[SearchItem] = Field(max_length=100)


class ProfileRequest(Body):
    """Fields to merge into a profile: omitted ones stay, null takes one away."""

    type: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")] | None = None
    purpose: PurposeId
    fields: dict[FieldName, Secret | None] = Field(max_length=100)


class ShredRequest(Body):
    """Why a person's data is destroyed."""

    reason: ShredReason


class SubjectPath(Body):
    subject: OneSubject


class TokenPath(Body):
    token: TokenText


class OrderPath(Body):
    order: OrderId


class ProfileQuery(Body):
    purpose: PurposeId = "account"


class ItemFailure(BaseModel):
    """Why one item failed. `reason` says which authority denied it."""

    code: str
    detail: str | None = None
    reason: str | None = None


class IssuedItem(BaseModel):
    """A token, or an error in its place."""

    token: str | None = None
    created: bool | None = Field(None, description="Whether this call stored the value.")
    error: ItemFailure | None = None


class TokenizeAnswer(BaseModel):
    items: list[IssuedItem]


class RevealedItem(BaseModel):
    """A value in the view that was asked for, or an error in its place."""

    kind: str | None = None
    subject: str | None = None
    value: str | None = None
    sealed: str | None = Field(None, description="The value in a box that only the device of `seal_to` opens.")
    context: str | None = Field(None, description="What the box was made for, as a digest that the device can check.")
    view: View | None = None
    error: ItemFailure | None = None


class DetokenizeAnswer(BaseModel):
    items: list[RevealedItem]


class MatchItem(BaseModel):
    token: str
    subject: str


class FoundItem(BaseModel):
    """The tokens of a value, or an error in their place."""

    matches: list[MatchItem] | None = None
    truncated: bool | None = None
    error: ItemFailure | None = None


class SearchAnswer(BaseModel):
    items: list[FoundItem]


class ProfileTokens(BaseModel):
    """The token of each field that was written."""

    subject: str
    tokens: dict[str, str]


class ProfileField(BaseModel):
    token: str
    masked: str | None = None
    updated_at: str
    denied: str | None = Field(None, description="Why the masked value is not shown.")


class ProfileAnswer(BaseModel):
    """A person's profile, masked."""

    subject: str
    type: str | None
    state: str
    fields: dict[str, ProfileField]


class StateAnswer(BaseModel):
    subject: str
    state: str


class ShredAnswer(StateAnswer):
    destroyed_at: str
    complete_on: str = Field(
        description="From when on nobody can read the person's values, with whatever copies and keys."
    )
    rule: str = Field(description="What made that date what it is.")
    certificate: str = Field(description="A signed note of it all, to be checked by `moat certificate verify`.")


class UseItem(BaseModel):
    purpose: str
    ref: str | None
    since: str


class TokenAnswer(BaseModel):
    """What a token stands for, without its value. `found` counts the personal values that somebody wrote into a note, by kind."""

    token: str
    kind: str
    subject: str
    created_at: str
    expires_at: str | None
    uses_left: int | None
    uses: list[UseItem]
    found: dict[str, int]


class Explained(BaseModel):
    """One refusal of a request: what was asked, what decided, and what would have been allowed."""

    outcome: str
    reason: str | None
    count: int
    action: str
    role: str
    acting_for: str | None
    purpose: str | None
    kind: str | None
    view: str | None
    policies: list[str]
    would_be_allowed: list[str]
    consent: dict[str, int] | None = Field(
        None, description="How many people stood how to the purpose, where consent was wanting."
    )


class ExplanationAnswer(BaseModel):
    request: str
    at: str
    policy: str | None
    items: list[Explained]


class ExplanationPath(Body):
    request: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


Answer = dict[str, Any]
