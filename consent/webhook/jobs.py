"""Deliveries as durable jobs: a job carries for one subscription until nothing is due there soon."""

import threading
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from uuid import UUID

from consent.webhook.carriage import KIND, Carriage
from consent.webhook.courier import Courier
from database.columns import millis
from work.job import Job, Progress

STEP_SECONDS = 2.0
"""After so long a step ends and the next begins, so that jobs can be paused and processes stopped."""
LOOK_SECONDS = 0.25
"""How long a carrier with nothing due waits before it looks again, unless it is nudged."""


class DeliveryTask:
    """Carries. A carrier that has run out stays for one step more, so that a steady trickle does not make a job for each drop."""

    kind = KIND

    def __init__(self, courier: Courier, carriage: Carriage, now: Callable[[], datetime]) -> None:
        self._courier = courier
        self._carriage = carriage
        self._now = now
        self._wake = threading.Event()

    def nudge(self) -> None:
        """There may be something to carry: look now."""
        self._wake.set()

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - every step is alike, and a repeated one only looks again
        """Carry for a while."""
        webhook, carrier = int(job.params["webhook"]), UUID(job.params["carrier"])
        until, carried = monotonic() + STEP_SECONDS, 0
        while monotonic() < until:
            self._wake.clear()
            sent = self._courier.round(job.tenant, webhook, carrier)
            if sent is None:
                return self._ended(job, carried)
            carried += sent
            if not sent:
                self._wake.wait(LOOK_SECONDS)
        if not carried and self._carriage.leave(job.tenant, webhook, carrier, millis(self._now())):
            return self._ended(job, carried)
        return Progress(job.done + carried, job.done + carried, finished=False)

    def abandon(self, job: Job) -> None:
        """Nothing to remove: what was not delivered is begun anew within a minute."""

    def _ended(self, job: Job, carried: int) -> Progress:
        return Progress(job.done + carried, job.done + carried, finished=True)
