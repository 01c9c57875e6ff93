"""What the operations on bindings and blocks take and give."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, StrictBool, StringConstraints

from formats.rfc3339 import Rfc3339
from masking.relay.binding import AT_ONCE
from masking.relay.bound import CALL_SECONDS_AT_MOST, CREW_AT_MOST
from masking.relay.mode import Direction, Mode
from masking.relay.ports import Reach
from web.json_body import Body
from web.stored_name import NamesNobody

PAGE_AT_MOST = 200
LARGEST = 2**63 - 1
SECONDS_AT_MOST = 366 * 86_400

Identifier = Annotated[int, Field(ge=1, le=LARGEST)]
Seconds = Annotated[int, Field(ge=1, le=SECONDS_AT_MOST)]
PoolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$"), NamesNobody]
OrderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
AreaName = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Reason = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$"), NamesNobody]
Dialled = Annotated[SecretStr, Field(max_length=40)]


class PartyBody(Body):
    """Somebody: by the token of their phone number, or by themselves, whose profile has one. One of the two."""

    token: SecretStr | None = Field(default=None, max_length=48)
    subject: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] | None = None


class BindingRequest(Body):
    """A binding to be made. Which people there must be follows from the mode: `a` and `b`, `a` alone, or `b` and a `crew`."""

    mode: Mode
    pool: PoolName = "default"
    order: OrderName = Field(description="The platform's own id of the order, such as o-1.")
    a: PartyBody | None = None
    b: PartyBody | None = None
    crew: list[PartyBody] = Field(
        default=[], max_length=CREW_AT_MOST, description="The members of a group, by mode gxb or gxyb."
    )
    area: list[AreaName] = Field(
        default=[],
        max_length=16,
        description="Where the number should be from: area codes or provinces, the best first.",
    )
    x: Dialled | None = Field(default=None, description="The relay number that it must be.")
    expires_in: Seconds | None = Field(default=None, description="Seconds; the pool's where none are given.")
    direction: Direction = Direction.BOTH
    texts: StrictBool = True
    record: StrictBool = Field(
        default=False, description="Record calls, of which both are told and to which both have agreed."
    )
    max_call_seconds: int = Field(default=3_600, ge=1, le=CALL_SECONDS_AT_MOST)


class BindingsRequest(Body):
    items: list[BindingRequest] = Field(min_length=1, max_length=AT_ONCE)


class ChangeRequest(Body):
    """What is to be different. `b` takes the place of who was there, on the same number. Without a field nothing changes of
    it."""

    b: PartyBody | None = None
    crew: list[PartyBody] = Field(default=[], max_length=CREW_AT_MOST, description="All members, from now on.")
    expires_in: Seconds | None = Field(default=None, description="Seconds from now.")
    direction: Direction | None = None
    texts: StrictBool | None = None
    record: StrictBool | None = None
    max_call_seconds: int | None = Field(default=None, ge=1, le=CALL_SECONDS_AT_MOST)
    version: int | None = Field(
        default=None, ge=1, description="The version that you have seen; another is a conflict."
    )


class BindingPath(Body):
    binding: Identifier


class BindingsQuery(Body):
    order: OrderName | None = Field(default=None, description="Only those of an order.")
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class BindingAnswer(BaseModel):
    """A binding. `x` and `y` are relay numbers; whose they hide stands nowhere."""

    binding: int
    mode: Mode
    x: str = Field(description="What B dials and sees, and in modes without y everybody.")
    y: str | None = Field(description="What A, or the group, dials and sees.")
    extension: str | None
    direction: Direction
    texts: bool
    record: bool
    max_call_seconds: int
    version: int
    created_at: str
    expires_at: str
    ended_at: str | None
    end_reason: str | None


class ItemError(BaseModel):
    code: str
    detail: str


class FailedItem(BaseModel):
    error: ItemError


class BindingsAnswer(BaseModel):
    items: list[BindingAnswer | FailedItem]


class BindingsPage(BaseModel):
    items: list[BindingAnswer]
    next_cursor: str | None


class HangUpAnswer(BaseModel):
    """How many calls were ended, and whether the switch could be told to."""

    calls: int
    switch: Reach = Field(
        description="`told`; `failed`: the switch is away or does not take our secret, so that calls may go on; `none`: this "
        "deployment has no switch that can be told."
    )


class BlockRequest(Body):
    """Who may not reach whom. Without a caller nobody may, without a callee the caller may reach nobody, and with a number that
    is so on this one only."""

    caller: PartyBody | None = None
    callee: PartyBody | None = None
    number: Dialled | None = None
    both_ways: StrictBool = False
    reason: Reason
    until: Rfc3339 | None = None


class BlocksAnswer(BaseModel):
    blocks: list[int]


class BlockPath(Body):
    block: Identifier


class PageQuery(Body):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class BlockAnswer(BaseModel):
    """A block. Whom it is of stands nowhere in clear, so that only whether it is of somebody is told."""

    block: int
    of_caller: bool
    of_callee: bool
    number: str | None
    reason: str
    until: str | None
    created_at: str


class BlocksPage(BaseModel):
    items: list[BlockAnswer]
    next_cursor: str | None
