"""Giving a person the record of what they have asked, with their words as long as these are kept."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.log import AuditLog
from database.columns import rfc3339
from database.engine import Database
from database.transaction import Transaction
from dsar.desk import store
from dsar.desk.record import Record
from dsar.desk.words import SealedWords
from dsar.right import Right

AT_ONCE = 200
COMPLAINT, REQUEST = "complaint", "request"

_AFTER_ALL = b"\xff" * 16


class RequestDisclosure:
    """The use case of the right to know, as far as requests and complaints go."""

    def __init__(self, database: Database, log: AuditLog, words: SealedWords) -> None:
        self._database = database
        self._log = log
        self._words = words

    def of(self, tenant: int, subject: int, request: uuid.UUID, at: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each request of the person with this number of the vault, the latest first, as `complaint` or `request`. Every page is
        in the log before it leaves, under the id of the request that it is for."""
        before = _AFTER_ALL
        while page := self._page(tenant, subject, request, before=before, at=at):
            for record in page:
                yield self._piece(record)
            before = page[-1].id.bytes

    def _page(self, tenant: int, subject: int, request: uuid.UUID, *, before: bytes, at: int) -> list[Record]:
        def work(tx: Transaction) -> list[Record]:
            rows = tx.all(store.REQUESTS_OF, tenant=tenant, subject=subject, before=before, limit=AT_ONCE)
            found = [Record.of(row) for row in rows]
            if found:
                group = Group(Outcome.DONE, refs=[record.request.ref for record in found])
                system = Actor(ActorKind.SYSTEM)
                self._log.append(tx, Act(Action.DSAR_READ, system, tenant, at, str(request), [group]))
            return found

        return self._database.write(tenant, work)

    def _piece(self, record: Record) -> tuple[str, Mapping[str, Any]]:
        words = self._words.of(record.tenant, record.id)
        fields = {
            "request": str(record.id),
            "right": record.right.value,
            "regime": record.regime,
            "channel": record.channel,
            "state": record.state.value,
            "received_at": rfc3339(record.received_at),
            "ended_at": None if record.ended_at is None else rfc3339(record.ended_at),
            "text": words.text,
            "corrections": dict(words.corrections),
        }
        return COMPLAINT if record.right is Right.COMPLAINT else REQUEST, fields
