"""The privacy centre of a deployment: what its pages call, of all packages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.directory import LogDirectory
from audit.published import AccessPage, Place, PublishedLogs
from composition.consent import PRESENTATION_SIGNING, PresentationSigner
from composition.disclosure_sources import LogNames
from composition.foundation import Foundation
from composition.part import Part
from composition.receipts import RECEIPT_SIGNING, PublishedProofs
from composition.rights import Rights
from consent.catalogues.reading import CatalogueReader
from consent.catalogues.source import CatalogueSource
from consent.ports import ConsentListener, Editions
from consent.receipts.issuing import Receipts
from consent.records.presenting import Presenting
from consent.records.recording import Recording
from consent.sharing.own import OwnConsents
from dsar.alerts.digest import Digests
from dsar.alerts.reporting import Breaches
from dsar.desk.own_story import OwnStories
from dsar.desk.regime import Regime
from dsar.desk.regime_text import shipped_regimes
from dsar.holds.asking import Holds
from dsar.retention.due import KeptUse
from dsar.retention.judging import Judging
from dsar.retention.keepers import AllUses
from dsar.retention.own_periods import OwnPeriod, OwnPeriods
from dsar.retention.policies import PolicyBook
from masking.notes import Notes
from pages.privacy.centre import privacy_centre
from pages.privacy.use_cases import UseCases
from pages.shell.site import Site
from vault.handover.own_choice import OwnChoice
from vault.holdings import Holdings
from vault.identifier import InvalidIdentifier
from vault.log_key import LogKeyring
from vault.means import Means
from vault.people import People
from vault.ports import LogGate
from vault.rights.rectifying import read_correction
from vault.rights.viewing import Viewing
from vault.subject_lookup import SubjectLookup
from vault.uses.uses import RecordUses
from web.edge_problems import NOT_FOUND
from web.messages.texts import Texts
from web.problems import ProblemError
from web.tenancy import TenantDesk

LAWS: Mapping[str, str] = {"CN": "pipl", "GB": "uk_gdpr", "BR": "lgpd", "US": "ccpa"}
"""The regime of a region that has one of its own; a member state of the Union has `gdpr_` and its code, and elsewhere the
GDPR stands in for a law that is not shipped."""
ELSEWHERE = "gdpr"


class PlatformNames:
    """What the platform calls people."""

    def __init__(self, means: Means) -> None:
        self._people = People(means)

    def platform_id(self, tenant: int, subject: int) -> str:
        """Of a person who is there; a problem of 404 for whoever was erased."""
        known = self._people.people(tenant, [subject]).get(subject)
        if known is None:
            raise ProblemError(NOT_FOUND)
        return known.platform_id


class OwnAccesses:
    """What the published log says of a person."""

    def __init__(self, base: Foundation, names: LogNames) -> None:
        self._logs = PublishedLogs(LogDirectory(base.chosen.audit_directory))
        self._names = names

    def of(self, tenant: int, subject: int, *, after: Place | None, limit: int) -> AccessPage:
        """A page, the newest first."""
        ref = self._names.ref(tenant, subject)
        if ref is None:
            return AccessPage([], None)
        return self._logs.accesses([ref], tenant, after=after, newest_first=True, limit=limit)


class UsePeriods:
    """Until when uses last, by the policy in force."""

    def __init__(self, base: Foundation) -> None:
        self._base = base
        self._periods = OwnPeriods(PolicyBook(), Judging(AllUses(RecordUses()), Holds()))

    def of(self, tenant: int, uses: Sequence[KeptUse], at: int) -> Sequence[OwnPeriod]:
        """The period of each, in order."""
        return self._base.database.read(tenant, lambda tx: self._periods.of(tx, tenant, uses, at))


@dataclass(frozen=True, slots=True)
class Consents:
    """The catalogues, and who hears of every consent."""

    editions: Editions
    listeners: Sequence[ConsentListener]


@dataclass(frozen=True, slots=True)
class Showing:
    """What masks values, and what holds them back while the log is behind."""

    notes: Notes
    lag: LogGate


def regime_for(region: str, regimes: Mapping[str, Regime]) -> Regime:
    """The law that people of a region are under."""
    named = LAWS.get(region, f"gdpr_{region.lower()}")
    return regimes[named] if named in regimes else regimes[ELSEWHERE]


def privacy_centre_part(
    base: Foundation,
    means: Means,
    site: Site,
    rights: Rights,
    *,
    consents: Consents,
    tenants: TenantDesk,
    showing: Showing,
) -> Part:
    """The pages of people."""
    editions, listeners = consents.editions, consents.listeners
    subjects, regimes, names = SubjectLookup(means), shipped_regimes(), LogNames(means)
    signer = PresentationSigner(LogKeyring(base.database, base.roots, base.log, base.now, usage=PRESENTATION_SIGNING))

    def corrected(tenant: int, given: Mapping[str, str]) -> Mapping[str, str]:
        region = tenants.region_of(tenant)
        return {f"field.{field}": "malformed" for field, value in given.items() if not _reads(field, value, region)}

    use = UseCases(
        sessions=rights.persons.sessions,
        asking=rights.persons.asking,
        own=rights.persons.own,
        number_of=rights.persons.number_of,
        together=base.database.together,
        viewing=Viewing(means, showing.notes.mask, showing.lag),
        periods=UsePeriods(base),
        names=PlatformNames(means),
        accesses=OwnAccesses(base, names),
        consents=OwnConsents(base.database, editions, Holdings(means), base.now),
        presenting=Presenting(base.database, subjects, editions, signer, base.log, base.now),
        recording=Recording(base.database, subjects, editions, base.log, base.now, listeners),
        receipts=_receipts(base, means, editions),
        signer=signer,
        catalogues=CatalogueReader(base.database, CatalogueSource(base.database), editions.settle, base.now),
        stories=OwnStories(base.database, rights.desk.clocks),
        fetching=rights.fetching,
        breaches=Breaches(base.database, subjects, base.log, base.jobs),
        digests=Digests(base.database, base.log, names),
        anonymity=OwnChoice(means),
        letters=Texts.shipped(),
        regime_of=lambda tenant: regime_for(tenants.region_of(tenant), regimes),
        corrected=corrected,
    )
    return Part(pages=[privacy_centre(site, use)])


def _receipts(base: Foundation, means: Means, editions: Editions) -> Receipts:
    return Receipts(
        base.database,
        SubjectLookup(means),
        editions,
        base.log,
        base.now,
        proofs=PublishedProofs(PublishedLogs(LogDirectory(base.chosen.audit_directory))),
        keys=LogKeyring(base.database, base.roots, base.log, base.now, usage=RECEIPT_SIGNING),
    )


def _reads(field: str, value: str, region: str) -> bool:
    """Whether a correction can be stored."""
    try:
        read_correction(field, value, region)
    except (InvalidIdentifier, LookupError):
        return False
    return True
