"""What the operations of switches take and give."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr

from masking.relay.calls.progress import CAUSE_AT_MOST, Released
from masking.relay.decision import CallKind, RefusalReason
from web.json_body import Body

LONGEST_CALL_SECONDS = 7 * 86_400

Number = Annotated[SecretStr, Field(max_length=128)]


class RouteRequest(Body):
    """A call or a text that has come to a relay number."""

    called: Number = Field(description="The number that was dialled, in any writing.")
    caller: Number = Field(
        SecretStr(""),
        description="Who calls, as the network asserts it; empty or `anonymous` where there is no number.",
    )
    kind: CallKind = CallKind.VOICE
    digits: str | None = Field(None, max_length=16, description="What the caller keyed in when asked, if anything.")


class RouteAnswer(BaseModel):
    """What to do. `connect`: call `to`, show `present`, end it after `max_seconds`. `collect`: have the caller key in so many
    digits and ask again. `reject`: connect nobody. Fields of the other two are left out."""

    action: Literal["connect", "collect", "reject"]
    to: str | None = Field(default=None, description="The one field that holds somebody's number. Show it to nobody.")
    present: str | None = None
    binding: int | None = None
    leg: str | None = Field(default=None, description="Name of this call in events.")
    max_seconds: int | None = None
    record: bool | None = Field(default=None, description="Record the call: both were told and agreed.")
    digits: int | None = None
    reason: RefusalReason | None = None


class EventRequest(Body):
    """Something that happened to a call that was connected. Events may come late, twice and in any order."""

    leg: UUID
    event: Literal["ringing", "answered", "ended", "failed"]
    seconds: int | None = Field(
        None, ge=0, le=LONGEST_CALL_SECONDS, description="Of `ended`: how long both sides could speak."
    )
    status: int | None = Field(None, ge=300, le=699, description="Of `failed`: the SIP status (RFC 3261).")
    cause: int | None = Field(None, ge=1, le=CAUSE_AT_MOST, description="Why it ended (ITU-T Q.850).")
    released: Released | None = Field(None, description="Of `ended`: who hung up.")
