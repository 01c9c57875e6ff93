"""Erasures as durable jobs of the desk, one that plans and one that carries out. Each step goes on behind what stands in rows."""

from uuid import UUID

from dsar.erasure.execution import Execution
from dsar.erasure.planning import Planning
from dsar.right import Right
from work.job import Job, Progress


class PlanTask:
    """Jobs of the kind `dsar_prepare_<right>`."""

    def __init__(self, planning: Planning, right: Right) -> None:
        self.kind = f"dsar_prepare_{right.value}"
        self._planning = planning

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - a repeated step finds what was planned
        """Plan, as soon as every holder has said what it has."""
        wait = self._planning.prepare(job.tenant, UUID(job.params["request"]))
        if wait is None:
            return Progress(1, 1, finished=True)
        return Progress(0, 1, finished=False, wait_seconds=wait)

    def abandon(self, job: Job) -> None:
        """Nothing to remove: a plan changes nothing."""


class EraseTask:
    """Jobs of the kind `dsar_execute_<right>`."""

    def __init__(self, execution: Execution, right: Right) -> None:
        self.kind = f"dsar_execute_{right.value}"
        self._execution = execution

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - a repeated step goes on behind what was done
        """Do what comes next."""
        done = self._execution.advance(job.tenant, UUID(job.params["request"]))
        return Progress(done.done, done.total, finished=done.finished, wait_seconds=done.wait_seconds)

    def abandon(self, job: Job) -> None:
        """Nothing can be called back. What is left stays restricted until the request is executed again."""
