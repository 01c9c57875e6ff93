"""Rotation of a deployment's keys: its operations and its durable work."""

from collections.abc import Callable
from dataclasses import dataclass

from composition.completion import completing_of
from composition.foundation import Foundation
from composition.part import Part
from database.transaction import Transaction
from masking.relay.ports import Directories
from masking.relay.rekeying.task import RekeyTask
from vault.errors import KeyInUseError, KeysChangedError, KeysUnavailableError
from vault.keyring import RELAY_INDEX
from vault.means import Means
from vault.rewrapping import Rewrapping
from vault.rotation.asking import RotationDesk
from vault.rotation.destroying import KeyDestruction
from vault.rotation.due import Ages
from vault.rotation.ending import Ending
from vault.rotation.http import RotationApi
from vault.rotation.kek_rotation import KekRotation
from vault.rotation.minting import KeyName, Minting
from vault.rotation.problems import FURTHER, PROBLEMS
from vault.rotation.reencryption import DekRotation
from vault.rotation.reindexing import SearchRotation
from vault.rotation.root_rotation import RootRotation
from vault.rotation.settling import settle
from vault.rotation.status import KeyStatus
from vault.rotation.timetable import RotationTimetable
from vault.rotation.token_renewal import TokenRenewal
from web.tenancy import TenantDesk


class RelayVersions:
    """The versions of the relay's key, as rekeying asks for them."""

    def __init__(self, means: Means, minting: Minting, ending: Ending) -> None:
        self._means = means
        self._minting = minting
        self._ending = ending

    def old(self, tenant: int) -> list[int]:
        """Those that are being given up."""
        return [name.version for name in self._ending.old(tenant, RELAY_INDEX)]

    def succeed(self, tenant: int, after: int) -> None:
        """Make the next version the newest, unless that was done."""
        self._minting.succeed(tenant, [KeyName(RELAY_INDEX, "", after)])

    def settle(self) -> None:
        """Wait for those who know the version before alone."""
        settle(self._means.database)

    def end(self, tenant: int, version: int, needed: Callable[[Transaction], int]) -> bool:
        """Destroy a version, unless something needs it; whether it is gone."""

        def first(tx: Transaction) -> None:
            if count := needed(tx):
                raise KeyInUseError("relay_numbers", count)

        try:
            self._ending.end(tenant, KeyName(RELAY_INDEX, "", version), first)
        except KeyInUseError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class RotationOf:
    """What others call, and what rotation adds to the deployment."""

    desk: RotationDesk
    status: KeyStatus
    part: Part


def rotation_of(base: Foundation, means: Means, tenants: TenantDesk, directories: Directories) -> RotationOf:
    """Rotation over HTTP and as jobs. `directories` are the relay's."""
    minting, ending = Minting(means, base.roots), Ending(means)
    ages = Ages(base.chosen.rotation_days)
    desk = RotationDesk(means, base.jobs, minting)
    status = KeyStatus(means, ages, completing_of(base).summary)
    part = Part(
        blueprints=[RotationApi(desk, status, base.jobs).blueprint()],
        tables=[PROBLEMS],
        problems=FURTHER,
        tasks=[
            RootRotation(Rewrapping(base.database, base.roots, base.log, base.now), base.jobs),
            KekRotation(means, minting, ending),
            DekRotation(means),
            SearchRotation(means, minting, ending, tenants.region_of),
            TokenRenewal(minting, ending),
            RekeyTask(base.database, directories, RelayVersions(means, minting, ending)),
            KeyDestruction(ending),
        ],
        transient=[KeysUnavailableError, KeysChangedError],
        timetables=[RotationTimetable(ages)],
    )
    return RotationOf(desk, status, part)
