"""What subscribers are to be told, written in the transaction of the change itself: it is told if and only if it happened."""

from collections.abc import Callable, Sequence
from typing import Any

from audit.event_id import uuid7
from consent.ports import ConsentChange
from consent.webhook import store
from consent.webhook.carriage import Carriage
from consent.webhook.change import URGENT, Topic, topic_of
from consent.webhook.state import DeliveryState
from database.transaction import Transaction

FIRST_RANK, LATER_RANK = 0, 1


class Outbox:
    """Listens to consents: the one way by which a change becomes a delivery. `nudge` has the jobs look now."""

    def __init__(self, carriage: Carriage, nudge: Callable[[], None]) -> None:
        self._carriage = carriage
        self._nudge = nudge

    def changed(self, tx: Transaction, tenant: int, changes: Sequence[ConsentChange], at: int) -> None:
        """Note each change for each subscription that asked for its topic.

        A withdrawal goes before everything else. What its person's subscribers have not yet been told of them goes with it, at
        once and before it, whatever wait an earlier failure had put on it.
        """
        told = [(change, topic) for change in changes if (topic := topic_of(change.state)) is not None]
        if not told:
            return
        subscriptions = [(number, frozenset(topics.split())) for number, topics in tx.all(store.TOPICS, tenant=tenant)]
        rows: list[tuple[Any, ...]] = [
            _row(tenant, webhook, change, topic, at)
            for change, topic in told
            for webhook, topics in subscriptions
            if topic in topics
        ]
        if rows:
            urgent = {change.subject for change, topic in told if topic in URGENT}
            tx.run(store.HASTEN, rows=[(subject,) for subject in urgent], tenant=tenant, at=at)
            tx.insert(store.INSERT_DELIVERIES, rows)
            self._carriage.begin(tx, tenant, {webhook for _, webhook, *_ in rows}, at)

    def committed(self) -> None:
        """Have what was noted delivered now."""
        self._nudge()


def _row(tenant: int, webhook: int, change: ConsentChange, topic: Topic, at: int) -> tuple[Any, ...]:
    return (
        tenant,
        webhook,
        uuid7(at).bytes,
        change.subject,
        change.event,
        topic.value,
        change.purpose,
        change.notice_version,
        change.epoch,
        change.at,
        DeliveryState.QUEUED.value,
        FIRST_RANK if topic in URGENT else LATER_RANK,
        0,
        at,
    )
