"""`moat jobs`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.entry import Actor, ActorKind
from audit.log import AuditLog
from commands.host import opened_database
from composition.clock import utc_now
from database.columns import millis
from web.issuance import CredentialDesk
from web.principal import Scope
from work.cli import jobs_group
from work.decisions import Decisions
from work.desk import JobDesk
from work.host import JobHost


@contextmanager
def opened_jobs(*, data: Path | None, database: str | None) -> Iterator[JobHost]:
    """The jobs of a deployment, for people on its host."""
    opened_here = opened_database(data, database)
    credentials = CredentialDesk(opened_here, AuditLog(), bootstrap_ended=lambda: None)
    desk = JobDesk(opened_here)

    def approver(text: str) -> tuple[int, Actor] | None:
        found = credentials.principal(text, millis(utc_now()))
        if found is None or not found.may(Scope.JOBS_APPROVE):
            return None
        return found.tenant, Actor(ActorKind.CREDENTIAL, found.credential, found.role.value)

    try:
        yield JobHost(desk=desk, decisions=Decisions(opened_here, AuditLog(), desk), approver=approver, now=utc_now)
    finally:
        opened_here.dispose()


jobs = jobs_group(opened_jobs)
