"""Jobs as an operator at the service's host works on them: whoever can write the database needs no service to approve a job, but
the credentials of as many people as the job takes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.entry import Actor
from audit.event_id import uuid7
from database.columns import millis
from work.decisions import Deciding, Decisions
from work.desk import JobDesk
from work.errors import NotAnApproverError
from work.job import Job

Bearer = tuple[int, Actor]
"""The tenant of a credential, and its holder as the log names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHost:
    """A deployment's jobs, opened at its host. `approver` tells whose credential a text is; None where they may not approve."""

    desk: JobDesk
    decisions: Decisions
    approver: Callable[[str], Bearer | None]
    now: Callable[[], datetime]

    def approve(self, job: UUID, presented: str) -> Job:
        """Approve a job as the holder of a credential; gives the job as it is then.

        Raises:
            NotAnApproverError: the credential does not work, or may not approve jobs.
            WorkError: as `JobDesk.approve`; who may not approve this job is recorded.
        """
        bearer = self.approver(presented.strip())
        if bearer is None:
            raise NotAnApproverError
        tenant, actor = bearer
        at = millis(self.now())
        self.decisions.approve(Deciding(tenant=tenant, actor=actor, request=str(uuid7(at)), at=at), job)
        return self.desk.get(tenant, job)
