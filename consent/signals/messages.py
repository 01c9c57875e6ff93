"""What the operations on signals take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from consent.signals.gpc import OptOut
from web.json_body import Body

Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class SignalRequest(Body):
    """That a person's browser sent `Sec-GPC: 1`."""

    subject: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
    channel: Channel | None = Field(default=None, description="Where the signal came from, such as web.")


class HonouredPurpose(BaseModel):
    """One purpose. `kept` is a consent that the person gave explicitly after they had signalled."""

    purpose: str
    outcome: OptOut
    consent: str


class SignalAnswer(BaseModel):
    """The confirmation to show to the person: their opt-out was honoured."""

    subject: str
    honored: Literal[True]
    items: list[HonouredPurpose]


class GpcSupport(BaseModel):
    """That this service honours the signal (W3C, "Global Privacy Control", section 4)."""

    gpc: Literal[True]
    last_update: str = Field(alias="lastUpdate", description="The day from which on it does.")
