"""Turning the key of the relay: a new version, under which every number is found from then on.

    step 0     the new version; from its commit on whoever has a number in their hands moves it (masking.relay.rekeying.moving)
    step 1     whoever writes or looks with the old version alone is waited for
    steps 2 …  the parties of before in the order of their ids: each number opened, and all that is found by it moved
    the last   the old version is destroyed, once nobody is found by it

The number of a party may be gone from the vault while its routes cool or its last binding runs out. The job looks for it
again each hour, until it has no route any more; then nothing needs to find it, and it gets a fingerprint that no number has.
"""

from collections.abc import Callable, Sequence
from functools import partial
from secrets import token_bytes
from typing import Final, Protocol

from database.engine import Database
from database.transaction import Transaction
from masking.relay.ports import Directories, Directory
from masking.relay.rekeying import store
from masking.relay.rekeying.moving import move
from masking.relay.seat import PARTY
from work.job import LONGEST_WAIT_SECONDS, Job, Progress
from work.pace import considerate, wait_after

KIND: Final = "rotate_relay"
PARTIES_AT_ONCE: Final = 200
FINGERPRINT_OCTETS: Final = 16


class Versions(Protocol):
    """The versions of the tenants' keys of the relay. None of these is called inside a transaction."""

    def old(self, tenant: int) -> Sequence[int]:
        """Those that numbers may still be found by, and no new ones."""

    def succeed(self, tenant: int, after: int) -> None:
        """Make the version after this one the newest, unless that was done."""

    def settle(self) -> None:
        """Return once everybody knows the newest version."""

    def end(self, tenant: int, version: int, needed: Callable[[Transaction], int]) -> bool:
        """Destroy a version, unless something needs it in that very transaction; whether it is gone."""


class RekeyTask:
    """The task of jobs of the kind `rotate_relay`. `after` among the parameters is the version that is followed, if there is
    one."""

    kind = KIND

    def __init__(self, database: Database, directories: Directories, versions: Versions) -> None:
        self._database = database
        self._directories = directories
        self._versions = versions

    def step(self, job: Job, number: int) -> Progress:
        """Do step `number`."""
        after = [version for _, _, version in job.params["after"]]
        if not after:  # the relay has never known anybody
            return Progress(0, 0, finished=True)
        if number == 0:
            if not self._versions.old(job.tenant):  # never more than two at a time
                self._versions.succeed(job.tenant, after[0])
            return Progress(0, 1, finished=False)
        if number == 1:
            self._versions.settle()
            return Progress(0, 1, finished=False)
        last, moved = self._directories.using(job.tenant, partial(self._page, job=job))
        if last is not None:
            return Progress(last, last + 1, finished=False, wait_seconds=wait_after(job, moved))
        return self._end(job)

    def abandon(self, job: Job) -> None:
        """Nothing to clear away: both versions are looked by, and the next turn goes on with both."""

    def _page(self, directory: Directory, *, job: Job) -> tuple[int | None, int]:
        """Move the next parties; the id of the last, None where there is none, and how many there were."""
        version = directory.key_version

        def work(tx: Transaction) -> tuple[int | None, int]:
            directory.settled(tx)
            rows = tx.all(store.BEHIND, tenant=job.tenant, version=version, after=job.done, limit=PARTIES_AT_ONCE)
            numbers = directory.numbers_kept(tx, [(subject, record) for _, subject, record, _ in rows])
            for (party, _, _, fingerprint), number in zip(rows, numbers, strict=True):
                old = bytes(fingerprint)
                if number is not None and old in directory.older_fingerprints(number):
                    move(tx, job.tenant, old, directory.fingerprint(number), version)
                    continue
                lost = token_bytes(FINGERPRINT_OCTETS)
                tx.run(store.LOSE, tenant=job.tenant, id=party, version=version, lost=lost, route=PARTY + old)
            return (rows[-1][0] if rows else None), len(rows)

        with considerate(self._database):
            return self._database.write(job.tenant, work)

    def _end(self, job: Job) -> Progress:
        gone = [
            self._versions.end(job.tenant, one, partial(_needing, job.tenant, one))
            for one in self._versions.old(job.tenant)
        ]
        if all(gone):
            return Progress(1, 1, finished=True)
        return Progress(0, 1, finished=False, wait_seconds=LONGEST_WAIT_SECONDS)


def _needing(tenant: int, version: int, tx: Transaction) -> int:
    """How many parties are found by a version."""
    row = tx.one(store.LEFT_BEHIND, tenant=tenant, version=version + 1)
    return int(row[0]) if row else 0
