"""Turning the search epoch: new keys for every searchable kind, under which every stable record is found from then on.

    step 0     the new keys; from its commit on writers index under old and new, and searches ask for both
    step 1     whoever writes or searches with the old keys alone is waited for: what comes later is indexed under both
    steps 2 …  the records of before in the order of their numbers: each opened, and indexed under the new key of its kind
    then       the old rows whose record has a new one are deleted, a thousand at a time
    the last   the old keys are destroyed with the rows that writers have made meanwhile, and no row of them is left

Nothing can be lost with the old keys, so that their end takes no second person: it is part of turning the epoch. Where a record
does not open, its old row stays, and the job fails with both epochs live. A value that its kind refuses today is not indexed
anew: nobody can search for it either. `done` and `total` are numbers of records.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from database.engine import ConflictError
from database.transaction import Transaction
from vault.envelope import open_sealed, unwrap
from vault.errors import IntegrityError, KeyInUseError
from vault.fingerprint import search_fingerprint
from vault.identifier import KIND_BY_CODE, KINDS, InvalidIdentifier, Kind, normal_form
from vault.keyring import SEARCH, TenantKeys
from vault.keys import DataKey
from vault.means import Means
from vault.rotation import store
from vault.rotation.ending import Ending
from vault.rotation.minting import KeyName, Minting
from vault.rotation.present import present_keys, require_present, tenant_of
from vault.rotation.settling import settle
from vault.subject import DEK_USAGE, SubjectRow
from work.job import Job, Progress
from work.pace import considerate, wait_after

RECORDS_AT_ONCE = 200
BATCHES_A_STEP = 10
ROWS_AT_ONCE = 1_000

_FIRST = (b"", 0)
"""Before every row of an epoch."""


class SearchRotation:
    """The task of jobs of the kind `rotate_index`. `region_of` tells the default region of a tenant."""

    kind = "rotate_index"

    def __init__(self, means: Means, minting: Minting, ending: Ending, region_of: Callable[[int], str]) -> None:
        self._means = means
        self._minting = minting
        self._ending = ending
        self._region_of = region_of

    def step(self, job: Job, number: int) -> Progress:
        """Do step `number`.

        Raises:
            IntegrityError: a record does not open; the others are indexed under the new keys.
        """
        if number == 0:
            self._minting.succeed(job.tenant, [KeyName(*one) for one in job.params["after"]])
            return Progress(0, self._last(job.tenant), finished=False)
        if number == 1:
            settle(self._means.database)
            return Progress(0, self._last(job.tenant), finished=False)
        keys, region = present_keys(self._means, job.tenant), self._region_of(job.tenant)
        after, indexed = job.done, 0
        for _ in range(BATCHES_A_STEP):
            work = partial(self._index, keys=keys, region=region, after=after, upto=job.total)
            with considerate(self._means.database):
                last, made = self._means.database.write(job.tenant, work)
            if last is None:
                return self._turn(job, after)
            after, indexed = last, indexed + made
        return Progress(after, job.total, finished=False, wait_seconds=wait_after(job, indexed))

    def abandon(self, job: Job) -> None:
        """Nothing to clear away: both epochs are written and read, and the next turn takes both for old."""

    def _last(self, tenant: int) -> int:
        row = self._means.database.read(tenant, lambda tx: tx.one(store.LAST_RECORD, tenant=tenant))
        return (row and row[0]) or 0

    def _index(self, tx: Transaction, keys: TenantKeys, region: str, after: int, upto: int) -> tuple[int | None, int]:
        """Index the next records; the number of the last one, None where there is none, and how many rows were made."""
        tenant = tenant_of(tx)
        require_present(tx, tenant, keys)
        found = tx.all(store.RECORDS_TO_INDEX, tenant=tenant, after=after, upto=upto, limit=RECORDS_AT_ONCE)
        made: list[tuple[Any, ...]] = []
        for row, code, sealed, sealed_under, *person in found:
            kind = KIND_BY_CODE[code]
            if not kind.searchable:
                continue
            subject = SubjectRow(*person)
            if subject.dek_version != sealed_under:
                raise ConflictError  # the person's DEK was rotated between the snapshot and the lock
            normal = self._normal(keys, tenant, region, (row, kind, bytes(sealed)), subject)
            if normal is not None:
                epoch = max(keys.search[kind.name])
                found_by = search_fingerprint(keys.search[kind.name][epoch], normal=normal)
                made.append((tenant, code, epoch, found_by, row))
        tx.insert(store.INSERT_SEARCH_ANEW, made)
        return (found[-1][0] if found else None), len(made)

    def _normal(
        self, keys: TenantKeys, tenant: int, region: str, record: tuple[int, Kind, bytes], subject: SubjectRow
    ) -> str | None:
        row, kind, sealed = record
        number, version = subject.number, subject.dek_version
        try:
            octets = unwrap(
                keys.keks[subject.kek], subject.wrapped, tenant=tenant, owner=number, version=version, usage=DEK_USAGE
            )
            value = open_sealed(DataKey(octets), sealed, tenant=tenant, subject=number, row=row, kind=kind.code)
            return normal_form(kind, value.decode(), region=region)
        except IntegrityError:
            self._means.damaged(1)
        except InvalidIdentifier:
            pass
        return None

    def _turn(self, job: Job, after: int) -> Progress:
        old = self._ending.old(job.tenant, SEARCH)
        if not all(self._delete_followed(job.tenant, name) for name in old):
            return Progress(after, job.total, finished=False)
        for name in old:
            try:
                self._ending.end(job.tenant, name, first=partial(_delete_rest, name=name))
            except KeyInUseError:
                raise IntegrityError from None
        settle(self._means.database)
        self._delete_ended(job.tenant, old)
        return Progress(job.total, job.total, finished=True)

    def _delete_followed(self, tenant: int, name: KeyName) -> bool:
        """Delete old rows whose record has a new one, as many as a step may; whether all were looked at."""
        last = _FIRST
        for _ in range(BATCHES_A_STEP):
            with considerate(self._means.database):
                page = self._means.database.write(tenant, partial(_delete_page, name=name, after=last))
            if len(page) < ROWS_AT_ONCE:
                return True
            last = page[-1]
        return False

    def _delete_ended(self, tenant: int, ended: Iterable[KeyName]) -> None:
        """Writers who had begun before the end have left rows that nothing can find any more."""
        for name in ended:
            self._means.database.write(tenant, partial(_delete_epoch, name=name))


def _delete_page(tx: Transaction, name: KeyName, after: tuple[bytes, int]) -> list[tuple[bytes, int]]:
    """Delete those of the next rows of an old epoch whose record has a row of a newer one; gives the rows looked at."""
    tenant, kind, epoch = tenant_of(tx), KINDS[name.scope].code, name.version
    page = [
        (bytes(fingerprint), record)
        for fingerprint, record in tx.all(
            store.ROWS_OF_OLD,
            tenant=tenant,
            kind=kind,
            epoch=epoch,
            fingerprint=after[0],
            record=after[1],
            limit=ROWS_AT_ONCE,
        )
    ]
    records = [(record,) for _, record in page]
    followed = set(tx.all(store.FOLLOWED, rows=records, tenant=tenant, kind=kind, epoch=epoch))
    held = {"tenant": tenant, "kind": kind, "epoch": epoch}
    ended = [{**held, "fingerprint": found_by, "record": row} for found_by, row in page if (row,) in followed]
    tx.run_each(store.DELETE_ROW, ended)
    return page


def _delete_rest(tx: Transaction, name: KeyName) -> None:
    """Delete what writers have made since the pages were looked at."""
    page = _delete_page(tx, name, _FIRST)
    while len(page) == ROWS_AT_ONCE:
        page = _delete_page(tx, name, page[-1])


def _delete_epoch(tx: Transaction, name: KeyName) -> int:
    return tx.run(store.DELETE_EPOCH, tenant=tenant_of(tx), kind=KINDS[name.scope].code, epoch=name.version)
