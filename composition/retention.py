"""Retention of a deployment: why the vault keeps its records, what people are told, what ends consents, and the jobs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import settings
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.clock import utc_now
from composition.foundation import Foundation
from composition.holds import hold_gate
from composition.keepers import KEEPERS, KEPT_KINDS, WHOLE_KINDS
from composition.part import Part
from consent.catalogues.source import CatalogueSource
from consent.ports import ConsentChange
from consent.records.standing import GRANTS, State
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.holds.asking import Holds
from dsar.request import By
from dsar.retention.asking import RunDesk, Threshold
from dsar.retention.disposal import Disposal
from dsar.retention.events import Events, note, unnote
from dsar.retention.host import PolicyHost
from dsar.retention.http import RetentionApi, UseCases
from dsar.retention.judging import Judging
from dsar.retention.keepers import AllUses
from dsar.retention.planning import Planning
from dsar.retention.policies import Policies, PolicyBook
from dsar.retention.ports import ToldPurpose, Vocabulary
from dsar.retention.problems import PROBLEMS
from dsar.retention.reading import Reading
from dsar.retention.rule import Start
from dsar.retention.running import Running
from dsar.retention.watching import PlanSweep, RetentionTimetable, RetentionWatch
from vault.errors import LedgerError
from vault.identifier import KINDS
from vault.leaving import Leaving
from vault.means import Means
from vault.opaque_id import reads_as_personal
from vault.subject_lookup import SubjectLookup
from vault.uses.uses import RecordUses
from web.tenancy import TenantDesk


class ToldPurposes:
    """The purposes of the catalogue in force, as retention asks for them."""

    def __init__(self, source: CatalogueSource) -> None:
        self._source = source

    def purposes(self, tx: Transaction, tenant: int) -> Mapping[str, ToldPurpose]:
        """The tenant's purposes by their ids."""
        by_id = self._source.in_force(tx, tenant).catalogue.by_id
        return {name: ToldPurpose(one.kinds, one.rests_on_consent, one.retention.days) for name, one in by_id.items()}


class ConsentEnds:
    """Listens to consents: the end of one is an event from which periods run, and a new one takes it back."""

    def changed(self, tx: Transaction, tenant: int, changes: Sequence[ConsentChange], at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that records the changes, in their order."""
        for change in changes:
            place = {"subject": change.subject, "purpose": change.purpose}
            if State(change.state) in GRANTS:
                unnote(tx, tenant, Start.CONSENT_WITHDRAWN, **place)  # type: ignore[arg-type]  # an int and a text
            elif State(change.state) is not State.DEFERRED:
                note(tx, tenant, Start.CONSENT_WITHDRAWN, **place, at=change.at)  # type: ignore[arg-type]  # as above

    def committed(self) -> None:
        """Nobody waits for it: what is due is looked for every day."""


@dataclass(frozen=True, slots=True)
class RetentionOf:
    """What others call, and what retention adds to the deployment."""

    use: UseCases
    part: Part


def retention_of(base: Foundation, means: Means, source: CatalogueSource) -> RetentionOf:
    """Policies, events, plans and runs."""
    book, uses, subjects = PolicyBook(), AllUses(RecordUses(), KEEPERS), SubjectLookup(means)
    judging = Judging(uses, Holds())
    policies = Policies(base.database, base.log, book, ToldPurposes(source), KEPT_KINDS, whole=WHOLE_KINDS)
    desk = RunDesk(base.database, base.log, base.jobs, policies, book, threshold=_threshold(base))
    leaving = Leaving(base.database, base.destruction, hold_gate(), base.log, base.now)
    disposal = Disposal(base.log, book, judging, leaving)
    use = UseCases(
        events=Events(base.database, base.log, subjects, Vocabulary(KINDS, reads_as_personal)),
        desk=desk,
        reading=Reading(base.database, book, desk, base.jobs, base.now),
        policies=policies,
        jobs=base.jobs,
        mac_of=lambda tenant: base.keyring.of(tenant).idempotency,
    )
    watch = RetentionWatch(base.database, book, uses, base.now, base.registry)
    part = Part(
        blueprints=[RetentionApi(use).blueprint()],
        tables=[PROBLEMS],
        warns=watch.warnings(),
        tasks=[
            Planning(base.database, base.log, policies, judging, desk, base.now),
            Running(base.database, base.log, base.jobs, policies, disposal, base.now),
        ],
        transient=[LedgerError],
        timetables=[RetentionTimetable(book, uses, base.chosen.retention_hour)],
        sweeps=[PlanSweep(base.database).sweep],
    )
    return RetentionOf(use, part)


def _threshold(base: Foundation) -> Threshold:
    return Threshold(base.chosen.retention_uses, base.chosen.retention_percent)


@contextmanager
def opened_policies(*, data: Path | None, database: str | None) -> Iterator[PolicyHost]:
    """The retention policies of a deployment, for an operator on its host."""
    chosen = settings.load(data=data, database=database)
    opened, log = Database(chosen.database_url, pool_size=2), AuditLog()
    tenants = TenantDesk(opened, log)
    policies = Policies(opened, log, PolicyBook(), ToldPurposes(CatalogueSource(opened)), KEPT_KINDS, whole=WHOLE_KINDS)

    def tenant_of(name: str) -> int:
        tenant = tenants.number_of(name)
        if tenant is None:
            raise LookupError(name)
        return tenant

    def by() -> By:
        at = millis(utc_now())
        return By(Actor(ActorKind.OPERATOR), str(uuid7(at)), at)

    try:
        yield PolicyHost(policies=policies, tenant_of=tenant_of, by=by)
    finally:
        opened.dispose()
