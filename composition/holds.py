"""Legal holds and restrictions of a deployment, and the gates by which the vault asks for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from composition.foundation import Foundation
from composition.keepers import KEPT_KINDS
from composition.part import Part
from dsar.holds.asking import Holds, PersonHolds
from dsar.holds.http import HoldApi
from dsar.holds.overdue import OverdueReport, OverdueWarning, ReviewTimetable
from dsar.holds.placing import HoldDesk
from dsar.holds.ports import ReleaseListener, Vocabulary
from dsar.holds.problems import FURTHER, PROBLEMS
from dsar.holds.releasing import HoldRelease
from dsar.holds.restriction import RestrictionLookup, Restrictions
from vault.letters.ending import LetterErasure
from vault.means import Means
from vault.opaque_id import reads_as_personal
from vault.people import People
from vault.person_row import PersonRow
from vault.ports import HoldGate, RestrictionGate
from vault.subject_lookup import SubjectLookup


class PlatformIds:
    """What the platform calls people, for packages that know them by the vault's numbers."""

    def __init__(self, people: People) -> None:
        self._people = people

    def names(self, tenant: int, numbers: Collection[int]) -> Mapping[int, str]:
        """Of those who are there and not erased."""
        return {number: known.platform_id for number, known in self._people.people(tenant, numbers).items()}


def hold_gate() -> HoldGate:
    """What the vault asks before it destroys a person's key."""
    return PersonHolds(Holds(), PersonRow())


def restriction_gate() -> RestrictionGate:
    """What the vault asks before it uses data of people with the mark of a restriction."""
    return RestrictionLookup()


def restrictions() -> Restrictions:
    """Sets and lifts restrictions."""
    return Restrictions(PersonRow([LetterErasure()]))


@dataclass(frozen=True, slots=True)
class HoldsOf:
    """What others call, and what holds add to the deployment."""

    desk: HoldDesk
    part: Part


def holds_of(base: Foundation, means: Means, listeners: Sequence[ReleaseListener] = ()) -> HoldsOf:
    """Holds, their reviews and their release. `listeners` keep something waiting for it."""
    subjects = SubjectLookup(means)
    words = Vocabulary(KEPT_KINDS, reads_as_personal)
    desk = HoldDesk(base.database, base.log, subjects, PlatformIds(People(means)), base.jobs, words)
    part = Part(
        blueprints=[HoldApi(desk).blueprint()],
        tables=[PROBLEMS],
        problems=FURTHER,
        warns=[OverdueWarning(base.database, base.now)],
        tasks=[
            HoldRelease(base.database, base.log, subjects, base.jobs, base.now, listeners),
            OverdueReport(base.database, base.log, subjects, base.now),
        ],
        timetables=[ReviewTimetable()],
    )
    return HoldsOf(desk, part)
