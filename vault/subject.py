"""Data subjects as the vault knows them: an internal number, a key of their own, and a secret that only it opens.

The sealed identity of a subject is

    32 octets subject secret | the platform's id of the person, ASCII

sealed under the DEK at row 0 and kind 0x0100. With the DEK both are gone: the pseudonym in the log loses its key and the
platform's id its last copy here.

**Fence.** The cache below saves an unwrap and nothing else. Which DEK and KEK version is live, and whether the subject is
active, every use case reads in its own transaction, in the row that `opened` is given.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from audit.entry import Reason, SubjectRef
from database.transaction import Row, Transaction
from vault import store
from vault.custody.roots import ACTIVE
from vault.envelope import Placed, open_sealed, seal_many, unwrap, wrap_many
from vault.errors import IntegrityError, KeysChangedError, KeyWornError
from vault.fingerprint import subject_fingerprint, subject_fingerprints, subject_ref
from vault.keyring import TenantKeys
from vault.keys import KEY_BYTES, DataKey, SubjectSecret
from vault.seal_count import SEALS_AT_MOST, WEIGHT, counted

DEK_USAGE = 1
IDENTITY_KIND = 0x0100
PSEUDONYM_EPOCH = 1
KEPT_OPEN = 65_536
KEPT_MS = 300_000


class SubjectState(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    ERASED = "erased"


class SubjectRow(NamedTuple):
    """A subject with its wrapped DEK, as the store reads them. `restricted` is 1 while there is any restriction of use."""

    fingerprint: bytes
    number: int
    state: str
    type: str | None
    sealed_identity: bytes
    dek_version: int
    kek: int
    wrapped: bytes
    restricted: int = 0


_DEK_VERSION = SubjectRow._fields.index("dek_version")
_SEALED_UNDER = len(SubjectRow._fields)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OpenSubject:
    """What a DEK opens: the key itself, the subject secret and the platform's id, with the pseudonym for the log. One that is
    `new` was made in the present transaction."""

    number: int
    dek_version: int
    kek: int
    dek: DataKey
    secret: SubjectSecret
    ref: SubjectRef
    platform_id: str
    new: bool = False


class SubjectDirectory:
    """Finds, makes and opens subjects. Opened ones are kept for a bounded time, in bounded number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._young: dict[tuple[int, int], OpenSubject] = {}
        self._old: dict[tuple[int, int], OpenSubject] = {}
        self._turned_at = 0

    def find(self, tx: Transaction, keys: TenantKeys, tenant: int, platform_id: str) -> SubjectRow | None:
        """The live subject with this id of the platform."""
        fingerprint = subject_fingerprint(keys.subject_index, tenant=tenant, subject=platform_id)
        rows = tx.all(store.SUBJECTS, rows=[(fingerprint,)], tenant=tenant)
        return SubjectRow(*rows[0]) if rows else None

    def opened(self, keys: TenantKeys, tenant: int, row: SubjectRow, at: int) -> OpenSubject:
        """The subject's key and secret, from the cache only if it holds exactly this row's DEK and KEK version.

        Raises:
            IntegrityError: the row was damaged or moved.
            KeysChangedError: the row's KEK is newer than the cached keyring.
        """
        if at - self._turned_at > KEPT_MS:
            self._turn(at)
        place = (tenant, row.number)
        found = self._young.get(place) or self._old.get(place)
        if found is None or found.dek_version != row.dek_version or found.kek != row.kek:
            found = _open(keys, tenant, row)
            self._keep(place, found, at)
        return found

    def opened_for_writing(
        self, tx: Transaction, keys: TenantKeys, tenant: int, platform_ids: Sequence[str], at: int
    ) -> dict[str, OpenSubject | Reason]:
        """Each subject opened, made where there was none; a reason for one that is frozen, erased or damaged, or whose key has
        sealed as much as it may.

        The rows stay locked against shredding and re-encryption until the transaction ends.

        Raises:
            KeysChangedError: somebody new would get a DEK under a KEK that is not the active one any more.
            KeyWornError: or under one that has wrapped as much as it may.
        """
        made = subject_fingerprints(keys.subject_index, tenant=tenant, subjects=platform_ids)
        fingerprints = dict(zip(made, platform_ids, strict=True))
        rows = [(fingerprint,) for fingerprint in fingerprints]
        found: dict[str, OpenSubject | Reason] = {}
        held = tx.all(store.SUBJECTS_TO_WRITE, rows=rows, tenant=tenant)
        if any(one[_SEALED_UNDER] != one[_DEK_VERSION] for one in held):
            # Who waited for the row of a person sees that as it is now, but the DEK as it was when the statement began.
            held = tx.all(store.SUBJECTS_TO_WRITE, rows=rows, tenant=tenant)
        for *values, sealed_under, seals in held:
            row = SubjectRow(*values)
            refusal = _refusal(row, sealed_under, seals)
            found[fingerprints[row.fingerprint]] = refusal or self._opened_or_damaged(keys, tenant, row, at)
        new = sorted(fingerprint for fingerprint, platform_id in fingerprints.items() if platform_id not in found)
        for subject in self._make(tx, keys, tenant, [(one, fingerprints[one]) for one in new], at) if new else ():
            found[subject.platform_id] = subject
        return found

    def _opened_or_damaged(self, keys: TenantKeys, tenant: int, row: SubjectRow, at: int) -> OpenSubject | Reason:
        try:
            return self.opened(keys, tenant, row, at)
        except IntegrityError:
            return Reason.INTEGRITY

    def forget(self, tenant: int, number: int) -> None:
        """Drop a destroyed key from this process. Others drop it at the fence, by version."""
        with self._lock:
            self._young.pop((tenant, number), None)
            self._old.pop((tenant, number), None)

    def forget_all(self) -> None:
        """Drop every key from this process."""
        with self._lock:
            self._young, self._old = {}, {}

    def _make(
        self, tx: Transaction, keys: TenantKeys, tenant: int, new: Sequence[tuple[bytes, str]], at: int
    ) -> list[OpenSubject]:
        kek_state = tx.later(store.KEK_STATE, tenant=tenant, kek=keys.kek.id)
        numbers = tx.reserve("subject", len(new))
        _count_wrapping(tx, tenant, keys.kek.id, len(new), kek_state())
        keys_of, secrets_of = DataKey.generate_many(len(new)), SubjectSecret.generate_many(len(new))
        identities: list[Placed] = [
            (dek, secret.expose() + platform_id.encode("ascii"), number, 0, IDENTITY_KIND)
            for number, dek, secret, (_, platform_id) in zip(numbers, keys_of, secrets_of, new, strict=True)
        ]
        wrapped = wrap_many(keys.kek, keys_of, numbers, tenant=tenant, version=1, usage=DEK_USAGE)
        active, kek = SubjectState.ACTIVE.value, keys.kek.id
        subjects = [
            (number, tenant, fingerprint, active, None, sealed, at)
            for number, (fingerprint, _), sealed in zip(numbers, new, seal_many(identities, tenant=tenant), strict=True)
        ]
        deks = [(tenant, number, 1, kek, octets, at) for number, octets in zip(numbers, wrapped, strict=True)]
        made = [
            OpenSubject(
                number, 1, kek, dek, secret, SubjectRef(subject_ref(secret, tenant, PSEUDONYM_EPOCH)), name, new=True
            )
            for number, dek, secret, (_, name) in zip(numbers, keys_of, secrets_of, new, strict=True)
        ]
        tx.put(store.INSERT_SUBJECTS, subjects)
        tx.put(store.INSERT_DEKS, deks)
        return made

    def _keep(self, place: tuple[int, int], subject: OpenSubject, at: int) -> None:
        self._young[place] = subject
        if len(self._young) >= KEPT_OPEN // 2:
            self._turn(at)

    def _turn(self, at: int) -> None:
        """Two generations bound both the number and the age of what is kept, without a clock per entry."""
        with self._lock:
            self._old, self._young, self._turned_at = self._young, {}, at


