"""What goes in and out of masking over HTTP."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, StrictBool, StringConstraints

from masking.redaction import Mode
from web.json_body import Body

ITEMS_AT_MOST = 10_000
VALUE_AT_MOST = 8_000
TEXT_AT_MOST = 100_000
TEXTS_AT_MOST = 1_000_000
"""Code points of all texts of a call together."""

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Subject = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}:[A-Za-z0-9._:-]{1,64}$")]
Profile = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,31}$",
        description="display, waybill, support, export, or one that the operator has declared for the tenant.",
    ),
]


class MaskItem(Body):
    """A value to mask. A value that does not fit its kind, and a kind without a mask, are hidden whole."""

    kind: Kind
    value: Annotated[SecretStr, Field(max_length=VALUE_AT_MOST)]


class MaskRequest(Body):
    """Values to mask under one profile."""

    items: Annotated[list[MaskItem], Field(min_length=1, max_length=ITEMS_AT_MOST)]
    profile: Profile = "display"


class Masked(BaseModel):
    masked: str


class MaskAnswer(BaseModel):
    """The masks, in order."""

    items: list[Masked]


class RedactItem(Body):
    """A text. Mode tokenize needs the person whom it is about."""

    text: Annotated[SecretStr, Field(max_length=TEXT_AT_MOST)]
    subject: Subject | None = None


class RedactRequest(Body):
    """Texts, and what becomes of the personal values in them. Without `names`, no model looks for names of people, and only those
    that announce themselves (收件人:张三, 王先生) are found. All texts together have a million code points at most."""

    items: Annotated[list[RedactItem], Field(min_length=1, max_length=ITEMS_AT_MOST)]
    mode: Mode = Mode.MASK
    names: StrictBool = True
    profile: Profile = "display"
    purpose: Purpose | None = Field(None, description="What tokens are for; mode tokenize needs it.")
    ref: Ref | None = Field(None, description="What tokens are about, such as order:o-1.")


class StreamQuery(Body):
    """What becomes of the values in every line."""

    mode: Literal["mask", "replace", "report"] = "mask"
    names: bool = True
    profile: Profile = "display"


class Found(BaseModel):
    """Where a value stood, in code points of the text as it came, the end exclusive."""

    kind: str
    start: int
    end: int
    score: float


class RedactedItem(BaseModel):
    """A text without its values. `hidden` is true where there was too much to look at, and all of it was hidden."""

    text: str
    spans: list[Found]
    hidden: bool = False
    language: str


class RedactAnswer(BaseModel):
    """The texts, in order."""

    items: list[RedactedItem]
