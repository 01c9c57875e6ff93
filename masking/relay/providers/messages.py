"""What the operations on providers take and give."""

from typing import Literal

from pydantic import BaseModel, Field

from masking.relay.providers.errors import Fault
from web.json_body import Body

PAGE_AT_MOST = 200
LARGEST = 2**63 - 1

State = Literal["waiting", "held", "gone", "failed"]


class CarriedQuery(Body):
    state: State = "failed"
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class BindingPath(Body):
    binding: int = Field(ge=1, le=LARGEST)


class CarriedAnswer(BaseModel):
    """A binding at a provider."""

    binding: int
    account: int
    present: str = Field(description="The relay number, X.")
    state: State
    attempts: int
    fault: Fault | None
    changed_at: str


class CarriedPage(BaseModel):
    items: list[CarriedAnswer]
    next_cursor: str | None


class ReceiptsPath(Body):
    account: int = Field(ge=1, le=LARGEST)
    key: str = Field(max_length=64)
