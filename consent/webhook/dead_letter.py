"""Deliveries as they stand, and the ones that nobody took: looking at them, and having them tried again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from consent.webhook import store
from consent.webhook.carriage import Carriage
from consent.webhook.delivery import Delivery
from consent.webhook.state import DeliveryState
from consent.webhook.subscription import By, Webhook
from database.engine import Database
from database.transaction import Transaction

REPLAYED_AT_MOST = 1_000


class Deliveries(NamedTuple):
    """A page of deliveries in one state, and how many there are in each."""

    items: Sequence[Delivery]
    counts: Mapping[str, int]


class DeliveryDesk:
    """The use cases around deliveries. `nudge` is told, after a commit, that there may be something to deliver."""

    def __init__(self, database: Database, log: AuditLog, carriage: Carriage, nudge: Callable[[], None]) -> None:
        self._database = database
        self._log = log
        self._carriage = carriage
        self._nudge = nudge

    def page(self, tenant: int, webhook: int, state: DeliveryState, *, after: int, limit: int) -> Deliveries:
        """Deliveries of a subscription in the order of what happened. Raises WebhookNotFoundError."""

        def work(tx: Transaction) -> Deliveries:
            Webhook.of(tx.one(store.WEBHOOK, tenant=tenant, id=webhook))
            rows = tx.all(store.DELIVERIES, tenant=tenant, webhook=webhook, state=state.value, after=after, limit=limit)
            counted = {
                name: int(count) for name, count in tx.all(store.COUNT_DELIVERIES, tenant=tenant, webhook=webhook)
            }
            return Deliveries([Delivery.of(row) for row in rows], counted)

        return self._database.read(tenant, work)

    def replay(self, tenant: int, webhook: int, numbers: Sequence[int] | None, by: By) -> int:
        """Have dead deliveries tried again under the ids they had: these, or without any named up to 1,000, the oldest first.
        Tells how many that were; one that is not dead is left alone.

        Raises:
            WebhookNotFoundError: there is no such subscription.
        """

        def work(tx: Transaction) -> int:
            Webhook.of(tx.one(store.WEBHOOK_TO_CHANGE, tenant=tenant, id=webhook))
            place: dict[str, Any] = {"tenant": tenant, "webhook": webhook}
            dead = (
                [row[0] for row in tx.all(store.DEAD, limit=REPLAYED_AT_MOST, **place)] if numbers is None else numbers
            )
            replayed = [
                number for number in sorted(set(dead)) if tx.run(store.REPLAY_DELIVERY, id=number, at=by.at, **place)
            ]
            self._carriage.begin(tx, tenant, [webhook], by.at)
            group = Group(Outcome.DONE, rows=[webhook]) if not replayed else Group(Outcome.DONE, rows=replayed)
            self._log.append(tx, Act(Action.WEBHOOK_REPLAY, by.actor, tenant, by.at, by.request, [group]))
            return len(replayed)

        replayed = self._database.write(tenant, work)
        self._nudge()
        return replayed

    def forget(self, at: int) -> None:
        """Remove what was delivered a week ago and what has been dead for thirty days."""

        def work(tx: Transaction) -> None:
            tx.run(store.FORGET_DELIVERED, before=at - DELIVERED_KEPT_MS)
            tx.run(store.FORGET_DEAD, before=at - DEAD_KEPT_MS)

        self._database.write(None, work)


_DAY_MS = 24 * 3_600_000
DELIVERED_KEPT_MS = 7 * _DAY_MS
DEAD_KEPT_MS = 30 * _DAY_MS
