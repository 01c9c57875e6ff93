"""Whom a call is put through to: people by the token of a number or by themselves, with the number opened for this one use.

Nobody is reached whose data may not be used: not who was erased or is frozen, nor under a restriction of all use or of that of
their number for calls. What is opened here goes to a switch; whoever asks writes that into the log in the same transaction.

The fingerprint by which a number is found again is

    HMAC-SHA256, cut to 16 octets   key: the tenant's of usage `relay_index`   "relay/v1"   u64 tenant | E.164, ASCII

A rotation of that key (`rotate_relay`) has two versions live until everybody who is bound is found by the newer one
(masking.relay.rekeying); a rotation of the root wraps both again like every other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Protocol, TypeVar

from audit.entry import ObjectRef, Reason, SubjectRef
from database.transaction import Transaction
from vault import issuing
from vault.dialling import store
from vault.disclosure import RECORD_COLUMNS, RecordRow
from vault.envelope import open_sealed
from vault.errors import IntegrityError, KeysChangedError
from vault.fingerprint import subject_fingerprints
from vault.identifier import KINDS, Sensitivity, normal_form
from vault.keyring import RELAY_INDEX, TenantKeys
from vault.keys import MacKey
from vault.means import Means
from vault.policy import View
from vault.ports import Reveal
from vault.pseudonym import object_ref
from vault.store import EPOCH
from vault.subject import SubjectRow, SubjectState
from vault.uses.restriction import stored_only

Answer = TypeVar("Answer")

PURPOSE = "relay_call"
"""What a number is used for here; starter purpose of the catalogue."""

_PHONE = KINDS["phone"]
_TENANT = Struct(">Q").pack
_LABEL = b"relay/v1"
_OCTETS = 16


class PartyName(Protocol):
    """Somebody as the platform names them: by the token of a phone number, or by a person whose profile has one."""

    @property
    def token(self) -> str | None: ...

    @property
    def subject(self) -> str | None: ...


@dataclass(frozen=True, slots=True, repr=False)
class Callee:
    """Somebody who can be called: the numbers of the person and of the record, the number in E.164, the pseudonym."""

    subject: int
    record: int
    number: str
    ref: SubjectRef


class Dialling:
    """Opens directories of people to be called. `region_of` tells the default region of a tenant."""

    def __init__(self, means: Means, region_of: Callable[[int], str]) -> None:
        self._means = means
        self._region_of = region_of

    def using(self, tenant: int, attempt: Callable[["DialDirectory"], Answer]) -> Answer:
        """What `attempt` returns; it runs again when the keys have moved on. The tenant's key of the relay is made when it is
        first needed, outside any transaction."""
        if not self._means.keyring.of(tenant).relay_index:
            self._means.keyring.mint(tenant, RELAY_INDEX, "", after=0)
        return self._means.keyring.using(tenant, lambda keys: attempt(self.directory(keys, tenant)))

    def directory(self, keys: TenantKeys, tenant: int) -> "DialDirectory":
        """The people of a tenant for somebody who holds its keys already."""
        return DialDirectory(self._means, keys, tenant, self._region_of(tenant))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DialDirectory:
    """The people of one tenant, under one reading of its keys."""

    means: Means
    keys: TenantKeys
    tenant: int
    region: str

    @property
    def mac(self) -> MacKey:
        """The tenant's key for fingerprints of repeated calls."""
        return self.keys.idempotency

    def fingerprint(self, number: str) -> bytes:
        """16 octets by which a number in E.164 is found again.

        Raises:
            KeysChangedError: the tenant's key of the relay is not at hand.
        """
        return self._digest(self.key_version, number)

    def older_fingerprints(self, number: str) -> list[bytes]:
        """Those by which it may still stand, under versions that are being given up."""
        return [self._digest(version, number) for version in sorted(self.keys.relay_index)[:-1]]

    @property
    def key_version(self) -> int:
        """The version by which numbers are found.

        Raises:
            KeysChangedError: the tenant's key of the relay is not at hand.
        """
        if not self.keys.relay_index:
            raise KeysChangedError
        return max(self.keys.relay_index)

    def _digest(self, version: int, number: str) -> bytes:
        key = self.keys.relay_index[version]
        return key.digest(_TENANT(self.tenant) + number.encode("ascii"), _OCTETS, label=_LABEL)

    def settled(self, tx: Transaction) -> None:
        """Make sure, in the caller's transaction, that these still are the tenant's keys. Raises KeysChangedError."""
        if tx.one(EPOCH, tenant=self.tenant) != (self.keys.epoch,):
            raise KeysChangedError

    def numbers_kept(self, tx: Transaction, wanted: Sequence[tuple[int, int]]) -> list[str | None]:
        """The numbers of people, by the numbers of each and of the record, whatever may be done with them now; None for what is
        not there any more. For nothing but to find them under another key of the relay."""
        records = sorted({record for _, record in wanted})
        rows = tx.all(store.RECORDS_TO_DIAL, rows=[(one,) for one in records], tenant=self.tenant) if records else []
        found: dict[tuple[int, int], str] = {}
        for row in rows:
            record, subject = RecordRow(*row[:RECORD_COLUMNS]), SubjectRow(*row[RECORD_COLUMNS:])
            opened = self._open(record, subject, 0) if record.kind == _PHONE.code else Reason.NOT_FOUND
            if isinstance(opened, Callee):
                found[opened.subject, opened.record] = opened.number
        return [found.get(one) for one in wanted]

    def order_ref(self, order: str) -> ObjectRef:
        """The pseudonym of an order."""
        return object_ref(self.keys.refs, tenant=self.tenant, ref=order)

    def people(self, tx: Transaction, names: Sequence[PartyName], at: int) -> list[Callee | Reason]:
        """Who can be called, in order; a reason for whoever is not known, erased, frozen or restricted, or has no number. The
        rows stay locked against erasure until the transaction ends."""
        by_token = self._records_of_tokens(tx, [one.token for one in names if one.token is not None])
        by_subject = self._records_of_subjects(tx, [one.subject for one in names if one.subject is not None])
        found = [
            by_token.get(one.token, 0) if one.token is not None else by_subject.get(one.subject or "", 0)
            for one in names
        ]
        opened = self._opened(tx, set(found), at)
        return [opened.get(one, Reason.NOT_FOUND) for one in found]

    def number_of(self, tx: Transaction, subject: int, record: int, at: int) -> Callee | Reason:
        """Somebody to be connected now, or why they cannot be. The row stays locked against erasure as in `people`."""
        return self.numbers_of(tx, [(subject, record)], at)[0]

    def numbers_of(self, tx: Transaction, wanted: Sequence[tuple[int, int]], at: int) -> list[Callee | Reason]:
        """The same of several people, by the vault's numbers of each and of the record, in order."""
        opened = self._opened(tx, {record for _, record in wanted}, at)
        found = [(subject, opened.get(record, Reason.NOT_FOUND)) for subject, record in wanted]
        return [
            Reason.NOT_FOUND if isinstance(one, Callee) and one.subject != subject else one for subject, one in found
        ]

    def _records_of_tokens(self, tx: Transaction, tokens: Sequence[str]) -> dict[str, int]:
        """The records of tokens of phone numbers."""
        named = dict(zip(tokens, issuing.read(self.keys, self.tenant, tokens), strict=True))
        unknown = [token for token, one in named.items() if one is None]
        if unknown:
            if tx.one(EPOCH, tenant=self.tenant) != (self.keys.epoch,):
                raise KeysChangedError  # see vault.detokenization
            named |= dict(zip(unknown, issuing.resolve(tx, self.keys, self.tenant, unknown), strict=True))
        return {token: one.row for token, one in named.items() if one is not None and one.kind == _PHONE.code}

    def _records_of_subjects(self, tx: Transaction, subjects: Sequence[str]) -> dict[str, int]:
        """The records of the phone numbers in profiles."""
        if not subjects:
            return {}
        made = subject_fingerprints(self.keys.subject_index, tenant=self.tenant, subjects=subjects)
        names = dict(zip(made, subjects, strict=True))
        rows = tx.all(store.PROFILE_RECORDS, rows=[(one,) for one in names], tenant=self.tenant, field=_PHONE.name)
        return {names[bytes(fingerprint)]: record for fingerprint, record in rows}

    def _opened(self, tx: Transaction, records: set[int], at: int) -> dict[int, Callee | Reason]:
        """Records that there are, each opened or with the reason why it is not. The people's rows stay locked, in one order, so
        that nobody waits in a circle."""
        if not records:
            return {}
        rows = tx.all(store.RECORDS_TO_DIAL, rows=[(one,) for one in sorted(records)], tenant=self.tenant)
        read = [(RecordRow(*row[:RECORD_COLUMNS]), SubjectRow(*row[RECORD_COLUMNS:])) for row in rows]
        found = {record.row: _unusable(record, subject, at) for record, subject in read}
        usable = [(record, subject) for record, subject in read if found[record.row] is None]
        refusals = dict(zip([record.row for record, _ in usable], self._refusals(tx, usable, at), strict=True))
        return {
            record.row: found[record.row] or refusals[record.row] or self._open(record, subject, at)
            for record, subject in read
        }

    def _refusals(
        self, tx: Transaction, usable: Sequence[tuple[RecordRow, SubjectRow]], at: int
    ) -> list[Reason | None]:
        """Why each number may not be used to call, by consent, restriction and the lag of the log."""
        restricted = [record.row for record, _ in usable if record.restricted]
        stored = stored_only(tx, self.tenant, [(record, PURPOSE, "") for record in restricted]) if restricted else []
        kept = {record for record, only in zip(restricted, stored, strict=True) if only}
        sensitive = _PHONE.sensitivity is Sensitivity.SENSITIVE
        reveals = [
            Reveal(subject.number, _PHONE.name, sensitive, PURPOSE, View.PLAIN.value, marked=bool(subject.restricted))
            for _, subject in usable
        ]
        refused = self.means.access.refusals(tx, reveals, at)
        return [
            Reason.RESTRICTED if record.row in kept else refusal
            for (record, _), refusal in zip(usable, refused, strict=True)
        ]

    def _open(self, record: RecordRow, subject: SubjectRow, at: int) -> Callee | Reason:
        try:
            person = self.means.subjects.opened(self.keys, self.tenant, subject, at)
            octets = open_sealed(
                person.dek, record.sealed, tenant=self.tenant, subject=person.number, row=record.row, kind=_PHONE.code
            )
        except IntegrityError:
            self.means.damaged(1)
            return Reason.INTEGRITY
        return Callee(person.number, record.row, normal_form(_PHONE, octets.decode(), region=self.region), person.ref)


def _unusable(record: RecordRow, subject: SubjectRow, at: int) -> Reason | None:
    """Why a record is nobody's number any more, whatever it is wanted for."""
    expired = record.expires_at is not None and record.expires_at <= at
    if expired or record.uses_left is not None or record.kind != _PHONE.code:
        return Reason.NOT_FOUND
    if subject.state != SubjectState.ACTIVE:
        return Reason.FROZEN if subject.state == SubjectState.FROZEN else Reason.ERASED
    return None
