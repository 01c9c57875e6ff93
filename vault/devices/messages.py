"""What the operations on devices take and give."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from vault.devices.proving import ANSWER_CHARACTERS, CHALLENGE_CHARACTERS
from vault.devices.public_key import TEXT_CHARACTERS
from vault.messages import OneSubject
from web.json_body import Body

PAGE_AT_MOST = 200
LARGEST = 2**63 - 1

Number = Annotated[int, Field(ge=1, le=LARGEST)]
KeyText = Annotated[
    str, StringConstraints(pattern=rf"^[A-Za-z0-9_-]{{{TEXT_CHARACTERS}}}$"), Field(description="X25519, base64url.")
]


class ChallengeRequest(Body):
    """A key that is to be registered."""

    public_key: KeyText


class DeviceRequest(Body):
    """A device's key to be registered, with the challenge for it and the device's answer. `replaces` is the device whose key it
    renews, which is revoked."""

    public_key: KeyText
    challenge: Annotated[str, StringConstraints(pattern=rf"^[A-Za-z0-9_-]{{{CHALLENGE_CHARACTERS}}}$")]
    answer: Annotated[str, StringConstraints(pattern=rf"^[A-Za-z0-9_-]{{{ANSWER_CHARACTERS}}}$")]
    replaces: Annotated[int, Field(strict=True, ge=1, le=LARGEST)] | None = None


class DevicesPath(Body):
    subject: OneSubject


class DevicePath(DevicesPath):
    device: Number


class DevicesQuery(Body):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class ChallengeAnswer(BaseModel):
    """`sealed` is for the device, which opens it and answers; `challenge` goes back with that answer until `expires_at`."""

    challenge: str
    sealed: str
    expires_at: str


class DeviceAnswer(BaseModel):
    """A device. `tenant` is the number that stands in everything sealed for it."""

    device: int
    tenant: int
    public_key: str
    state: str = Field(description="live, expired or revoked")
    created_at: str
    expires_at: str


class DevicesPage(BaseModel):
    items: list[DeviceAnswer]
    next_cursor: str | None
