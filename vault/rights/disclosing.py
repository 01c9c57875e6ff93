"""Giving a person everything that the vault holds of them, decrypted piece by piece and stored nowhere.

    1. log       one entry for each kind, that the person's values leave; committed before any of them does
    2. page      up to 500 records by their numbers, opened in memory under the keys of this moment
    3. hand over the page, and forget it

The numbers of the records are read at the start, so that what is stored while the pages go out waits for another time, and what
is deleted meanwhile is simply not there any more. Memory is that of one page and of the numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from database.columns import rfc3339
from database.transaction import Row, Transaction
from vault import store as vault_store
from vault.destruction import ERASED
from vault.envelope import open_sealed
from vault.errors import IntegrityError, KeysUnavailableError, SubjectErasedError
from vault.identifier import KIND_BY_CODE
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number
from vault.ports import LogGate
from vault.rights import store
from vault.rights.inventory import ACCOUNT, ASSIGNMENT
from vault.rights.ports import Beside, Piece
from vault.subject import OpenSubject

AT_ONCE = 500
LOG_BEHIND = "audit_behind"


class _Begun(NamedTuple):
    """What is to go out: the account, the assignments, the numbers of the records by kind, and the labels of the profile."""

    account: Piece
    assignments: Sequence[Piece]
    records: Sequence[int]
    labels: Mapping[int, Sequence[str]]


class Disclosing:
    """The use case of the right to know and to have a copy (PIPL 45, GDPR 15 and 20). A person whose data is restricted or frozen
    has it, too."""

    def __init__(self, means: Means, log: LogGate, beside: Sequence[Beside] = ()) -> None:
        self._means = means
        self._log = log
        self._beside = beside

    def disclose(self, tenant: int, subject: int, request: UUID) -> Iterator[Piece]:
        """Everything that is held of the person with this internal number: the account, then kind by kind. `request` stands in
        the log. A record that does not open is told of without its value, and counted.

        Raises:
            SubjectErasedError: there is no such person, or not any more.
            KeysUnavailableError: no value may leave now; nothing was disclosed.
        """
        if self._log.behind():
            raise KeysUnavailableError(LOG_BEHIND)
        at = self._means.at()
        begun = self._means.write(tenant, partial(self._begin, tenant=tenant, subject=subject, request=request, at=at))
        return self._pieces(tenant, subject, begun)

    def _pieces(self, tenant: int, subject: int, begun: _Begun) -> Iterator[Piece]:
        yield begun.account
        for start in range(0, len(begun.records), AT_ONCE):
            numbers = begun.records[start : start + AT_ONCE]
            page = partial(self._page, tenant=tenant, subject=subject, numbers=numbers, labels=begun.labels)
            yield from self._means.keyring.using(tenant, page)
        yield from begun.assignments
        for holder in self._beside:
            yield from holder.pieces(tenant, subject)

    def _begin(self, tx: Transaction, keys: TenantKeys, *, tenant: int, subject: int, request: UUID, at: int) -> _Begun:
        row = tx.one(store.SUBJECT, tenant=tenant, subject=subject)
        person = opened_by_number(tx, self._means, keys, tenant, [subject], at).get(subject)
        if row is None or person is None or row[1] == ERASED:
            raise SubjectErasedError
        records = tx.all(store.RECORDS_OF, tenant=tenant, subject=subject)
        kinds = dict.fromkeys(KIND_BY_CODE[kind].name for _, kind in records)
        others = dict.fromkeys(one.use[0] for holder in self._beside for one in holder.held(tx, tenant, subject))
        groups = [Group(Outcome.DONE, kind=name, subjects=[person.ref]) for name in (ACCOUNT, *kinds, *others)]
        act = Act(Action.SUBJECT_DISCLOSE, Actor(ActorKind.SYSTEM), tenant, at, str(request), groups)
        self._means.log.append(tx, act)
        labels: dict[int, list[str]] = {}
        for field, record, _, _ in tx.all(vault_store.FIELDS, tenant=tenant, subject=subject):
            labels.setdefault(record, []).append(field)
        return _Begun(
            _account(person, row),
            [_assignment(one) for one in tx.all(store.ASSIGNMENTS_OF, tenant=tenant, subject=subject)],
            [number for number, _ in records],
            labels,
        )

    def _page(
        self,
        keys: TenantKeys,
        *,
        tenant: int,
        subject: int,
        numbers: Sequence[int],
        labels: Mapping[int, Sequence[str]],
    ) -> list[Piece]:
        asked, at = [(number,) for number in numbers], self._means.at()

        def work(tx: Transaction) -> tuple[OpenSubject | None, list[Row], list[Row]]:
            person = opened_by_number(tx, self._means, keys, tenant, [subject], at).get(subject)
            sealed = tx.all(store.SEALED, rows=asked, tenant=tenant, subject=subject)
            return person, sealed, tx.all(store.USES_OF_RECORDS, rows=asked, tenant=tenant)

        person, sealed, rows = self._means.database.read(tenant, work)
        if person is None:  # Erased while the pages went out.
            return []
        uses: dict[int, list[dict[str, str]]] = {}
        for record, purpose, ref, since in rows:
            uses.setdefault(record, []).append({"purpose": purpose, "ref": ref, "since": rfc3339(since)})
        return [
            (
                KIND_BY_CODE[row[1]].name,
                {
                    "value": self._opened(tenant, person, row),
                    "stored_at": rfc3339(row[3]),
                    "expires_at": None if row[4] is None else rfc3339(row[4]),
                    "fields": sorted(labels.get(row[0], ())),
                    "uses": uses.get(row[0], []),
                },
            )
            for row in sealed
        ]

    def _opened(self, tenant: int, person: OpenSubject, row: Row) -> str | None:
        record, kind, sealed = row[:3]
        try:
            octets = open_sealed(person.dek, bytes(sealed), tenant=tenant, subject=person.number, row=record, kind=kind)
        except IntegrityError:
            self._means.damaged(1)
            return None
        return octets.decode()


def _account(person: OpenSubject, row: Row) -> Piece:
    type_, state, created_at = row
    return ACCOUNT, {"id": person.platform_id, "type": type_, "state": state, "created_at": rfc3339(created_at)}


def _assignment(row: Row) -> Piece:
    ref, stage, updated_at = row
    return ASSIGNMENT, {"ref": ref, "stage": stage, "updated_at": rfc3339(updated_at)}
