"""What the operations on messages between devices take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from vault.letters.envelope import TEXT_BYTES_AT_MOST
from vault.letters.parties import Party
from vault.messages import DeviceKey, OrderPath
from web.json_body import Body

PAGE_AT_MOST = 100
LARGEST = 2**63 - 1
LARGEST_TIME = 253_402_300_799_999

Number = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
Millis = Annotated[int, Field(strict=True, ge=0, le=LARGEST_TIME, description="Milliseconds since the epoch.")]
Octets32 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class SendRequest(Body):
    """A sealed message. Who the parties are says the order; the envelope is what `vault/letters/envelope.py` draws."""

    from_party: Party
    from_device: Number
    to_party: Party
    to_device: Number
    envelope: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,3000}$")]


class FetchQuery(Body):
    party: Party = Field(description="Whose messages.")
    device: int = Field(ge=1, le=LARGEST)
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class PartyQuery(Body):
    party: Party = Field(description="Whose devices.")


class LetterPath(OrderPath):
    message: Annotated[int, Field(ge=1, le=LARGEST)]


class AcknowledgeRequest(Body):
    """Who has the message now."""

    party: Party


class ReportRequest(Body):
    """A message that its recipient shows, and what proves that it was sent."""

    party: Party = Field(description="Who reports.")
    text: Annotated[SecretStr, Field(min_length=1, max_length=TEXT_BYTES_AT_MOST)]
    opening: Octets32
    sent_at: Millis
    sender_key: DeviceKey
    recipient_key: DeviceKey
    hour: Millis
    commitment: Octets32
    frank: Octets32


class SentAnswer(BaseModel):
    message: int
    expires_at: str


class LetterItem(BaseModel):
    """A message that waits. `frank` and `hour` are to be kept with it by whoever may want to report it."""

    message: int
    envelope: str
    sender_device: int
    sender_key: str
    recipient_key: str
    hour: int
    frank: str
    expires_at: str


class LettersPage(BaseModel):
    items: list[LetterItem]
    next_cursor: str | None


class LiveKeyItem(BaseModel):
    device: int
    public_key: str
    expires_at: str


class LiveKeysAnswer(BaseModel):
    items: list[LiveKeyItem]


class ReportAnswer(BaseModel):
    """The token of the copy that was handed over, and who sent it."""

    verified: Literal[True]
    token: str
    sender: Party | None
