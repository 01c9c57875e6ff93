"""What a person says is right: taken sealed, kept no longer than the request.

A correction is sealed before the transaction that stores it and opened for the holders only. The row of the request, its history,
its jobs and the log know that there are corrections of so many fields, and no value.

    sealed = seal of {field: value} as JSON, in the place (owner: first 63 bits of the request's id, row: 1)
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.desk.requests import RequestDesk
from dsar.fulfilment import store
from dsar.fulfilment.errors import CorrectionRefusedError, NotFulfillableError
from dsar.fulfilment.ports import Corrections, Fields
from dsar.ports import Seal
from dsar.request import By, Request, RequestState
from dsar.right import Right

KEPT_MS = 400 * 86_400_000
"""Longer than any request is open: what is older belongs to one that ended without being carried out."""

_LATE = frozenset({RequestState.EXECUTING})


class CorrectionDesk:
    """Takes corrections, gives them to who carries them out, and forgets them."""

    def __init__(self, database: Database, log: AuditLog, desk: RequestDesk, seal: Seal, fields: Fields) -> None:
        self._database = database
        self._log = log
        self._desk = desk
        self._seal = seal
        self._fields = fields

    def submit(
        self, tenant: int, request: UUID, corrections: Corrections, by: By, *, allowed: Callable[[Request], bool]
    ) -> None:
        """Keep what the fields are to say; said again, it takes the place of what was said before. `allowed` tells whether who
        calls may act upon the request.

        Raises:
            RequestNotFoundError: there is no such request, or it is none of the caller's.
            NotFulfillableError: it is not a rectification that is still to be carried out.
            CorrectionRefusedError: a value does not fit its field. Nothing was kept.
        """
        for field, value in corrections.items():
            fault = self._fields.fault(tenant, field, value)
            if fault is not None:
                raise CorrectionRefusedError("*" if fault == "unknown_field" else field, fault)
        version, sealed = self._seal.seal(tenant, orjson.dumps(dict(corrections)), owner=_owner(request), row=1)

        def work(tx: Transaction) -> None:
            found = self._desk.to_change(tx, tenant, request).request
            if not allowed(found) or found.subject is None:
                raise NotFulfillableError
            if found.right is not Right.RECTIFICATION or found.ended or found.state in _LATE:
                raise NotFulfillableError
            kept: dict[str, Any] = {"version": version, "sealed": sealed, "at": by.at}
            tx.run(store.PUT_CORRECTION, tenant=tenant, request=request.bytes, subject=found.subject, **kept)
            group = Group(Outcome.DONE, refs=[found.ref] * len(corrections))
            self._log.append(tx, Act(Action.CORRECTION_SUBMIT, by.actor, tenant, by.at, by.call, [group]))

        self._database.write(tenant, work)

    def of(self, tenant: int, request: UUID) -> Corrections:
        """What the fields are to say by a request; nothing where nobody has said it."""
        row = self._database.read(tenant, lambda tx: tx.one(store.CORRECTION, tenant=tenant, request=request.bytes))
        if row is None:
            return {}
        opened: Corrections = orjson.loads(
            self._seal.open(tenant, (row[0], bytes(row[1])), owner=_owner(request), row=1)
        )
        return opened

    def sweep(self, at: int) -> None:
        """Forget what was never carried out."""
        self._database.write(None, lambda tx: tx.run(store.DELETE_OLD_CORRECTIONS, before=at - KEPT_MS))


def forget(tx: Transaction, tenant: int, request: UUID) -> None:
    """Let go of the corrections of a request."""
    tx.run(store.DELETE_CORRECTION, tenant=tenant, request=request.bytes)


class CorrectionErasure:
    """Lets go of the corrections of a person who is erased."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        tx.run(store.DELETE_CORRECTIONS_OF, tenant=tenant, subject=subject_number)


def _owner(request: UUID) -> int:
    return request.int >> 65
