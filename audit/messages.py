"""What the operations on the log take and give."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from audit.entry import Action, Outcome
from formats.rfc3339 import Rfc3339
from web.json_body import Body

PAGE_AT_MOST = 1_000
LARGEST = 2**63 - 1

Order = Literal["oldest", "newest"]
Person = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Index = Annotated[int, Field(ge=0, le=LARGEST)]
Moment = Annotated[Rfc3339, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC))]
"""A time that an event id can bear, in whatever zone it is written."""

LogNumber = Annotated[int | None, Field(ge=1, le=LARGEST, description="Number of the log; the newest by default.")]


class EntriesQuery(Body):
    limit: int = Field(default=100, ge=1, le=PAGE_AT_MOST)
    cursor: int | None = Field(default=None, ge=0, le=LARGEST, description="`next_cursor` of the page before.")
    order: Order = "oldest"
    since: Moment | None = Field(default=None, alias="from", description="Acts of this time or later (RFC 3339).")
    until: Moment | None = Field(default=None, alias="to", description="Acts before this time (RFC 3339).")
    actor: Index | None = Field(default=None, description="Number of the credential that acted.")
    action: Action | None = None
    outcome: Outcome | None = None
    subject: Person | None = Field(default=None, description="Your id of a person.")


class EntryAnswer(BaseModel):
    """An entry of the log, as it was written. `index` is null until the entry is published, up to two seconds."""

    number: int
    log: int | None
    index: int | None
    entry: dict[str, Any]


class EntriesPage(BaseModel):
    """A page. It can hold fewer than `limit` entries and still have a next one: the search goes on there."""

    items: list[EntryAnswer]
    next_cursor: str | None


class ProofPath(Body):
    index: Index


class ProofQuery(Body):
    format: Literal["json", "tlog-proof"] = "json"
    log: LogNumber = None


class ProofAnswer(BaseModel):
    """An entry's octets as text, and its inclusion proof (RFC 9162, section 2.1.3), hashes in base64 from the leaf's side."""

    log: int
    index: int
    size: int
    entry: str
    leaf: str
    hashes: list[str]
    root: str
    checkpoint: str


class ConsistencyQuery(Body):
    old: Index = Field(alias="from", description="The older size.")
    size: Index | None = Field(
        default=None, alias="to", description="The newer size; that of the checkpoint by default."
    )
    log: LogNumber = None


class ConsistencyAnswer(BaseModel):
    """A consistency proof (RFC 9162, section 2.1.4), hashes in base64."""

    log: int
    old_size: int
    size: int
    old_root: str
    root: str
    hashes: list[str]
    checkpoint: str


class AccessPath(Body):
    subject: Person


class AccessQuery(Body):
    limit: int = Field(default=100, ge=1, le=PAGE_AT_MOST)
    cursor: str | None = Field(
        default=None, pattern=r"^[0-9]{1,18}\.[0-9]{1,18}$", description="`next_cursor` of the page before."
    )
    order: Order = "newest"


class AccessAnswer(BaseModel):
    """One act that concerned the person; `items` is how many of the act's items were theirs."""

    log: int
    index: int
    at: str
    action: str
    outcome: str
    items: int
    actor: dict[str, Any]
    reason: str | None = None
    purpose: str | None = None
    view: str | None = None
    kind: str | None = None
    behalf: str | None = Field(default=None, description="Role of the person that the actor acted for.")


class AccessPage(BaseModel):
    items: list[AccessAnswer]
    next_cursor: str | None


class FilePath(Body):
    path: str = Field(max_length=200)


class LogPath(Body):
    log: int = Field(ge=1, le=LARGEST)


class LogFilePath(LogPath, FilePath):
    pass
