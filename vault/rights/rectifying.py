"""Putting right what is held of a person (PIPL 46, GDPR 16).

A correction names a field of the profile, or a kind. The field gets the new value; where the profile has no such field, every use
of the kind that is for no order moves to it. What was stored for an order keeps the value that the order was placed with: it is
what was true of that order. An old record goes with its last use.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from database.transaction import Transaction
from vault import store as vault_store
from vault.errors import DeniedError, SubjectErasedError
from vault.identifier import KINDS, InvalidIdentifier, Kind, normal_form
from vault.item import OPAQUE_FORMAT
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number
from vault.profile import FIELD, merge_fields
from vault.recording import Recording, Stored, Value
from vault.rights import store
from vault.subject import OpenSubject


class Correction(NamedTuple):
    """A field and what it is to say, read already."""

    field: str
    kind: Kind
    writing: str
    normal: str

    def value(self, platform_id: str, purpose: str, format_: int) -> Value:
        """As it is stored, for a purpose and no order."""
        return Value(platform_id, self.kind, self.writing, self.normal, purpose, "", format_)


class Rectifying:
    """The use case of the right to have data corrected."""

    def __init__(self, means: Means, recording: Recording) -> None:
        self._means = means
        self._recording = recording

    def read(self, corrections: Mapping[str, str], *, region: str) -> list[Correction]:
        """Corrections by field, as people of `region` write.

        Raises:
            InvalidIdentifier: a value does not fit its kind.
            LookupError: there is no such kind.
        """
        return [read_correction(field, value, region) for field, value in corrections.items()]

    def rectify(self, tenant: int, subject: int, corrections: list[Correction], request: UUID) -> tuple[int, int]:
        """Put all corrections in place or none; how many uses have changed, and when, in milliseconds since the epoch. Said
        twice, they change nothing the second time.

        Raises:
            SubjectErasedError: there is no such person, or not any more.
            DeniedError: the person's data is frozen.
        """
        at = self._means.at()
        asked: dict[str, Any] = {"tenant": tenant, "subject": subject, "request": request, "at": at}
        changed = self._means.write(tenant, partial(self._work, corrections=corrections, **asked))
        return changed, at

    def _work(
        self,
        tx: Transaction,
        keys: TenantKeys,
        *,
        corrections: list[Correction],
        tenant: int,
        subject: int,
        request: UUID,
        at: int,
    ) -> int:
        person = opened_by_number(tx, self._means, keys, tenant, [subject], at).get(subject)
        if person is None:
            raise SubjectErasedError
        groups = []
        for one in corrections:
            rows = self._correct(tx, keys, person, one, tenant=tenant, at=at)
            if rows:
                groups.append(
                    Group(Outcome.DONE, kind=one.kind.name, subjects=[person.ref] * len(rows), rows=sorted(rows))
                )
        act = Act(Action.SUBJECT_RECTIFY, Actor(ActorKind.SYSTEM), tenant, at, str(request), groups or [_NOTHING])
        self._means.log.append(tx, act)
        return sum(len(group.rows) for group in groups)

    def _correct(
        self, tx: Transaction, keys: TenantKeys, person: OpenSubject, one: Correction, *, tenant: int, at: int
    ) -> list[int]:
        """The record of each use that was moved to the new value."""
        fields = {
            field: (row, purpose)
            for field, row, _, purpose in tx.all(vault_store.FIELDS, tenant=tenant, subject=person.number)
        }
        if one.field in fields:
            moved = [(*fields[one.field], OPAQUE_FORMAT)]
        else:
            found = tx.all(store.UNREFERRED_USES, tenant=tenant, subject=person.number, kind=one.kind.code)
            moved = [
                (row, purpose, format_) for row, purpose, format_ in found if (row, purpose) not in fields.values()
            ]
        rows = []
        for old, purpose, format_ in moved:
            (stored,) = self._recording.store(tx, keys, tenant, [one.value(person.platform_id, purpose, format_)], at)
            if not isinstance(stored, Stored):
                raise SubjectErasedError if stored is Reason.ERASED else DeniedError(stored)
            if stored.row == old:
                continue
            rows.append(stored.row)
            if one.field in fields:
                written = {one.field: stored}
                merge_fields(
                    tx, tenant, person.number, fields=dict.fromkeys(written), written=written, purpose=purpose, at=at
                )
            else:
                _let_go(tx, tenant, old, purpose)
        return rows


_NOTHING = Group(Outcome.DONE, count=0)


def read_correction(field: str, value: str, region: str) -> Correction:
    """One of them. Raises what `Rectifying.read` does."""
    kind = KINDS.get(field.partition(".")[0])
    if kind is None or not FIELD.fullmatch(field):
        raise LookupError("unknown_kind")
    if len(value) > kind.max_length:
        raise InvalidIdentifier("too_long")
    return Correction(field, kind, value, normal_form(kind, value, region=region))


def _let_go(tx: Transaction, tenant: int, record: int, purpose: str) -> None:
    """End a use that is for no order, and the record with its last one."""
    tx.run(vault_store.DELETE_USE, tenant=tenant, record=record, purpose=purpose, ref="")
    remaining = tx.one(vault_store.COUNT_USES, tenant=tenant, record=record)
    if remaining is None or remaining[0] == 0:
        tx.run(vault_store.DELETE_RECORD, tenant=tenant, record=record)
