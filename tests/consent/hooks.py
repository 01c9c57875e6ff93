"""Webhooks over a test's database, with a receiver on the loopback and without the threads of a service."""

from collections.abc import Sequence
from uuid import UUID

import orjson

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.webhooks import Outward
from consent.ports import ConsentChange
from consent.webhook.carriage import KIND, Carriage
from consent.webhook.change import Topic
from consent.webhook.courier import Courier
from consent.webhook.dead_letter import DeliveryDesk
from consent.webhook.delivery import Delivery
from consent.webhook.outbox import Outbox
from consent.webhook.ports import Outside
from consent.webhook.signature import Secret
from consent.webhook.state import DeliveryState
from consent.webhook.subscription import By, Webhook, WebhookDesk
from database.columns import millis
from database.statement import Statement
from tests.support.receiver import Receiver
from tests.support.vault import TENANT, Vault, submitted
from vault.people import People
from vault.subject_lookup import SubjectLookup
from vault.tenant_seal import TenantSeal
from web.egress import Egress
from work.desk import JobDesk

_QUEUED = Statement(
    "SELECT params FROM job WHERE kind = :kind AND tenant = :tenant AND state = 'queued' ORDER BY created_at"
)
_DONE = Statement("UPDATE job SET state = 'done' WHERE kind = :kind AND tenant = :tenant")
_NUMBER = Statement("SELECT max(id) FROM subject WHERE tenant = :tenant")


class Hooks:
    """The use cases of webhooks of one process."""

    def __init__(
        self, vault: Vault, receiver: Receiver, *, timeout: float = 5.0, outside: Outside | None = None
    ) -> None:
        self.vault = vault
        self.receiver = receiver
        self.database, self.clock = vault.database, vault.clock
        jobs, log = JobDesk(self.database), AuditLog()
        outside = outside or Outward(Egress(allowed=[], internal=[receiver.origin], timeout_seconds=timeout))
        seal = TenantSeal(self.database, vault.roots, vault.keyring)
        self.carriage = Carriage(self.database, jobs)
        self.outbox = Outbox(self.carriage, lambda: None)
        self.courier = Courier(self.database, log, outside, People(vault.means), seal, self.clock)
        self.desk = WebhookDesk(
            self.database, log, outside, seal, self.carriage, lambda: None, subjects=SubjectLookup(vault.means)
        )
        self.deliveries = DeliveryDesk(self.database, log, self.carriage, lambda: None)
        self._event = 0
        self._staying: list[tuple[int, UUID]] = []

    def by(self) -> By:
        at = millis(self.clock())
        return By(Actor(ActorKind.OPERATOR), str(uuid7(at)), at)

    def subscribe(self, *topics: Topic, path: str = "/hook", tenant: int = TENANT) -> tuple[Webhook, Secret]:
        return self.desk.subscribe(tenant, self.receiver.origin + path, topics or tuple(Topic), self.by())

    def person(self, platform_id: str, *, tenant: int = TENANT) -> int:
        """The internal number of a new person."""
        self.vault.tokenize(submitted(subject=platform_id), caller=self.vault.caller(tenant=tenant))
        row = self.database.read(tenant, lambda tx: tx.one(_NUMBER, tenant=tenant))
        assert row is not None
        return int(row[0])

    def change(self, subject: int, *states: str, tenant: int = TENANT, purpose: str = "marketing_sms") -> None:
        """What consent does in its own transaction when a person says something."""
        at = millis(self.clock())
        changes = []
        for state in states:
            self._event += 1
            changes.append(ConsentChange(self._event, subject, purpose, state, self._event, at, None))
        self.database.write(tenant, lambda tx: self.outbox.changed(tx, tenant, changes, at))

    def jobs(self, *, tenant: int = TENANT) -> list[tuple[int, UUID]]:
        """The jobs that wait to be begun, as webhook and carrier; they are then under way."""
        rows = self.database.read(tenant, lambda tx: tx.all(_QUEUED, tenant=tenant, kind=KIND))
        self.database.write(tenant, lambda tx: tx.run(_DONE, tenant=tenant, kind=KIND))
        return [
            (int(found["webhook"]), UUID(found["carrier"])) for found in (orjson.loads(params) for (params,) in rows)
        ]

    def carry(self, *, tenant: int = TENANT) -> int:
        """Have every job carry all it can now, and leave if it may; tells how many attempts that were."""
        attempts = 0
        staying = []
        for webhook, carrier in [*self._staying, *self.jobs(tenant=tenant)]:
            while sent := self.courier.round(tenant, webhook, carrier):
                attempts += sent
            if sent is not None and not self.carriage.leave(tenant, webhook, carrier, millis(self.clock())):
                staying.append((webhook, carrier))
        self._staying = staying
        return attempts

    def die(self) -> None:
        """What a kill is to the jobs under way: nobody goes on with them."""
        self.jobs()
        self._staying = []

    def pending(self, webhook: Webhook, state: DeliveryState = DeliveryState.QUEUED) -> Sequence[Delivery]:
        return self.deliveries.page(TENANT, webhook.id, state, after=0, limit=200).items
