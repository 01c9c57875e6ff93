"""What the operations on erasures take and give."""

from uuid import UUID

from pydantic import BaseModel, Field

from web.json_body import Body


class ErasurePath(Body):
    request: UUID


class PlanQuery(Body):
    limit: int = Field(default=500, ge=1, le=1_000)
    cursor: int | None = Field(
        None, ge=0, le=1_000_000_000, description="Where the page before ended: its next_cursor."
    )


class KeptAnswer(BaseModel):
    """Why something stays."""

    reason: str = Field(description="legal_hold, legal_obligation, order_running, kept_by_holder or not_supported.")
    by: str = Field(description="The reason of the hold, or the id of the law.")
    article: str | None
    until: str | None = Field(description="Null where nobody knows yet.")


class LineAnswer(BaseModel):
    """So many values that a holder has."""

    holder: str
    category: str
    purpose: str
    ref: str = Field(description="The pseudonym that the log has for the order or the like.")
    count: int
    since: str
    kept: KeptAnswer | None = Field(description="Null where it goes.")


class WaitingAnswer(BaseModel):
    """A holder that has not done yet what it was asked."""

    holder: str
    code: str
    since: str
    attempts: int


class PlanAnswer(BaseModel):
    """What an erasure comes to. `sha256`, `made_at`, `laws` and `items` are the frozen plan."""

    request: str
    phase: str
    made_at: str | None
    laws: str
    sha256: str | None
    dispose: int
    keep: int
    waiting: WaitingAnswer | None
    resume_at: str | None = Field(description="When what a law keeps is looked at again.")
    items: list[LineAnswer]
    next_cursor: str | None


class CertificateAnswer(BaseModel):
    """A signed note, which is checked without this service."""

    certificate: str
