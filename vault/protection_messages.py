"""What goes in and out of freezes and honey tokens over HTTP."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from vault.identifier import KINDS
from vault.messages import KindName, OneSubject
from vault.opaque_id import reads_as_personal
from vault.protection.freeze import FreezeReason, Frozen
from web.json_body import Body


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise PydanticCustomError("unknown_kind", "There is no such kind of personal data")
    return kind


KindOfHoney = Annotated[KindName, AfterValidator(_known)]
_ASKED = Literal["lost_device", "suspected_abuse", "complaint", "leaked_credential", "investigation"]


class FreezeRequest(Body):
    """Whom to freeze: a person by the platform's id, or a credential by its number."""

    kind: Frozen
    subject: OneSubject | None = None
    credential: int | None = Field(None, strict=True, ge=1, le=2**53 - 1)
    reason: _ASKED

    @model_validator(mode="after")
    def _one_target(self) -> "FreezeRequest":
        wanted = self.credential if self.kind is Frozen.CREDENTIAL else self.subject
        other = self.subject if self.kind is Frozen.CREDENTIAL else self.credential
        if wanted is None or other is not None:
            raise PydanticCustomError(
                "one_target", "A credential is frozen by its number, a person by the platform's id"
            )
        return self


class FreezeAnswer(BaseModel):
    """A freeze. `by` is the number of the credential that asked for it, 0 where the service froze by itself."""

    freeze: int
    kind: Frozen
    subject: str | None
    credential: int | None
    reason: FreezeReason
    by: int
    since: str
    lifted_at: str | None


class FreezesPage(BaseModel):
    items: list[FreezeAnswer]
    next_cursor: str | None


class FreezePath(Body):
    freeze: int = Field(ge=1, le=2**53 - 1)


class PageQuery(Body):
    limit: int = Field(50, ge=1, le=200)
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] | None = None


class HoneyRequest(Body):
    """A honey token to be made. `place` is a code of where it will be left, for whoever is woken by it."""

    kind: KindOfHoney = "phone"
    place: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
    freeze: StrictBool = Field(default=False, description="Freeze the credential that presents it.")

    @model_validator(mode="after")
    def _place_is_a_code(self) -> "HoneyRequest":
        if reads_as_personal(self.place):
            raise PydanticCustomError("place_is_personal", "The place reads as a phone, document or card number")
        return self


class HoneyMade(BaseModel):
    """The token, of the form that all have."""

    token: str


class HoneyItem(BaseModel):
    honey: int
    kind: str
    place: str
    freeze: bool
    made_at: str
    trips: int
    tripped_at: str | None


class HoneyPage(BaseModel):
    items: list[HoneyItem]
    next_cursor: str | None
