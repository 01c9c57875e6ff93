"""A person's profile: fields that hold the present value of a kind, under a label where there are several.

A field is `kind` or `kind.label`. Writing merges: an omitted field stays, null takes one away, a changed value gets a new
record. The old record goes with its last use, so an order under way keeps the address that it was placed with.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from audit.entry import Action, Outcome, Reason
from database.columns import rfc3339
from database.transaction import Transaction
from vault import policy, store
from vault.access import Caller
from vault.disclosure import Decision, candidate_of
from vault.envelope import open_sealed
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.grouping import Grouping
from vault.identifier import KINDS, InvalidIdentifier, normal_form
from vault.issuing import issue
from vault.item import AtomicBatchError, ItemError, denied, failed
from vault.keyring import TenantKeys
from vault.means import Means
from vault.notes import HIDDEN, NOTE, shown_notes
from vault.opaque_id import reads_as_personal
from vault.policy import View
from vault.ports import Masker
from vault.recording import Recording, Stored, Value

FIELD = re.compile(r"[a-z][a-z_]{0,31}(\.[a-z0-9_]{1,32})?")


class MaskedField(NamedTuple):
    """A field as anybody who may see the profile sees it. `masked` is None where the decision refused it."""

    token: str
    masked: str | None
    updated_at: str
    refusal: Reason | None


class Profile(NamedTuple):
    subject: str
    type: str | None
    state: str
    fields: dict[str, MaskedField]


class Profiles:
    """The use cases behind `PUT` and `GET /v1/subjects/{subject}`."""

    def __init__(self, means: Means, recording: Recording, decision: Decision, masker: Masker) -> None:
        self._means = means
        self._recording = recording
        self._decision = decision
        self._mask = masker

    def put(
        self, caller: Caller, subject: str, fields: Mapping[str, str | None], *, type_: str | None, purpose: str
    ) -> dict[str, str]:
        """Merge the fields, all or none, and give the token of each field that was written.

        Raises:
            AtomicBatchError: a field cannot be stored; places follow the order of `fields`.
            SubjectErasedError: the person was erased.
            DeniedError: the person's data is frozen.
        """
        at = self._means.at()
        judged = [self._judge(caller, subject, field, value, purpose) for field, value in fields.items()]
        errors = [(place, one) for place, one in enumerate(judged) if isinstance(one, ItemError)]
        if errors:
            self._means.write(caller.tenant, lambda tx, keys: self._log_errors(tx, keys, caller, errors, at))
            raise AtomicBatchError(errors)
        values = [one for one in judged if isinstance(one, Value)]
        names = [field for field, value in fields.items() if value is not None]
        self._recording.read(values)

        def work(tx: Transaction, keys: TenantKeys) -> dict[str, str] | Reason:
            person = self._means.subjects.opened_for_writing(tx, keys, caller.tenant, [subject], at)[subject]
            if isinstance(person, Reason):
                grouping = Grouping()
                grouping.add(Outcome.DENIED if person is Reason.FROZEN else Outcome.FAILED, person, purpose=purpose)
                self._means.append(tx, caller, Action.SUBJECT_WRITE, at, grouping.groups(keys, caller.tenant))
                return person
            if type_ is not None:
                tx.run(store.SET_SUBJECT_TYPE, tenant=caller.tenant, subject=person.number, type=type_)
            recorded = self._recording.store(tx, keys, caller.tenant, values, at)
            stored = [one for one in recorded if isinstance(one, Stored)]
            written = dict(zip(names, stored, strict=True))
            merge_fields(tx, caller.tenant, person.number, fields=fields, written=written, purpose=purpose, at=at)
            grouping = Grouping()
            subjects, rows, _ = grouping.column(Outcome.DONE, purpose=purpose)
            subjects.extend([person.ref] * max(1, len(stored)))
            rows.extend(one.row for one in stored)
            self._means.append(tx, caller, Action.SUBJECT_WRITE, at, grouping.groups(keys, caller.tenant))
            return dict(zip(names, issue(keys, caller.tenant, stored), strict=True))

        written = self._means.write(caller.tenant, work)
        if written is Reason.INTEGRITY:
            self._means.damaged(1)
            raise NotFoundError
        if written is Reason.ERASED:
            raise SubjectErasedError
        if isinstance(written, Reason):
            raise DeniedError(written)
        return written

    def get(self, caller: Caller, subject: str, *, purpose: str) -> Profile:
        """The masked profile.

        Raises:
            NotFoundError: the vault knows no such person, or not any more.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> Profile | None:
            row = self._means.subjects.find(tx, keys, caller.tenant, subject)
            grouping = Grouping()
            profile = None
            if row is None:
                grouping.add(Outcome.FAILED, Reason.NOT_FOUND, purpose=purpose)
            else:
                found = self._fields(tx, keys, caller, row.number, grouping, purpose=purpose, at=at)
                profile = Profile(subject, row.type, row.state, found)
            self._means.append(tx, caller, Action.SUBJECT_READ, at, grouping.groups(keys, caller.tenant))
            return profile

        profile = self._means.write(caller.tenant, work)
        if profile is None:
            raise NotFoundError
        return profile

    def _fields(
        self,
        tx: Transaction,
        keys: TenantKeys,
        caller: Caller,
        number: int,
        grouping: Grouping,
        *,
        purpose: str,
        at: int,
    ) -> dict[str, MaskedField]:
        listed: dict[int, list[tuple[str, int]]] = {}
        for field, row, updated, _ in tx.all(store.FIELDS, tenant=caller.tenant, subject=number):
            listed.setdefault(row, []).append((field, updated))
        fetched = tx.all(store.RECORDS, rows=[(row,) for row in listed], tenant=caller.tenant) if listed else []
        candidates = [
            candidate_of(self._means.subjects, keys, caller.tenant, one, place=0, purpose=purpose, ref="", at=at)
            for one in fetched
        ]
        refusals = self._decision.refusals(tx, caller, candidates, View.MASKED, at, affordable=True)
        shown = shown_notes(tx, caller.tenant, [one.record.row for one in candidates if one.kind.name == NOTE])
        tokens = issue(keys, caller.tenant, [candidate.record for candidate in candidates])
        fields = {}
        for candidate, refusal, token in zip(candidates, refusals, tokens, strict=True):
            record, person, kind = candidate.record, candidate.subject, candidate.kind
            masked = None
            if refusal is None:
                opened = open_sealed(
                    person.dek, record.sealed, tenant=caller.tenant, subject=number, row=record.row, kind=kind.code
                )
                hidden = kind.name == NOTE and record.row not in shown
                masked = HIDDEN if hidden else self._mask(kind.name, opened.decode())
            outcome = Outcome.DONE if refusal is None else Outcome.DENIED
            subjects, rows, refs = grouping.column(outcome, refusal, purpose=purpose, kind=kind.name, view="masked")
            subjects.append(person.ref)
            rows.append(record.row)
            refs.append("")
            for field, updated in listed[record.row]:
                fields[field] = MaskedField(token, masked, rfc3339(updated), refusal)
        return dict(sorted(fields.items()))

    def _judge(
        self, caller: Caller, subject: str, field: str, value: str | None, purpose: str
    ) -> Value | ItemError | None:
        """A field to be written, None for one to be taken away."""
        kind = KINDS.get(field.partition(".")[0])
        if kind is None or not FIELD.fullmatch(field):
            return failed("unknown_kind")
        if fault := self._fault_of_form(caller, subject, field, purpose):
            return failed(fault)
        refusal = self._means.access.ruling(caller, policy.Action.SUBJECT_WRITE, kind, purpose=purpose, ref="")
        if refusal is not None:
            return denied(refusal, purpose=purpose, kind=kind.name)
        if value is None:
            return None
        try:
            return Value(subject, kind, value, normal_form(kind, value, region=caller.region), purpose, "")
        except InvalidIdentifier as invalid:
            return ItemError(invalid.code, invalid.detail)

    def _fault_of_form(self, caller: Caller, subject: str, field: str, purpose: str) -> str | None:
        """What is wrong with the caller's own words, of which the field's label is stored as it is."""
        if not self._means.access.knows(caller.tenant, purpose):
            return "unknown_purpose"
        if reads_as_personal(subject):
            return "subject_is_personal"
        return "field_is_personal" if reads_as_personal(field) else None

    def _log_errors(
        self, tx: Transaction, keys: TenantKeys, caller: Caller, errors: list[tuple[int, ItemError]], at: int
    ) -> None:
        grouping = Grouping()
        for _, error in errors:
            outcome = Outcome.DENIED if error.reason else Outcome.FAILED
            grouping.add(outcome, error.reason or Reason.INVALID, purpose=error.purpose, kind=error.kind)
        self._means.append(tx, caller, Action.SUBJECT_WRITE, at, grouping.groups(keys, caller.tenant))


def merge_fields(
    tx: Transaction,
    tenant: int,
    number: int,
    *,
    fields: Mapping[str, str | None],
    written: Mapping[str, Stored],
    purpose: str,
    at: int,
) -> None:
    """Point the fields at their new records, and let go of the old ones as far as no field holds them any more."""
    before = {field: (row, held) for field, row, _, held in tx.all(store.FIELDS, tenant=tenant, subject=number)}
    after = dict(before)
    for field in fields:
        if field in written:
            row = written[field].row
            after[field] = row, purpose
            if before.get(field) != after[field]:
                tx.run(store.PUT_FIELD, tenant=tenant, subject=number, field=field, record=row, purpose=purpose, at=at)
        elif after.pop(field, None) is not None:
            tx.run(store.DELETE_FIELD, tenant=tenant, subject=number, field=field)
    for row, held in set(before.values()) - set(after.values()):
        tx.run(store.DELETE_USE, tenant=tenant, record=row, purpose=held, ref="")
        remaining = tx.one(store.COUNT_USES, tenant=tenant, record=row)
        if remaining is None or remaining[0] == 0:
            tx.run(store.DELETE_RECORD, tenant=tenant, record=row)
