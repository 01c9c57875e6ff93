"""What the operations on pictures take and give."""

from typing import Annotated

from pydantic import BaseModel, Field

from vault.messages import OneSubject, OrderPath
from vault.pictures.stripping import Format
from web.json_body import Body

PAGE_AT_MOST = 100
LARGEST = 2**63 - 1


class StoreQuery(Body):
    courier: OneSubject = Field(description="Who made the picture: the courier who has the order.")


class PicturePath(OrderPath):
    picture: Annotated[int, Field(ge=1, le=LARGEST)]


class SeenBy(Body):
    """For whom the caller looks, where it does not look for itself: one of the two."""

    courier: OneSubject | None = Field(
        default=None, description="The order's courier, who is acted for; needs the scope `act_as:courier`."
    )
    customer: OneSubject | None = Field(
        default=None, description="The order's customer, who is acted for; needs the scope `act_as:customer`."
    )


class PicturesQuery(SeenBy):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class PictureAnswer(BaseModel):
    """A picture without its octets; `size` is how many these are after what does not belong to the picture was taken out."""

    picture: int
    format: Format
    size: int
    created_at: str
    expires_at: str


class PicturesPage(BaseModel):
    items: list[PictureAnswer]
    next_cursor: str | None
