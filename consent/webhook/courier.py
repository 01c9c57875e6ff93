"""Carrying deliveries to one receiver, round by round.

A round takes the first waiting delivery of each of a few people, the urgent ones first, sends them at the same time, and notes in
one transaction what came of each. So the next event of a person leaves only after the one before it has arrived or is dead, while
people do not wait for each other. What was sent and not yet noted when the process died is sent again: at least once.

What a status means:
    2xx       delivered
    410       the receiver is gone: the subscription is paused and everything waits
    3xx       refused: nothing is followed
    others, or no answer   later again, with growing waits, and dead after the last attempt
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from consent.webhook import store
from consent.webhook.carriage import CARRIED_MS
from consent.webhook.delivery import Delivery
from consent.webhook.ports import Answered, Outside, People, Person, Seal, Sealed
from consent.webhook.signature import Secret, signed_headers
from consent.webhook.state import DeliveryState, Failure, WebhookState
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from work.backoff import ATTEMPTS_AT_MOST, delay_ms

AT_ONCE = 8
_GONE = 410


class Outcomes(NamedTuple):
    """What came of one attempt. `status` is None where no answer came; `asked_ms` is what a Retry-After asked for."""

    delivery: Delivery
    failure: Failure | None
    status: int | None = None
    asked_ms: int = 0


class _Load(NamedTuple):
    url: str
    secrets: Sequence[tuple[int, Sealed]]
    deliveries: Sequence[Delivery]


class Courier:
    """Carries what one subscription is to be told, while it is the subscription's carrier."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        outside: Outside,
        people: People,
        seal: Seal,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._outside = outside
        self._people = people
        self._seal = seal
        self._now = now

    def round(self, tenant: int, webhook: int, carrier: UUID) -> int | None:
        """Carry a round; tells how many attempts that were. None where it is not this carrier's, or not active."""
        at = millis(self._now())
        load = self._database.write(tenant, lambda tx: _load(tx, tenant, webhook, carrier, at))
        if load is None or not load.deliveries:
            return None if load is None else 0
        among = [
            Secret(self._seal.open(tenant, sealed, owner=webhook, row=version)) for version, sealed in load.secrets
        ]
        people = self._people.people(tenant, {one.subject for one in load.deliveries})
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
            sent = list(
                pool.map(lambda one: self._send(load.url, among, one, people.get(one.subject)), load.deliveries)
            )
        self._note(tenant, webhook, sent, people)
        return len(sent)

    def _send(self, url: str, among: Sequence[Secret], delivery: Delivery, person: Person | None) -> Outcomes:
        if person is None:
            return Outcomes(delivery, Failure.ERASED)
        body = delivery.body(person[0])
        headers = signed_headers(among, delivery.message_id, millis(self._now()) // 1000, body)
        try:
            answered = self._outside.post(url, headers, body)
        except PermissionError:
            return Outcomes(delivery, Failure.NOT_ALLOWED)
        except OSError:
            return Outcomes(delivery, Failure.NO_ANSWER)
        return Outcomes(delivery, _failure(answered.status), answered.status, _asked_ms(answered))

    def _note(self, tenant: int, webhook: int, sent: Sequence[Outcomes], people: Mapping[int, Person]) -> None:
        at = millis(self._now())

        def work(tx: Transaction) -> None:
            for one in sent:
                _note_one(tx, tenant, one, at)
            if any(one.failure is Failure.GONE for one in sent):
                tx.run(store.SET_STATE, tenant=tenant, id=webhook, state=WebhookState.GONE.value)
                self._append(tx, tenant, Action.WEBHOOK_GONE, [Group(Outcome.DONE, rows=[webhook])], at)
            if told := _groups(sent, people):
                self._append(tx, tenant, Action.WEBHOOK_DELIVER, told, at)

        self._database.write(tenant, work)

    def _append(self, tx: Transaction, tenant: int, action: Action, groups: Sequence[Group], at: int) -> None:
        self._log.append(tx, Act(action, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), groups))


def _load(tx: Transaction, tenant: int, webhook: int, carrier: UUID, at: int) -> _Load | None:
    """What the round carries; None where there is no active subscription that this carrier has."""
    if not tx.run(store.KEEP, tenant=tenant, id=webhook, carrier=carrier.bytes, until=at + CARRIED_MS):
        return None
    row = tx.one(store.WEBHOOK, tenant=tenant, id=webhook)
    if row is None:
        return None
    deliveries = [
        Delivery.of(found) for found in tx.all(store.HEADS, tenant=tenant, webhook=webhook, at=at, limit=AT_ONCE)
    ]
    among = [
        (version, (key, bytes(sealed)))
        for version, key, sealed in tx.all(store.SECRETS, tenant=tenant, webhook=webhook, at=at)
    ]
    return _Load(row[1], among, deliveries)


def _note_one(tx: Transaction, tenant: int, one: Outcomes, at: int) -> None:
    ended: DeliveryState | None = None
    if one.failure is None:
        ended = DeliveryState.DELIVERED
    elif one.failure is Failure.ERASED or one.delivery.attempts + 1 >= ATTEMPTS_AT_MOST:
        ended = DeliveryState.DEAD
    noted: dict[str, Any] = {"tenant": tenant, "id": one.delivery.id, "status": one.status, "error": one.failure}
    if ended is not None:
        tx.run(store.END_DELIVERY, state=ended.value, at=at, **noted)
    else:
        wait = delay_ms(one.delivery.attempts + 1, secrets.randbelow, asked_ms=one.asked_ms)
        tx.run(store.PUT_OFF_DELIVERY, next_at=at + wait, **noted)


def _groups(sent: Sequence[Outcomes], people: Mapping[int, Person]) -> list[Group]:
    """What the log says of a round: who was told of, and of whom telling failed."""
    groups = []
    for outcome, meets in ((Outcome.DONE, True), (Outcome.FAILED, False)):
        fared = [one for one in sent if (one.failure is None) is meets and one.delivery.subject in people]
        if fared:
            refs = [people[one.delivery.subject][1] for one in fared]
            groups.append(Group(outcome, subjects=refs, rows=[one.delivery.id for one in fared]))
    return groups


def _failure(status: int) -> Failure | None:
    if 200 <= status < 300:
        return None
    if status == _GONE:
        return Failure.GONE
    return Failure.REDIRECT if 300 <= status < 400 else Failure.STATUS


def _asked_ms(answered: Answered) -> int:
    """What a Retry-After in seconds (RFC 9110, section 10.2.3) asks for; a date is not read."""
    text = answered.headers.get("retry-after", "").strip()
    return int(text) * 1000 if text.isascii() and text.isdecimal() and len(text) < 7 else 0