def _refusal(row: SubjectRow, sealed_under: int, seals: int) -> Reason | None:
    """Why nothing may be written for a person, whose rows are sealed under a version of the DEK that has sealed so often."""
    if row.state != SubjectState.ACTIVE:
        return Reason.ERASED if row.state == SubjectState.ERASED else Reason.FROZEN
    if row.dek_version != sealed_under:
        return Reason.INTEGRITY
    return Reason.KEY_WORN if seals >= SEALS_AT_MOST else None


def _count_wrapping(tx: Transaction, tenant: int, kek: int, count: int, found: Row | None) -> None:
    """Count that a KEK, in the state that was found, wraps `count` keys more, if it is the one to do so and may."""
    state, seals = found or (None, 0)
    if state != ACTIVE:
        raise KeysChangedError
    if seals >= SEALS_AT_MOST:
        raise KeyWornError
    for _ in counted(count):
        tx.run(store.COUNT_KEK_SEALS, tenant=tenant, kek=kek, count=WEIGHT)


def _open(keys: TenantKeys, tenant: int, row: SubjectRow) -> OpenSubject:
    kek = keys.keks.get(row.kek)
    if kek is None:
        raise KeysChangedError
    number = row.number
    dek = DataKey(unwrap(kek, row.wrapped, tenant=tenant, owner=number, version=row.dek_version, usage=DEK_USAGE))
    identity = open_sealed(dek, row.sealed_identity, tenant=tenant, subject=number, row=0, kind=IDENTITY_KIND)
    secret = SubjectSecret(identity[:KEY_BYTES])
    ref = SubjectRef(subject_ref(secret, tenant, PSEUDONYM_EPOCH))
    return OpenSubject(number, row.dek_version, row.kek, dek, secret, ref, identity[KEY_BYTES:].decode("ascii"))
