"""What the operations on pools and numbers take and give."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from masking.relay.allocation import Match, Sticky
from masking.relay.decision import NumberState
from masking.relay.importing import Fault
from masking.relay.messages import LARGEST, PAGE_AT_MOST, SECONDS_AT_MOST, Dialled, PoolName, Seconds
from masking.relay.mode import Mode
from masking.relay.number import NumberKind
from masking.relay.pool import CAPACITY_AT_MOST
from web.json_body import Body

Word = Annotated[str, StringConstraints(pattern=r"^[^\d\s]{0,32}$")]
Span = Annotated[int, Field(ge=0, le=SECONDS_AT_MOST)]
DAY = 86_400


class TermsBody(Body):
    """How numbers are given out. Times are seconds."""

    modes: list[Mode] = Field(min_length=1, max_length=len(Mode))
    match: Match = Match.PREFER
    sticky: Sticky = Sticky.NONE
    cool_seconds: Span = Field(default=DAY, description="How long nobody gets a number again that they had.")
    open_cool_seconds: Span = Field(default=7 * DAY, description="How long a number rests that anybody could dial.")
    capacity: int = Field(default=200, ge=1, le=CAPACITY_AT_MOST, description="Live bindings that a number takes.")
    digits: int = Field(default=0, ge=0, le=4, description="How long extensions are, in a pool of mode axe.")
    lasts_seconds: Seconds = Field(default=DAY, description="How long a binding lasts that does not say it.")
    lasts_at_most_seconds: Seconds = 90 * DAY


class PoolRequest(TermsBody):
    pool: PoolName


class PoolPath(Body):
    pool: PoolName


class PoolAnswer(BaseModel):
    """A pool, and how many of its numbers are in which state. `resting` are available ones that nobody gets just now; `live`
    counts live bindings, one twice that has two numbers."""

    pool: str
    modes: list[Mode]
    match: Match
    sticky: Sticky
    cool_seconds: int
    open_cool_seconds: int
    capacity: int
    digits: int
    lasts_seconds: int
    lasts_at_most_seconds: int
    numbers: dict[str, int]
    live: int


class PoolsPage(BaseModel):
    items: list[PoolAnswer]
    next_cursor: str | None


class PlanQuery(Body):
    days: int = Field(default=7, ge=1, le=90, description="How many days up to now are looked at.")


class PlanAnswer(BaseModel):
    """What the bindings of a pool needed. `bound` is the fewest numbers that could have done: the busiest person's bindings,
    those that cooled with them. `owned` are the numbers that are given out."""

    pool: str
    bindings: int
    busiest: int
    live: int
    bound: int
    used: int
    owned: int


class NumberBody(Body):
    """A number to be added."""

    number: Dialled
    area: Word | Annotated[str, StringConstraints(pattern=r"^0\d{2,3}$")] = Field(
        default="", description="An area code or the name of a place; of fixed lines of China the number says it."
    )
    province: Word = ""
    carrier: Word = ""
    voice: bool = True
    texts: bool = True


class NumbersRequest(Body):
    pool: PoolName
    items: list[NumberBody] = Field(min_length=1, max_length=1_000)


class ImportRequest(Body):
    pool: PoolName
    csv: SecretStr = Field(
        max_length=2_000_000, description="number,area,province,carrier,voice,texts with one header line."
    )


class LineAnswer(BaseModel):
    """A line that was not added, counted from 1 with the header, or an item, counted from 0."""

    line: int
    code: Fault


class AddedAnswer(BaseModel):
    added: int
    faults: list[LineAnswer]


class NumbersQuery(Body):
    pool: PoolName | None = None
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class NumberAnswer(BaseModel):
    number: str
    kind: NumberKind
    area: str
    province: str
    carrier: str
    voice: bool
    texts: bool
    state: NumberState
    since: str
    rests_until: str | None = Field(description="Until then it is given to nobody, whatever its state.")
    live: int


class NumbersPage(BaseModel):
    items: list[NumberAnswer]
    next_cursor: str | None


class StateRequest(Body):
    """The number is in the body: addresses of calls stand in logs of proxies."""

    number: Dialled
    state: NumberState
    rest_seconds: Span = Field(default=30 * DAY, description="How long a quarantine lasts.")
