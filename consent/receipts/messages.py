"""What the operations on receipts take and give."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from consent.receipts.receipt import Shape
from web.json_body import Body

Person = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class PersonPath(Body):
    subject: Person


class ReceiptPath(PersonPath):
    event: Annotated[str, StringConstraints(pattern=r"^con_[0-9]{1,18}$")]


class ShapeQuery(Body):
    format: Shape = Field(
        default=Shape.JSON, description="JSON as ISO/IEC TS 27560 has it, or JSON-LD of the Data Privacy Vocabulary."
    )


class ReceiptAnswer(BaseModel):
    """A receipt. Its form depends on `format`; these members are in both."""

    model_config = ConfigDict(extra="allow")

    log: dict[str, Any] = Field(
        description="The log's entry and its proof; state is pending until the entry is published, up to two seconds."
    )
    signature: str = Field(description="Detached JWS over everything else, RFC 8785 canonical.")


class RecordsAnswer(BaseModel):
    """A record for each purpose that the person has said something to."""

    items: list[dict[str, Any]]


class KeysAnswer(BaseModel):
    """A JWK set (RFC 7517)."""

    keys: list[dict[str, str]]
