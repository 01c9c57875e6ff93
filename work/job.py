"""What a job is, and what carries it out."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from audit.entry import Actor, ActorKind

Params = Mapping[str, Any]
"""Ids, counts and codes, as JSON can hold them."""

SYSTEM = Actor(ActorKind.SYSTEM)

LONGEST_WAIT_SECONDS = 3_600.0


class JobState(StrEnum):
    """`queued` and `running` go on by themselves; `awaiting_approval` and `paused` wait for people; `cancelling` ends at the
    next step; the others are ends, of which `failed` can be continued."""

    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DONE = "done"
    FAILED = "failed"


ENDED = frozenset({JobState.CANCELLED, JobState.DONE, JobState.FAILED})
GOING = frozenset({JobState.QUEUED, JobState.RUNNING})


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its task sees it. `done` and `total` count what the task counts.

    `step` is the number of the step that comes next, and `run` counts the workflows that have carried the job: it moves on when
    one ends before the job does. `wait_until` is when the next step may begin, `approvals` how many people beside `asked_by` must
    approve before the first. Times are milliseconds since the epoch.
    """

    tenant: int
    id: uuid.UUID
    kind: str
    state: JobState
    params: Params
    done: int
    total: int
    error: str | None
    created_at: int
    updated_at: int = 0
    step: int = 0
    run: int = 0
    wait_until: int = 0
    asked_by: Actor = SYSTEM
    approvals: int = 0


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a job, and when."""

    by: Actor
    at: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is after a step. The next step begins `wait_seconds` later: a task throttles itself by them.

    Raises:
        ValueError: the wait is negative or longer than an hour.
    """

    done: int
    total: int
    finished: bool
    wait_seconds: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.wait_seconds <= LONGEST_WAIT_SECONDS:
            raise ValueError("a wait is up to an hour")


class Task(Protocol):
    """Carries out one kind of job, step by step. A step may be run again after a crash and then must change nothing more:
    it either is a pure function of the job and its number, or marks itself with `work.store.mark` in its own transaction.
    Whatever has been noted as done is not begun again, in whichever process, and pausing or failing loses no step.
    """

    kind: str

    def step(self, job: Job, number: int) -> Progress:
        """Do step `number`, counted from 0."""

    def abandon(self, job: Job) -> None:
        """Remove what the steps of a cancelled job have left."""
