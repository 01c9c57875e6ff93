"""Carrying bindings to providers as durable jobs: one for each change of a binding."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from database.columns import millis
from masking.relay.providers.carrying import Carrying
from masking.relay.providers.outward import KIND
from work.job import LONGEST_WAIT_SECONDS, Job, Progress

LEAST_SECONDS: Final = 0.05


class CarryTask:
    """Carries one binding as it is when the job gets to it."""

    kind = KIND

    def __init__(self, carrying: Carrying, now: Callable[[], datetime]) -> None:
        self._carrying = carrying
        self._now = now

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - every step is alike
        """Carry it, or find that somebody else does."""
        wait = self._carrying.carry(job.tenant, int(job.params["binding"]), millis(self._now()))
        if wait is None:
            return Progress(1, 1, finished=True)
        return Progress(0, 1, finished=False, wait_seconds=min(max(wait, LEAST_SECONDS), LONGEST_WAIT_SECONDS))

    def abandon(self, job: Job) -> None:
        """Nothing to remove: what was not carried is found within minutes."""
