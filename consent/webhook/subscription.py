"""Subscriptions: making, listing, changing the secret, pausing and ending them."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from audit.entry import Act, Action, Actor, Group, Outcome
from audit.log import AuditLog
from consent.ports import SubjectDirectory, Subjects
from consent.webhook import store
from consent.webhook.carriage import Carriage
from consent.webhook.change import Topic
from consent.webhook.errors import OriginRefusedError, TooManyWebhooksError, WebhookNotFoundError
from consent.webhook.ports import Outside, Seal, Sealed
from consent.webhook.signature import Secret
from consent.webhook.state import WebhookState
from database.engine import Database
from database.transaction import Row, Transaction
from work.replay import Replay

SUBSCRIPTIONS_AT_MOST = 20
URL = re.compile(r"https?://[^\s?#@]{1,400}", re.ASCII)
"""An address without a name, a password or a query: it is stored and listed as it is."""


class Webhook(NamedTuple):
    """A subscription without its secret. `created_at` is in milliseconds since the epoch."""

    id: int
    url: str
    topics: tuple[Topic, ...]
    state: WebhookState
    created_at: int

    @classmethod
    def of(cls, row: Row | None) -> "Webhook":
        """The subscription of a row. Raises WebhookNotFoundError where there is none."""
        if row is None:
            raise WebhookNotFoundError
        number, url, topics, state, created_at = row
        return cls(number, url, tuple(map(Topic, topics.split())), WebhookState(state), created_at)


class By(NamedTuple):
    """Who acts, in which request, and when."""

    actor: Actor
    request: str
    at: int


class WebhookDesk:
    """The use cases around subscriptions. `nudge` is told, after a commit, that there may be something to deliver."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        outside: Outside,
        seal: Seal,
        carriage: Carriage,
        nudge: Callable[[], None],
        *,
        subjects: Subjects,
    ) -> None:
        self._database = database
        self._log = log
        self._outside = outside
        self._seal = seal
        self._carriage = carriage
        self._nudge = nudge
        self._subjects = subjects

    def subscribe(
        self, tenant: int, url: str, topics: Collection[Topic], by: By, replay: Replay | None = None
    ) -> tuple[Webhook, Secret]:
        """Make a subscription, with the secret that signs its deliveries. Nobody is shown that again, but for who repeats the
        same call by its `replay`, because the first answer was lost.

        Raises:
            OriginRefusedError: the operator does not allow calls to this origin.
            TooManyWebhooksError: the tenant has twenty.
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        if not URL.fullmatch(url) or not self._outside.allows(url):
            raise OriginRefusedError
        number = self._database.write(tenant, lambda tx: tx.reserve("webhook", 1)[0])
        secret = Secret.generate()
        sealed = self._seal.seal(tenant, secret.expose(), owner=number, row=1)
        listed = tuple(topic for topic in Topic if topic in topics)
        made = Webhook(number, url, listed, WebhookState.ACTIVE, by.at)

        def attempt(directory: SubjectDirectory) -> int:
            def work(tx: Transaction) -> int:
                earlier = None if replay is None else replay.earlier(tx, directory.mac, by.at)
                if earlier is not None:
                    return int(earlier[0])
                self._insert(tx, tenant, made, sealed, by)
                if replay is not None:
                    replay.keep(tx, directory.mac, [number], by.at)
                return number

            return self._database.write(tenant, work)

        first = self._subjects.using(tenant, attempt)
        return (made, secret) if first == number else (self.get(tenant, first), self._secret(tenant, first))

    def _insert(self, tx: Transaction, tenant: int, made: Webhook, sealed: Sealed, by: By) -> None:
        counted = tx.one(store.COUNT_WEBHOOKS, tenant=tenant)
        if counted is not None and counted[0] >= SUBSCRIPTIONS_AT_MOST:
            raise TooManyWebhooksError
        row = (made.id, tenant, made.url, " ".join(made.topics), made.state.value, None, 0, by.at)
        tx.insert(store.INSERT_WEBHOOKS, [row])
        tx.insert(store.INSERT_SECRETS, [(tenant, made.id, 1, *sealed, None)])
        self._record(tx, tenant, Action.WEBHOOK_CREATE, made.id, by)

    def _secret(self, tenant: int, number: int) -> Secret:
        """The present secret of a subscription."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.SECRETS, tenant=tenant, webhook=number, at=0))
        version, key, sealed = rows[0]
        return Secret(self._seal.open(tenant, (key, bytes(sealed)), owner=number, row=version))

    def page(self, tenant: int, *, after: int, limit: int) -> Sequence[Webhook]:
        """Subscriptions of the tenant in the order in which they were made."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.WEBHOOKS, tenant=tenant, after=after, limit=limit))
        return [Webhook.of(row) for row in rows]

    def get(self, tenant: int, number: int) -> Webhook:
        """One subscription. Raises WebhookNotFoundError."""
        return Webhook.of(self._database.read(tenant, lambda tx: tx.one(store.WEBHOOK, tenant=tenant, id=number)))

    def renew_secret(self, tenant: int, number: int, overlap_ms: int, by: By) -> Secret:
        """Give the subscription a new secret. Until `overlap_ms` have passed deliveries bear a signature of the old one, too.

        Raises:
            WebhookNotFoundError: there is no such subscription.
        """
        secret = Secret.generate()
        latest = self._database.read(tenant, lambda tx: _latest_secret(tx, tenant, number))
        sealed = self._seal.seal(tenant, secret.expose(), owner=number, row=latest + 1)

        def work(tx: Transaction) -> None:
            self._to_change(tx, tenant, number)
            tx.run(store.EXPIRE_SECRETS, tenant=tenant, webhook=number, expires_at=by.at + overlap_ms)
            tx.run(store.DELETE_EXPIRED_SECRETS, tenant=tenant, webhook=number, at=by.at)
            row = (tenant, number, latest + 1, *sealed, None)
            tx.insert(store.INSERT_SECRETS, [row])
            self._record(tx, tenant, Action.WEBHOOK_ROTATE, number, by)

        self._database.write(tenant, work)
        return secret

    def pause(self, tenant: int, number: int, by: By) -> Webhook:
        """Deliver nothing until `resume`; what happens meanwhile waits. Raises WebhookNotFoundError."""
        return self._set_state(tenant, number, WebhookState.PAUSED, Action.WEBHOOK_PAUSE, by)

    def resume(self, tenant: int, number: int, by: By) -> Webhook:
        """Deliver again, what waits first. Raises WebhookNotFoundError."""
        resumed = self._set_state(tenant, number, WebhookState.ACTIVE, Action.WEBHOOK_RESUME, by)
        self._nudge()
        return resumed

    def end(self, tenant: int, number: int, by: By) -> None:
        """End the subscription with its secrets and everything it was to be told. Raises WebhookNotFoundError."""

        def work(tx: Transaction) -> None:
            self._to_change(tx, tenant, number)
            tx.run(store.DELETE_WEBHOOK, tenant=tenant, id=number)
            self._record(tx, tenant, Action.WEBHOOK_DELETE, number, by)

        self._database.write(tenant, work)

    def _set_state(self, tenant: int, number: int, state: WebhookState, action: Action, by: By) -> Webhook:
        def work(tx: Transaction) -> Webhook:
            found = self._to_change(tx, tenant, number)
            tx.run(store.SET_STATE, tenant=tenant, id=number, state=state.value)
            tx.run(store.FREE, tenant=tenant, id=number)
            if state is WebhookState.ACTIVE:
                self._carriage.begin(tx, tenant, [number], by.at)
            self._record(tx, tenant, action, number, by)
            return found._replace(state=state)

        return self._database.write(tenant, work)

    def _to_change(self, tx: Transaction, tenant: int, number: int) -> Webhook:
        return Webhook.of(tx.one(store.WEBHOOK_TO_CHANGE, tenant=tenant, id=number))

    def _record(self, tx: Transaction, tenant: int, action: Action, number: int, by: By) -> None:
        group = Group(Outcome.DONE, rows=[number])
        self._log.append(tx, Act(action, by.actor, tenant, by.at, by.request, [group]))


def _latest_secret(tx: Transaction, tenant: int, number: int) -> int:
    row = tx.one(store.LATEST_SECRET, tenant=tenant, webhook=number)
    if row is None:
        raise WebhookNotFoundError
    return int(row[0])
