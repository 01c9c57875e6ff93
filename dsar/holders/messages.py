"""What the operations on holders take and give."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from dsar.holders.holder import Act
from dsar.holders.register import IdentityFormat, IdentityType
from dsar.holders.task import TaskState
from web.json_body import Body

PAGE_AT_MOST = 200
LARGEST = 2**63 - 1

RequestId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class RequestPath(Body):
    request: RequestId


class TaskPath(Body):
    task: Annotated[int, Field(ge=1, le=LARGEST)]


class HolderPath(Body):
    holder: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class PageQuery(Body):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST, description="`next_cursor` of the page before.")


class TaskAnswer(BaseModel):
    """One act that a holder was asked for. `id` is what a system beside this one knows it by. A `dead` one waits for somebody to
    see to its `error` and have it tried again."""

    task: int
    request: str
    holder: str
    act: Act
    key: str
    id: str | None
    state: TaskState
    attempts: int = Field(description="Failures since it was last begun.")
    next_attempt_at: str | None
    deadline_at: str | None
    status: int | None = Field(description="HTTP status of the last answer.")
    error: str | None
    method: str | None
    count: int = Field(description="How many values it was about.")
    evidence: str | None = Field(description="SHA-256 of the system's signed answer, in hexadecimal.")
    created_at: str
    ended_at: str | None


class TasksPage(BaseModel):
    items: list[TaskAnswer]
    next_cursor: str | None


class IdentityAnswer(BaseModel):
    type: IdentityType
    format: IdentityFormat


class HolderAnswer(BaseModel):
    """Somebody who holds data of people. `url` is null where it is a part of this service."""

    holder: str
    url: str | None
    acts: list[Act]
    categories: list[str]
    identities: list[IdentityAnswer]
    answer_days: int | None


class HoldersAnswer(BaseModel):
    """In the order in which a person is disposed of."""

    items: list[HolderAnswer]


class CheckAnswer(BaseModel):
    """What a system does not say it can do, of what is declared."""

    missing_types: list[str]
    missing_identities: list[str]


class HolderKeyAnswer(BaseModel):
    """An Ed25519 public key as a JWK."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class HolderKeysAnswer(BaseModel):
    """Public keys, the newest first."""

    keys: list[HolderKeyAnswer]
