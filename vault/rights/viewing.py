"""What a person sees of what is held of them: every value masked, with why it is kept; one of them plain when they ask for it.

    masked       read, and no entry: nothing leaves that anybody could use, to nobody but the person, whose session is in the log
    plain        one value, one entry, which is durable before the value leaves; refused while the log is behind

A value is named to its person by its token. Whoever holds a token can do nothing with it here but ask for a value of their own:
one of another person is not found.
"""

import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from database.transaction import Row, Transaction
from vault import store as vault_store
from vault.destruction import ERASED
from vault.envelope import open_sealed
from vault.errors import IntegrityError, KeysUnavailableError, NotFoundError
from vault.identifier import KIND_BY_CODE
from vault.issuing import issue
from vault.keyring import TenantKeys
from vault.means import Means
from vault.notes import HIDDEN, NOTE, shown_notes
from vault.people import opened_by_number
from vault.ports import LogGate, Masker
from vault.rights import store
from vault.subject import OpenSubject

SHOWN_AT_MOST = 200
"""Values of one person on one page; a copy of the data has all."""

PERSON = Actor(ActorKind.PERSON)


@dataclass(frozen=True, slots=True)
class OwnUse:
    """Why a value is kept: so many uses of one purpose, since the first of them. `ref` and `since` are those of the latest, which
    ends last; `restricted` is whether that one may only be stored. Times are in milliseconds since the epoch."""

    record: int
    subject: int
    kind: str
    purpose: str
    ref: str
    since: int
    restricted: bool
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class OwnValue:
    """One value. `masked` is None where it does not open; `fields` are its places in the profile. One that is `folded` was not
    looked at: it has neither a token nor a mask."""

    token: str
    kind: str
    masked: str | None = field(repr=False)
    since: int
    expires_at: int | None
    fields: tuple[str, ...]
    uses: tuple[OwnUse, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class OwnView:
    """All that is held, as the person sees it. `state` is that of the person's record; `more` is whether values are left out."""

    state: str
    since: int
    values: tuple[OwnValue, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Revealed:
    """One value as it was first submitted."""

    kind: str
    value: str = field(repr=False)


class _Record(NamedTuple):
    """A row of a record, as `OWN_RECORDS` has it."""

    row: int
    kind: int
    format: int
    token_version: int
    serial: int | None
    sealed: bytes
    created_at: int
    expires_at: int | None


class _Held(NamedTuple):
    """What is asked about one person, all of it together."""

    subject: Callable[[], Row | None]
    records: Callable[[], list[Row]]
    fields: Callable[[], list[Row]]
    uses: Callable[[], list[Row]]

    @classmethod
    def asked(cls, tx: Transaction, tenant: int, subject: int, at: int) -> Self:
        """Asked for with the next statement."""
        whose = {"tenant": tenant, "subject": subject}
        return cls(
            tx.later(store.SUBJECT, **whose),
            tx.later_all(store.OWN_RECORDS, rows=(), **whose, at=at, limit=SHOWN_AT_MOST + 1),
            tx.later_all(vault_store.FIELDS, rows=(), **whose),
            tx.later_all(store.OWN_USES, rows=(), **whose),
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which values are looked at."""

    each: int
    kind: str | None

    def of(self, records: Sequence[_Record], labels: Mapping[int, Sequence[str]]) -> list[_Record]:
        """Those among records that come kind by kind, the latest of each first."""
        left, shown = Counter[int](), []
        for one in records:
            if one.row in labels or left[one.kind] < self.each:
                shown.append(one)
                left[one.kind] += one.row not in labels
        return shown


class Viewing:
    """The use cases of a person who looks at their own data."""

    def __init__(self, means: Means, masker: Masker, log: LogGate) -> None:
        self._means = means
        self._mask = masker
        self._log = log

    def of(self, tenant: int, subject: int, *, each: int = SHOWN_AT_MOST, kind: str | None = None) -> OwnView:
        """What is held of the person with this internal number, masked: of each kind what their profile has, and the
        latest `each` of the rest; or of one `kind` alone.

        Raises:
            NotFoundError: there is no such person, or not any more.
        """
        at = self._means.at()

        def attempt(keys: TenantKeys) -> OwnView | None:
            return self._means.database.read(
                tenant, lambda tx: self._view(tx, keys, tenant, subject, at, _Wanted(each, kind))
            )

        found = self._means.keyring.using(tenant, attempt)
        if found is None:
            raise NotFoundError
        return found

    def reveal(self, tenant: int, subject: int, token: str, request: str) -> Revealed:
        """One value of the person, plain. `request` is the id of the call.

        Raises:
            NotFoundError: it is no value of this person, or does not open.
            KeysUnavailableError: no value may leave now.
        """
        if self._log.behind():
            raise KeysUnavailableError("audit_behind")
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> Revealed | None:
            person = opened_by_number(tx, self._means, keys, tenant, [subject], at).get(subject)
            records = self._records(tx, tenant, subject, at)
            record = _named(keys, tenant, records, token)
            opened = None if person is None or record is None else self._opened(tenant, person, record)
            refs = () if person is None else (person.ref,)
            group = Group(Outcome.FAILED, Reason.NOT_FOUND, view="plain", subjects=refs)
            if record is not None and opened is not None:
                kind = KIND_BY_CODE[record.kind].name
                group = Group(Outcome.DONE, kind=kind, view="plain", subjects=refs, rows=[record.row])
            self._means.log.append(tx, Act(Action.SUBJECT_READ, PERSON, tenant, at, request, [group]))
            return None if record is None or opened is None else Revealed(KIND_BY_CODE[record.kind].name, opened)

        revealed = self._means.write(tenant, work)
        if revealed is None:
            raise NotFoundError
        return revealed

    def _view(
        self, tx: Transaction, keys: TenantKeys, tenant: int, subject: int, at: int, wanted: "_Wanted"
    ) -> OwnView | None:
        held = _Held.asked(tx, tenant, subject, at)
        person = opened_by_number(tx, self._means, keys, tenant, [subject], at).get(subject)
        row = held.subject()
        if person is None or row is None or row[1] == ERASED:
            return None
        records = [_Record(*one) for one in held.records()]
        more, records = len(records) > SHOWN_AT_MOST, records[:SHOWN_AT_MOST]
        labels: dict[int, list[str]] = {}
        for name, record, _, _ in held.fields():
            labels.setdefault(record, []).append(name)
        records = [one for one in records if wanted.kind in {None, KIND_BY_CODE[one.kind].name}]
        uses = _uses(held.uses(), subject, records)
        shown = wanted.of(records, labels)
        tokens = {one.row: token for one, token in zip(shown, issue(keys, tenant, shown), strict=True)}
        notes = shown_notes(tx, tenant, [one.row for one in shown if KIND_BY_CODE[one.kind].name == NOTE])
        values = [
            OwnValue(
                tokens.get(one.row, ""),
                KIND_BY_CODE[one.kind].name,
                self._masked(tenant, person, one, shown=one.row in notes) if one.row in tokens else None,
                one.created_at,
                one.expires_at,
                tuple(sorted(labels.get(one.row, ()))),
                tuple(uses.get(one.row, ())),
                folded=one.row not in tokens,
            )
            for one in records
        ]
        return OwnView(str(row[1]), int(row[2]), tuple(values), more)

    def _records(self, tx: Transaction, tenant: int, subject: int, at: int) -> list[_Record]:
        limit = SHOWN_AT_MOST + 1
        return [_Record(*row) for row in tx.all(store.OWN_RECORDS, tenant=tenant, subject=subject, at=at, limit=limit)]

    def _masked(self, tenant: int, person: OpenSubject, record: _Record, *, shown: bool) -> str | None:
        opened = self._opened(tenant, person, record)
        kind = KIND_BY_CODE[record.kind].name
        if opened is None:
            return None
        return HIDDEN if kind == NOTE and not shown else self._mask(kind, opened)

    def _opened(self, tenant: int, person: OpenSubject, record: _Record) -> str | None:
        place = {"tenant": tenant, "subject": person.number, "row": record.row, "kind": record.kind}
        try:
            return open_sealed(person.dek, bytes(record.sealed), **place).decode()
        except IntegrityError:
            self._means.damaged(1)
            return None


def _named(keys: TenantKeys, tenant: int, records: Sequence[_Record], token: str) -> _Record | None:
    """The record among these that a token names; None where it names another, or nothing."""
    found = None
    for record, text in zip(records, issue(keys, tenant, records), strict=True):
        if hmac.compare_digest(text.encode(), token.encode("utf-8", "replace")):
            found = record
    return found


def _uses(rows: Sequence[Row], subject: int, records: Sequence[_Record]) -> dict[int, list[OwnUse]]:
    kinds = {one.row: KIND_BY_CODE[one.kind].name for one in records}
    found: dict[int, list[OwnUse]] = {}
    for record, purpose, ref, since, restricted_at, first, count in rows:
        if record in kinds:
            use = OwnUse(record, subject, kinds[record], purpose, ref, since, restricted_at is not None, first, count)
            found.setdefault(record, []).append(use)
    return found
