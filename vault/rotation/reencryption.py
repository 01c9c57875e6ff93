"""Rotating DEKs: a new one for a person, under which everything of the person is sealed anew.

All of a person moves in one transaction: the records, the inner keys (`vault.inner_keys`), the identity with the same subject
secret in it, and the DEK, whose version goes up by one. The transaction holds the person's row, which every writer holds too, so
a writer either is done before, and what it sealed moves along, or comes after and finds the new version. Whoever reads sees all
of it before or all of it after.

Several people share a transaction as long as they have few records. A person with very many has one alone, whose writers wait
for as long as it takes: some ten microseconds for each record, a second for a hundred thousand. Memory is bounded by a page of
records and the numbers of one person's.

A person of whom anything does not open stays under the old DEK, for what is lost with the key can never be mended; the others
are rotated, and then the job fails. `done` and `total` of the job are numbers of subjects.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from database.transaction import Transaction
from vault import store as vault_store
from vault.envelope import Placed, open_many, seal_many, unwrap, wrap_many
from vault.errors import IntegrityError, KeysChangedError
from vault.inner_keys.keeping import INNER_KIND
from vault.inner_keys.store import KEYS_OF, RESEAL_KEY
from vault.keyring import TenantKeys
from vault.keys import DataKey
from vault.means import Means
from vault.rotation import store
from vault.rotation.present import present_keys, require_present, tenant_of
from vault.subject import DEK_USAGE, IDENTITY_KIND
from work.job import Job, Progress
from work.pace import considerate, wait_after

PEOPLE_AT_ONCE = 100
BATCHES_A_STEP = 8
RECORDS_AT_ONCE = 2_000
"""Records of people who share a transaction, and of a page of one who has more."""


class Person(NamedTuple):
    """A person as stored, with the DEK as wrapped now. Times are in milliseconds since the epoch."""

    number: int
    sealed_identity: bytes
    version: int
    kek: int
    wrapped: bytes
    created_at: int


class _DamagedError(Exception):
    """Something of a person does not open."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class DekRotation:
    """The task of jobs of the kind `rotate_dek`."""

    kind = "rotate_dek"

    def __init__(self, means: Means) -> None:
        self._means = means

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - the job's own progress says where it is
        """Rotate the next people's DEKs, in the order of their numbers.

        Raises:
            IntegrityError: somebody's data does not open; everybody else's has been sealed anew.
        """
        keys = present_keys(self._means, job.tenant)
        after, moved, damaged = job.done, 0, set[int]()
        for _ in range(BATCHES_A_STEP):
            people = self._next(job, after)
            if not people:
                return self._finish(job)
            with considerate(self._means.database):
                done = self._rotate(job, keys, people, damaged)
            after, moved = done[-1], moved + len(done)
        row = self._means.database.read(job.tenant, lambda tx: tx.one(store.LAST_SUBJECT, tenant=job.tenant))
        return Progress(after, max(after, (row and row[0]) or 0), finished=False, wait_seconds=wait_after(job, moved))

    def abandon(self, job: Job) -> None:
        """Nothing to clear away: every person is whole under one DEK."""

    def _next(self, job: Job, after: int) -> list[int]:
        """The next people whose DEK is older than the job is to leave."""
        before, subject = job.params["before"], job.params.get("subject", 0)
        statement = store.OLD_DEK if subject else store.OLD_DEKS
        rows = self._means.database.read(
            job.tenant,
            lambda tx: tx.all(
                statement, tenant=job.tenant, subject=subject, after=after, before=before, limit=PEOPLE_AT_ONCE
            ),
        )
        return [number for (number,) in rows]

    def _rotate(self, job: Job, keys: TenantKeys, people: Sequence[int], damaged: set[int]) -> Sequence[int]:
        """Rotate the first of these people, as many as fit into one transaction; tells which were looked at."""
        while True:
            try:
                return self._means.database.write(
                    job.tenant, lambda tx: _reseal(tx, keys, people, damaged, job.params["before"], self._means.at())
                )
            except _DamagedError as found:
                damaged.add(found.number)
                self._means.damaged(1)

    def _finish(self, job: Job) -> Progress:
        if self._next(job, 0):
            raise IntegrityError
        total = max(job.total, 1)
        return Progress(total, total, finished=True)


def _reseal(
    tx: Transaction, keys: TenantKeys, people: Sequence[int], damaged: set[int], before: int, at: int
) -> Sequence[int]:
    tenant = tenant_of(tx)
    require_present(tx, tenant, keys)
    tx.all(store.HOLD_PEOPLE, rows=[(number,) for number in people], tenant=tenant)
    listed, looked_at = _records(tx, tenant, people)
    found = [Person(*row) for row in tx.all(store.PEOPLE, rows=[(number,) for number in looked_at], tenant=tenant)]
    old = [one for one in found if one.created_at < before and one.number not in damaged]
    if not old:
        return looked_at
    opened = _opened(keys, tenant, old)
    fresh = dict(zip(opened, DataKey.generate_many(len(old)), strict=True))
    rows = [row for row in listed if row[0] in fresh]
    for start in range(0, len(rows), RECORDS_AT_ONCE):
        _reseal_records(tx, tenant, rows[start : start + RECORDS_AT_ONCE], opened, fresh)
    _reseal_people(tx, tenant, old, opened, fresh)
    seals = Counter(subject for subject, _ in rows) + _reseal_inner_keys(tx, tenant, opened, fresh)
    _keep(tx, keys, [(one, fresh[one.number], 1 + seals[one.number]) for one in old], max(at, before))
    return looked_at


