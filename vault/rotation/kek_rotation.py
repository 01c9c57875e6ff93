"""Rotating a tenant's KEK: a new version, under which every DEK is wrapped anew.

    step 0     the new version; from its commit on new DEKs are wrapped by it
    steps 1 …  DEKs in the order of their subjects, each with its own octets as before: what they have sealed stays
    the last   what transactions of before have left; then the versions that nothing needs end, if the job was asked to

A DEK moves by a conditional update over (subject, version, KEK): where it was shredded or re-encrypted meanwhile, none happens.
Reading, unwrapping and wrapping need no lock, so nobody waits for more than the updates of one batch. `done` and `total` of the
job are numbers of subjects: up to which one all have moved, and which is the last.
"""

from collections.abc import Sequence
from typing import NamedTuple

from database.transaction import Transaction
from vault import store as vault_store
from vault.envelope import rewrap_many
from vault.errors import IntegrityError, KeysChangedError
from vault.keyring import KEK, TenantKeys
from vault.means import Means
from vault.rotation import store
from vault.rotation.ending import Ending
from vault.rotation.minting import KeyName, Minting
from vault.rotation.present import present_keys, require_present
from vault.rotation.settling import settle
from vault.subject import DEK_USAGE
from work.job import Job, Progress
from work.pace import considerate, wait_after

DEKS_AT_ONCE = 4_000
BATCHES_A_STEP = 4


class DekRow(NamedTuple):
    """A DEK as it is wrapped now."""

    subject: int
    version: int
    kek: int
    wrapped: bytes


class KekRotation:
    """The task of jobs of the kind `rotate_kek`."""

    kind = "rotate_kek"

    def __init__(self, means: Means, minting: Minting, ending: Ending) -> None:
        self._means = means
        self._minting = minting
        self._ending = ending

    def step(self, job: Job, number: int) -> Progress:
        """Do step `number`.

        Raises:
            IntegrityError: a DEK does not open; the others have moved.
        """
        if number == 0:
            self._minting.succeed(job.tenant, [KeyName(*one) for one in job.params["after"]])
            row = self._means.database.read(job.tenant, lambda tx: tx.one(store.LAST_SUBJECT, tenant=job.tenant))
            return Progress(0, (row and row[0]) or 0, finished=False)
        keys = present_keys(self._means, job.tenant)
        after, moved = job.done, 0
        for _ in range(BATCHES_A_STEP):
            with considerate(self._means.database):
                rows = self._rows(job.tenant, keys, after)
                moved += self._move(job.tenant, keys, rows)
            if len(rows) < DEKS_AT_ONCE:
                return self._finish(job, keys)
            after = rows[-1].subject
        return Progress(after, max(after, job.total), finished=False, wait_seconds=wait_after(job, moved))

    def abandon(self, job: Job) -> None:
        """Nothing to clear away: both versions open what they have wrapped."""

    def _rows(self, tenant: int, keys: TenantKeys, after: int) -> list[DekRow]:
        def read(tx: Transaction) -> list[DekRow]:
            found = tx.all(store.DEKS_TO_MOVE, tenant=tenant, kek=keys.kek.id, after=after, limit=DEKS_AT_ONCE)
            return [DekRow(*row) for row in found]

        return self._means.database.read(tenant, read)

    def _move(self, tenant: int, keys: TenantKeys, rows: Sequence[DekRow]) -> int:
        """Wrap these DEKs by the active KEK; those that do not open stay as they are."""
        if any(row.kek not in keys.keks for row in rows):
            raise KeysChangedError
        asked = [(keys.keks[row.kek], bytes(row.wrapped), row.subject, row.version) for row in rows]
        wrapped = rewrap_many(keys.kek, asked, tenant=tenant, usage=DEK_USAGE)
        moved = [
            (tenant, row.subject, row.version, row.kek, octets)
            for row, octets in zip(rows, wrapped, strict=True)
            if octets is not None
        ]

        def work(tx: Transaction) -> int:
            store.plan_anew(tx)
            require_present(tx, tenant, keys)
            tx.run(vault_store.COUNT_KEK_SEALS, tenant=tenant, kek=keys.kek.id, count=len(moved))
            return tx.run(store.MOVE_DEKS, rows=moved, tenant=tenant, kek=keys.kek.id)

        return self._means.database.write(tenant, work) if moved else 0

    def _finish(self, job: Job, keys: TenantKeys) -> Progress:
        settle(self._means.database)
        while left := self._left(job.tenant, keys):
            if not self._move(job.tenant, keys, left):
                raise IntegrityError
        if job.params.get("destroy"):
            for name in self._ending.old(job.tenant, KEK):
                self._ending.end(job.tenant, name)
        return Progress(job.total, job.total, finished=True)

    def _left(self, tenant: int, keys: TenantKeys) -> list[DekRow]:
        def read(tx: Transaction) -> list[DekRow]:
            return [DekRow(*row) for row in tx.all(store.DEKS_LEFT, tenant=tenant, kek=keys.kek.id, limit=DEKS_AT_ONCE)]

        return self._means.database.read(tenant, read)
