"""Alarms on their way out, as durable jobs: each is announced until somebody took it, for at most a day."""

import secrets
from collections.abc import Callable
from typing import Protocol

from database.transaction import Transaction
from work.backoff import ATTEMPTS_AT_MOST, delay_ms
from work.desk import JobDesk
from work.job import LONGEST_WAIT_SECONDS, Job, Progress

KIND = "honey_alarm"


class Announcer(Protocol):
    """The way out for alarms, which the operator named."""

    def announce(self, message: str, *, tenant: int, credential: int, count: int, at: int) -> None:
        """Tell that a credential presented so many honey tokens; `message` names the alarm, the same at every attempt. Raises
        OSError where nobody took it."""


class AlarmBell:
    """The vault's alarm: a job for the message, a count and a line in the service's own log. Without `announces` nothing leaves
    the house."""

    def __init__(self, jobs: JobDesk, *, announces: bool, sounded: Callable[[int], None]) -> None:
        self._jobs = jobs
        self._announces = announces
        self._sounded = sounded

    def note(self, tx: Transaction, tenant: int, credential: int, count: int, at: int) -> None:
        """Called in the transaction that saw it."""
        if self._announces:
            self._jobs.submit(tx, tenant, KIND, {"credential": credential, "count": count, "at": at}, at)

    def sound(self, count: int) -> None:
        """Called after its commit."""
        self._sounded(count)
        if self._announces:
            self._jobs.nudge()


class AlarmTask:
    """Announces one alarm. A repeated step announces again: whoever hears it twice knows it by its name."""

    kind = KIND

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer

    def step(self, job: Job, number: int) -> Progress:
        """Try once."""
        told = {name: int(job.params[name]) for name in ("credential", "count", "at")}
        try:
            self._announcer.announce(f"msg_{job.id.hex}", tenant=job.tenant, **told)
        except OSError:
            if number + 1 >= ATTEMPTS_AT_MOST:
                raise
            wait = delay_ms(number + 1, secrets.randbelow) / 1000
            return Progress(0, 1, finished=False, wait_seconds=min(wait, LONGEST_WAIT_SECONDS))
        return Progress(1, 1, finished=True)

    def abandon(self, job: Job) -> None:
        """Nothing to remove: the log has it all the same."""
