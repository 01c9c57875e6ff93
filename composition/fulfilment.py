"""The lesser rights of a deployment: corrections, restrictions, objections and withdrawn consents, as jobs of their requests."""

from collections.abc import Collection, Sequence

from composition.foundation import Foundation
from composition.holds import restrictions
from composition.part import Part
from consent.ports import ConsentListener, Editions
from consent.purpose import GdprBasis, PiplBasis
from consent.records.recording import Recording
from consent.records.withdrawing import RequestedWithdrawal
from dsar.desk.requests import RequestDesk
from dsar.desk.words import SealedWords
from dsar.fulfilment.asking import Round
from dsar.fulfilment.deeds import ConsentWithdrawal, Objection, Rectification, Restriction
from dsar.fulfilment.http import FulfilmentApi
from dsar.fulfilment.lifting import LiftDesk, LiftTask
from dsar.fulfilment.ports import Grounds
from dsar.fulfilment.problems import PROBLEMS
from dsar.fulfilment.task import Deed, RightTask
from dsar.holders.holder import Errand, Holders, Person
from vault.errors import KeysUnavailableError
from vault.means import Means
from vault.people import People
from vault.subject_lookup import SubjectLookup

OBJECTIONABLE = frozenset({GdprBasis.LEGITIMATE_INTERESTS, GdprBasis.PUBLIC_TASK})
"""Grounds to which people may object (GDPR 21(1))."""

REFUSABLE = frozenset({PiplBasis.ALREADY_PUBLIC, PiplBasis.PUBLIC_INTEREST_NEWS})
"""Grounds on which people may refuse (PIPL 27 and 44): nobody has asked them, and no contract or law asks for it."""

PIPL = "pipl"


class ConsentsOfPeople:
    """Withdraws consents of people who are known by the vault's numbers."""

    def __init__(self, people: People, withdrawal: RequestedWithdrawal) -> None:
        self._people = people
        self._withdrawal = withdrawal

    def withdraw(self, person: Person, errand: Errand, *, purposes: Collection[str] | None = None) -> Collection[str]:
        """Those to these purposes, or all; the purposes whose consent was withdrawn."""
        known = self._people.people(person.tenant, [person.number]).get(person.number)
        if known is None:
            return ()
        return self._withdrawal.withdraw(
            person.tenant, person.number, known.platform_id, purposes=purposes, request=errand.request
        )


class CatalogueGrounds:
    """The grounds that the catalogue in force states for each purpose."""

    def __init__(self, base: Foundation, editions: Editions) -> None:
        self._database = base.database
        self._editions = editions

    def grounds(self, tenant: int, regime: str, purposes: Collection[str]) -> Grounds:
        """By the regime's own ground where it is the PIPL, and by that of the GDPR elsewhere."""
        edition = self._database.read(tenant, lambda tx: self._editions.in_force(tx, tenant))
        by_id = edition.catalogue.by_id
        wanted = [by_id[one] for one in purposes or by_id if one in by_id]
        pipl = regime == PIPL
        consent = {one.id for one in wanted if one.rests_on_consent}
        stop = {one.id for one in wanted if (one.pipl in REFUSABLE if pipl else one.gdpr in OBJECTIONABLE)} - consent
        others = set(purposes or by_id) - consent - stop
        return Grounds(frozenset(stop), frozenset(consent), frozenset(others))


def consents_of_people(
    base: Foundation, means: Means, editions: Editions, listeners: Sequence[ConsentListener]
) -> ConsentsOfPeople:
    """Withdraws consents for requests; `listeners` hear of it as of every withdrawal."""
    recording = Recording(base.database, SubjectLookup(means), editions, base.log, base.now, listeners)
    return ConsentsOfPeople(People(means), RequestedWithdrawal(base.database, recording))


def fulfilment_part(
    base: Foundation,
    desk: RequestDesk,
    holders: Holders,
    editions: Editions,
    *,
    consents: ConsentsOfPeople,
    words: SealedWords,
) -> Part:
    """The jobs of the rights, and how restrictions are lifted."""
    round_ = Round(holders)
    deeds: Sequence[Deed] = (
        Rectification(words, round_),
        Restriction(round_),
        Objection(CatalogueGrounds(base, editions), consents, restrictions()),
        ConsentWithdrawal(consents),
    )
    return Part(
        blueprints=[FulfilmentApi(LiftDesk(base.database, base.log, desk, base.jobs)).blueprint()],
        tables=[PROBLEMS],
        tasks=[
            *(RightTask(deed, base.database, desk, base.jobs, base.now) for deed in deeds),
            LiftTask(base.database, desk, holders, base.now),
        ],
        transient=[KeysUnavailableError],
    )
