"""What goes over HTTP about jobs."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from database.columns import rfc3339
from web.json_body import Body
from work.job import Approval, Job, JobState

JOB = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
PAGE_AT_MOST = 200


class JobPath(Body):
    job: Annotated[str, StringConstraints(pattern=JOB)]


class JobsQuery(Body):
    kind: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,47}$", description="Such as audit_export.")
    state: JobState | None = None
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: str | None = Field(default=None, pattern=JOB, description="`next_cursor` of the page before.")


class PersonAnswer(BaseModel):
    """Who did something: a credential by its number, an operator at the console, or the service itself."""

    kind: str
    id: int
    role: str


class ApprovalAnswer(PersonAnswer):
    """Who approved, and when."""

    at: str


class ApprovalsAnswer(BaseModel):
    """How many approvals the job needs, and those given so far. A list of jobs leaves the latter out."""

    needed: int
    given: list[ApprovalAnswer] | None = None


class JobAnswer(BaseModel):
    """A job and how far it is. `wait_until` is when its next step begins, if that is not at once."""

    job: str
    kind: str
    state: JobState
    done: int
    total: int
    error: str | None
    created_at: str
    updated_at: str
    asked_by: PersonAnswer
    approvals: ApprovalsAnswer
    wait_until: str | None


class JobsAnswer(BaseModel):
    """Jobs, the latest first."""

    items: list[JobAnswer]
    next_cursor: str | None


def answer(job: Job, given: Sequence[Approval] | None = None) -> dict[str, object]:
    """A job as answers have it."""
    approvals: dict[str, object] = {"needed": job.approvals, "given": None}
    if given is not None:
        approvals["given"] = [
            {"kind": one.by.kind.value, "id": one.by.id, "role": one.by.role, "at": rfc3339(one.at)} for one in given
        ]
    asker = job.asked_by
    return {
        "job": str(job.id),
        "kind": job.kind,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "error": job.error,
        "created_at": rfc3339(job.created_at),
        "updated_at": rfc3339(job.updated_at),
        "asked_by": {"kind": asker.kind.value, "id": asker.id, "role": asker.role},
        "approvals": approvals,
        "wait_until": rfc3339(job.wait_until) if job.wait_until else None,
    }
