"""What the operations on positions take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from formats.rfc3339 import Rfc3339
from vault.messages import OneSubject, PurposeId
from vault.traces.position import CELL_DEGREES, CELL_METRES
from web.json_body import Body

POSITIONS_AT_MOST = 500
SHOWN_AT_MOST = 20


class PositionItem(Body):
    """Where the courier was, in degrees of WGS 84, with the accuracy in metres where the device tells one."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    at: Annotated[Rfc3339, Field(description="RFC 3339, with its zone.")]
    accuracy: float | None = Field(None, ge=0, le=100_000)


class PositionsRequest(Body):
    """A batch of positions of the courier who has the order."""

    courier: OneSubject
    positions: list[PositionItem] = Field(min_length=1, max_length=POSITIONS_AT_MOST)


class PositionsQuery(Body):
    customer: OneSubject | None = Field(
        default=None, description="The order's customer, who is acted for; needs the scope `act_as:customer`."
    )
    purpose: PurposeId = "delivery"
    limit: int = Field(default=1, ge=1, le=SHOWN_AT_MOST)


class ShownPosition(BaseModel):
    latitude: float
    longitude: float
    at: str
    accuracy: int | None


class ShownCell(BaseModel):
    """The south-western corner of a cell, and the five minutes in which the courier was in it."""

    latitude: float
    longitude: float
    at: str


class PositionsAnswer(BaseModel):
    """Exact positions, newest first, or cells in order. A cell is 0.01 degrees: at most `cell_metres` from side to side."""

    view: Literal["plain", "masked"]
    positions: list[ShownPosition] | None = None
    cells: list[ShownCell] | None = None
    cell_degrees: float = CELL_DEGREES
    cell_metres: int = CELL_METRES