def _records(tx: Transaction, tenant: int, people: Sequence[int]) -> tuple[list[tuple[int, int]], list[int]]:
    """(person, record) of the first of these people, as many as have few enough records together, and who they are."""
    of_person: dict[int, list[tuple[int, int]]] = {number: [] for number in people}
    for number, row in tx.all(store.RECORD_NUMBERS, rows=[(number,) for number in people], tenant=tenant):
        of_person[number].append((number, row))
    listed: list[tuple[int, int]] = []
    looked_at: list[int] = []
    for number, rows in of_person.items():
        if looked_at and len(listed) + len(rows) > RECORDS_AT_ONCE:
            break
        looked_at.append(number)
        listed += rows
    return listed, looked_at


def _opened(keys: TenantKeys, tenant: int, people: Iterable[Person]) -> dict[int, DataKey]:
    opened = {}
    for one in people:
        kek = keys.keks.get(one.kek)
        if kek is None:
            raise KeysChangedError
        try:
            octets = unwrap(
                kek, bytes(one.wrapped), tenant=tenant, owner=one.number, version=one.version, usage=DEK_USAGE
            )
        except IntegrityError:
            raise _DamagedError(one.number) from None
        opened[one.number] = DataKey(octets)
    return opened


def _resealed(tenant: int, items: Sequence[Placed], fresh: dict[int, DataKey]) -> list[bytes]:
    """Sealed values, each opened with its key and sealed in the same place with the person's fresh one."""
    again: list[Placed] = []
    for (_, _, subject, row, kind), plain in zip(items, open_many(items, tenant=tenant), strict=True):
        if plain is None:
            raise _DamagedError(subject)
        again.append((fresh[subject], plain, subject, row, kind))
    return seal_many(again, tenant=tenant)


def _reseal_records(
    tx: Transaction,
    tenant: int,
    page: Sequence[tuple[int, int]],
    opened: dict[int, DataKey],
    fresh: dict[int, DataKey],
) -> None:
    rows = tx.all(store.SEALED_RECORDS, rows=[(row,) for _, row in page], tenant=tenant)
    items: list[Placed] = [(opened[subject], bytes(sealed), subject, row, kind) for row, subject, kind, sealed in rows]
    sealed = _resealed(tenant, items, fresh)
    again = [{"tenant": tenant, "id": row[0], "sealed": octets} for row, octets in zip(rows, sealed, strict=True)]
    tx.run_each(store.RESEAL_RECORD, again)


def _reseal_inner_keys(
    tx: Transaction, tenant: int, opened: dict[int, DataKey], fresh: dict[int, DataKey]
) -> Counter[int]:
    """Seal the inner keys of people anew, and count them; what these opened stays as it is."""
    rows = tx.all(KEYS_OF, rows=[(number,) for number in fresh], tenant=tenant)
    items: list[Placed] = [
        (opened[subject], bytes(sealed), subject, number, INNER_KIND) for number, subject, sealed in rows
    ]
    sealed = _resealed(tenant, items, fresh)
    again = [{"tenant": tenant, "id": row[0], "sealed": octets} for row, octets in zip(rows, sealed, strict=True)]
    tx.run_each(RESEAL_KEY, again)
    return Counter(subject for _, subject, _ in rows)


def _reseal_people(
    tx: Transaction, tenant: int, people: Sequence[Person], opened: dict[int, DataKey], fresh: dict[int, DataKey]
) -> None:
    items: list[Placed] = [
        (opened[one.number], bytes(one.sealed_identity), one.number, 0, IDENTITY_KIND) for one in people
    ]
    sealed = _resealed(tenant, items, fresh)
    again = [
        {"tenant": tenant, "subject": one.number, "sealed": octets, "version": one.version + 1}
        for one, octets in zip(people, sealed, strict=True)
    ]
    tx.run_each(store.RESEAL_PERSON, again)


def _keep(tx: Transaction, keys: TenantKeys, people: Sequence[tuple[Person, DataKey, int]], at: int) -> None:
    """Wrap the people's fresh DEKs in the place of the old ones; with each goes how often it has sealed."""
    tenant = tenant_of(tx)
    held = {"tenant": tenant, "kek": keys.kek.id, "at": at}
    rows = []
    for (number, _, was, *_), dek, seals in people:
        version = was + 1
        [wrapped] = wrap_many(keys.kek, [dek], [number], tenant=tenant, version=version, usage=DEK_USAGE)
        rows.append({**held, "subject": number, "was": was, "version": version, "wrapped": wrapped, "seals": seals})
    tx.run_each(store.REPLACE_DEK, rows)
    tx.run(vault_store.COUNT_KEK_SEALS, tenant=tenant, kek=keys.kek.id, count=len(rows))
