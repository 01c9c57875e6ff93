"""The lesser rights of a deployment: corrections, restrictions, objections and withdrawn consents, as jobs of their requests."""

from collections.abc import Callable, Collection, Sequence

from composition.foundation import Foundation
from composition.holds import restrictions
from composition.part import Part
from consent.ports import ConsentListener, Editions
from consent.purpose import GdprBasis, PiplBasis
from consent.records.recording import Recording
from consent.records.withdrawing import RequestedWithdrawal
from dsar.desk.requests import RequestDesk
from dsar.fulfilment.asking import Round
from dsar.fulfilment.correcting import CorrectionDesk
from dsar.fulfilment.deeds import ConsentWithdrawal, Objection, Rectification, Restriction
from dsar.fulfilment.http import FulfilmentApi
from dsar.fulfilment.lifting import LiftDesk, LiftTask
from dsar.fulfilment.ports import Grounds
from dsar.fulfilment.problems import FURTHER, PROBLEMS
from dsar.fulfilment.task import Deed, RightTask
from dsar.holders.errors import HolderAwayError
from dsar.holders.holder import Errand, Holders, Person
from vault.errors import KeysUnavailableError
from vault.identifier import InvalidIdentifier
from vault.means import Means
from vault.people import People
from vault.recording import Recording as VaultRecording
from vault.rights.rectifying import Rectifying
from vault.subject_lookup import SubjectLookup
from vault.tenant_seal import TenantSeal
from web.tenancy import TenantDesk

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


class VaultFields:
    """What fields of a profile, and kinds, can say."""

    def __init__(self, rectifying: Rectifying, region_of: Callable[[int], str]) -> None:
        self._rectifying = rectifying
        self._region_of = region_of

    def fault(self, tenant: int, field: str, value: str) -> str | None:
        """Why a value cannot be that of a field."""
        try:
            self._rectifying.read({field: value}, region=self._region_of(tenant))
        except LookupError:
            return "unknown_field"
        except InvalidIdentifier as error:
            return error.code
        return None


def consents_of_people(
    base: Foundation, means: Means, editions: Editions, listeners: Sequence[ConsentListener]
) -> ConsentsOfPeople:
    """Withdraws consents for requests; `listeners` hear of it as of every withdrawal."""
    recording = Recording(base.database, SubjectLookup(means), editions, base.log, base.now, listeners)
    return ConsentsOfPeople(People(means), RequestedWithdrawal(base.database, recording))


def fulfilment_part(
    base: Foundation,
    means: Means,
    desk: RequestDesk,
    holders: Holders,
    editions: Editions,
    *,
    consents: ConsentsOfPeople,
    tenants: TenantDesk,
) -> Part:
    """The jobs of the rights, and how corrections are submitted and restrictions lifted."""
    fields = VaultFields(Rectifying(means, VaultRecording(means.subjects)), tenants.region_of)
    seal = TenantSeal(base.database, base.roots, base.keyring)
    corrections = CorrectionDesk(base.database, base.log, desk, seal, fields)
    round_ = Round(holders)
    deeds: Sequence[Deed] = (
        Rectification(corrections, round_),
        Restriction(round_),
        Objection(CatalogueGrounds(base, editions), consents, restrictions()),
        ConsentWithdrawal(consents),
    )
    lifting = LiftDesk(base.database, base.log, desk, base.jobs)
    return Part(
        blueprints=[FulfilmentApi(corrections, lifting).blueprint()],
        tables=[PROBLEMS],
        problems=FURTHER,
        tasks=[
            *(RightTask(deed, base.database, desk, base.jobs, base.now) for deed in deeds),
            LiftTask(base.database, desk, holders, base.now),
        ],
        transient=[KeysUnavailableError, HolderAwayError],
        sweeps=[corrections.sweep],
    )
