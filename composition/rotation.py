"""Rotation of a deployment's keys: its operations and its durable work."""

from dataclasses import dataclass

from composition.completion import completing_of
from composition.foundation import Foundation
from composition.part import Part
from vault.errors import KeysChangedError, KeysUnavailableError
from vault.means import Means
from vault.rewrapping import Rewrapping
from vault.rotation.asking import RotationDesk
from vault.rotation.destroying import KeyDestruction
from vault.rotation.due import Ages
from vault.rotation.ending import Ending
from vault.rotation.http import RotationApi
from vault.rotation.kek_rotation import KekRotation
from vault.rotation.minting import Minting
from vault.rotation.problems import FURTHER, PROBLEMS
from vault.rotation.reencryption import DekRotation
from vault.rotation.reindexing import SearchRotation
from vault.rotation.root_rotation import RootRotation
from vault.rotation.status import KeyStatus
from vault.rotation.timetable import RotationTimetable
from vault.rotation.token_renewal import TokenRenewal
from web.tenancy import TenantDesk


@dataclass(frozen=True, slots=True)
class RotationOf:
    """What others call, and what rotation adds to the deployment."""

    desk: RotationDesk
    status: KeyStatus
    part: Part


def rotation_of(base: Foundation, means: Means, tenants: TenantDesk) -> RotationOf:
    """Rotation over HTTP and as jobs."""
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
            KeyDestruction(ending),
        ],
        transient=[KeysUnavailableError, KeysChangedError],
        timetables=[RotationTimetable(ages)],
    )
    return RotationOf(desk, status, part)
