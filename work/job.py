"""What a job is, and what carries it out."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

Params = Mapping[str, Any]
"""Ids, counts and codes, as JSON can hold them."""


class JobState(StrEnum):
    """`queued` and `running` go on by themselves; `cancelling` ends at the next step; the others are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DONE = "done"
    FAILED = "failed"


ENDED = frozenset({JobState.CANCELLED, JobState.DONE, JobState.FAILED})


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its task sees it. `done` and `total` count what the task counts."""

    tenant: int
    id: uuid.UUID
    kind: str
    state: JobState
    params: Params
    done: int
    total: int
    error: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is after a step."""

    done: int
    total: int
    finished: bool


class Task(Protocol):
    """Carries out one kind of job, step by step. A step may be run again after a crash and then must change nothing more:
    it either is a pure function of the job and its number, or marks itself with `work.store.mark` in its own transaction.
    """

    kind: str

    def step(self, job: Job, number: int) -> Progress:
        """Do step `number`, counted from 0."""

    def abandon(self, job: Job) -> None:
        """Remove what the steps of a cancelled job have left."""
