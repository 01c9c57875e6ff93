"""What the operations on breaches take and give."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from dsar.alerts.breach import Advice, Cause, Harm, Measure
from dsar.disclosure.category import CATEGORIES
from formats.rfc3339 import Rfc3339
from web.json_body import Body

PEOPLE_AT_MOST = 10_000

SubjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class BreachRequest(Body):
    """A breach to be told to people. It has codes only: each has words in every language that people are written to."""

    subjects: Annotated[list[SubjectId], Field(min_length=1, max_length=PEOPLE_AT_MOST)]
    kinds: Annotated[list[str], Field(min_length=1, max_length=12, description="Categories, as packages have them.")]
    cause: Cause
    harms: Annotated[list[Harm], Field(min_length=1, max_length=5)]
    measures: Annotated[list[Measure], Field(min_length=1, max_length=6)]
    advice: Annotated[list[Advice], Field(min_length=1, max_length=5)]
    happened_at: Annotated[Rfc3339, Field(description="RFC 3339, with its zone.")]

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: list[str]) -> list[str]:
        if set(kinds) - set(CATEGORIES):
            raise PydanticCustomError("unknown_kind", "There is no such category")
        return kinds


class BreachPath(Body):
    breach: UUID


class BreachesQuery(Body):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: UUID | None = Field(default=None, description="`next_cursor` of the page before.")


class ReportedAnswer(BaseModel):
    """A report that was taken. `job` tells the people once another person has approved it; `unknown` counts those whom the vault
    does not know."""

    breach: str
    job: str
    people: int
    unknown: int


class BreachAnswer(BaseModel):
    """A breach and how far its telling is."""

    breach: str
    kinds: list[str]
    cause: Cause
    harms: list[Harm]
    measures: list[Measure]
    advice: list[Advice]
    happened_at: str
    reported_at: str
    job: str
    people: int
    told: int
    unreachable: int = Field(description="Of whom no address is known; their privacy centre shows it.")


class BreachesPage(BaseModel):
    items: list[BreachAnswer]
    next_cursor: str | None
