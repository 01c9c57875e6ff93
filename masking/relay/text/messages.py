"""What the operation on texts takes and gives."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from masking.relay.decision import RefusalReason
from masking.relay.text.passing import TextReason
from masking.relay.text.wording import Flag
from web.json_body import Body

Number = Annotated[SecretStr, Field(max_length=128)]


class TextRequest(Body):
    """A text that came to a relay number."""

    called: Number = Field(description="The number that the text was sent to, in any writing.")
    caller: Number = Field(description="Who sent it, as the switch or the carrier has it.")
    text: SecretStr = Field(max_length=16_384, description="What it says. It is neither stored nor logged.")


class ReplyAnswer(BaseModel):
    """What to write back to the sender, from the number that they wrote to."""

    text: str
    present: str


class TextAnswer(BaseModel):
    """What to do with a text. For `deliver`: send `text`, which may be another than came, to `to` from `present`."""

    action: Literal["deliver", "reject"]
    to: str | None = Field(default=None, description="The one field that holds somebody's number.")
    present: str | None = None
    text: str | None = None
    binding: int | None = None
    leg: str | None = None
    removed: int | None = Field(default=None, description="How many personal values were taken out.")
    flags: list[Flag] = []
    reason: RefusalReason | TextReason | None = None
    reply: ReplyAnswer | None = None
