"""Packages of a deployment: what goes into them, the keys that sign them, where they lie, and the ways by which they leave."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import settings
from audit.checkpoint import VerifierKey
from audit.directory import LogDirectory
from audit.entry import SubjectRef
from audit.log import AuditLog
from audit.published import Place, PublishedLogs
from audit.reader import entries_of_act
from composition.clock import utc_now
from composition.foundation import Foundation
from composition.keys import proved_roots
from composition.part import Part
from composition.receipts import PublishedProofs
from consent.locale import closest
from consent.ports import Editions
from consent.purpose import PiplBasis
from consent.ropa.record import Activity, record_of
from database.engine import Database
from dsar.desk.requests import EXECUTE, RequestDesk
from dsar.disclosure.choosing import DISCLOSED, Choosing
from dsar.disclosure.errors import LogBehindError, ReceiverAwayError, ReceiverRefusedError
from dsar.disclosure.fetching import Around, Fetching
from dsar.disclosure.http import PackageApi, PackageUseCases
from dsar.disclosure.jobs import ExecuteTask, PrepareTask
from dsar.disclosure.keeping import AGAIN, Keeping
from dsar.disclosure.making import Maker, Sources
from dsar.disclosure.manifest import verifier_key
from dsar.disclosure.person_http import OwnPackageApi, OwnPackages
from dsar.disclosure.ports import Answered, Proved, Rule, Rules, Visitor
from dsar.disclosure.problems import PROBLEMS
from dsar.disclosure.receiver import Receivers, read_receivers
from dsar.disclosure.shelf import Shelf
from dsar.disclosure.telling import Telling
from dsar.disclosure.transfer import Transfer, Way
from dsar.holders.holder import Holders
from dsar.identity.errors import NoSessionError
from dsar.identity.sessions import session_of
from dsar.ports import Messenger
from settings import Settings
from vault.errors import KeysUnavailableError
from vault.log_key import LogKeyring
from vault.means import Means
from vault.people import People
from vault.tenant_seal import TenantSeal
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError
from web.tenancy import TenantDesk

DISCLOSURE_SIGNING = "disclosure_signing"
ANSWER_BYTES = 64 * 1024
ENTRIES_AT_ONCE = 500

_GIVEN = frozenset({PiplBasis.CONSENT, PiplBasis.CONTRACT})


class LogNames:
    """Pseudonyms of people, by the vault."""

    def __init__(self, means: Means) -> None:
        self._people = People(means)

    def ref(self, tenant: int, subject: int) -> SubjectRef | None:
        """Of a person; None of whoever is not there, or erased."""
        known = self._people.people(tenant, [subject]).get(subject)
        return None if known is None else known.ref


class CatalogueRules:
    """The rules of processing, by the catalogue that is in force."""

    def __init__(self, database: Database, editions: Editions) -> None:
        self._database = database
        self._editions = editions

    def rules(self, tenant: int, locale: str, at: int) -> Rules:
        """In the catalogue's language that is nearest."""
        self._editions.settle(tenant, at)
        edition = self._database.read(tenant, lambda tx: self._editions.in_force(tx, tenant))
        record = record_of(edition, closest(locale, edition.catalogue.locales), at)
        given = {one.id for one in edition.catalogue.by_id.values() if one.pipl in _GIVEN}
        return Rules(
            controller=record.controller,
            contact=record.contact,
            address=record.address,
            email=record.email,
            phone=record.phone or "",
            url=record.url or "",
            security=record.security,
            version=record.catalogue_version,
            rules=tuple(_rule(one, given=one.id in given) for one in record.activities),
        )


def _rule(activity: Activity, *, given: bool) -> Rule:
    return Rule(
        purpose=activity.id,
        title=activity.title,
        description=activity.description,
        ground=activity.pipl,
        kinds=tuple(kind.name for kind in activity.kinds),
        recipients=tuple(f"{one.name} ({one.capacity})" for one in activity.recipients),
        transfers=tuple(f"{one.name}, {one.country}: {one.transfer}" for one in activity.transfers),
        retention=activity.retention,
        given=given,
    )


class LogAccesses:
    """What the published log says of a person, a page at a time."""

    def __init__(self, logs: PublishedLogs) -> None:
        self._logs = logs

    def of(self, tenant: int, ref: SubjectRef) -> Iterator[Mapping[str, Any]]:
        """The newest first."""
        after: Place | None = None
        while True:
            page = self._logs.accesses([ref], tenant, after=after, newest_first=True, limit=ENTRIES_AT_ONCE)
            for one in page.entries:
                yield {**one.fields, "items": one.items}
            if (after := page.next) is None:
                return


class ActProofs:
    """Proofs of what was put into the log just now."""

    def __init__(self, database: Database, published: PublishedProofs) -> None:
        self._database = database
        self._published = published

    def of(self, tenant: int, act: UUID) -> Proved | None:
        """The first entry of an act with its proof; None until this host has published it."""
        stored = self._database.read(tenant, lambda tx: entries_of_act(tx, tenant, act))
        if not stored or stored[0].log is None or stored[0].leaf is None:
            return None
        found = self._published.of(stored[0].log, stored[0].leaf)
        return None if found is None else Proved(stored[0].body, found.proof)


class PersonSessions:
    """Sessions of people, as identity keeps them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def who(self, tenant: int, session: str, at: int) -> Visitor | None:
        """Whose session a text is, and how sure it makes at this moment."""
        try:
            found = self._database.read(tenant, lambda tx: session_of(tx, tenant, session, at))
        except NoSessionError:
            return None
        return Visitor(tenant, found.subject, found.level(at))


class Outward:
    """The way to receivers of transfers: to origins that the operator allows, with short answers."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call. Raises ReceiverRefusedError where it is not allowed and ReceiverAwayError where no answer came."""
        try:
            answer = self._egress.call(method, url, headers=headers, body=body)
        except EgressRefusedError:
            raise ReceiverRefusedError from None
        except EgressFailedError:
            raise ReceiverAwayError from None
        return Answered(answer.status, answer.body)


def receivers_of(chosen: Settings) -> Receivers:
    """The receivers that the operator registered.

    Raises:
        ValueError: the file may not be used.
    """
    if chosen.transfer_receivers is None:
        return Receivers()
    return read_receivers(chosen.transfer_receivers.read_text(encoding="utf-8"))


def link_address(base_url: str | None, name: str, link: str) -> str:
    """Where a link of the tenant with this name opens; a path where the operator has not said how people reach the service."""
    return f"{(base_url or '').rstrip('/')}/v1/privacy/{name}/packages/{link}"


def disclosure_part(
    base: Foundation,
    means: Means,
    desk: RequestDesk,
    holders: Holders,
    editions: Editions,
    *,
    messenger: Messenger,
    tenants: TenantDesk,
) -> Part:
    """Access, portability and explanation."""
    database, log, now, chosen = base.database, base.log, base.now, base.chosen
    logs = PublishedLogs(LogDirectory(chosen.audit_directory))
    names, seal, shelf = (
        LogNames(means),
        TenantSeal(database, base.roots, base.keyring),
        Shelf(chosen.packages_directory),
    )
    keys, receivers = LogKeyring(database, base.roots, log, now, usage=DISCLOSURE_SIGNING), receivers_of(chosen)
    egress = Egress(allowed=chosen.egress_allow, internal=chosen.egress_internal, answer_bytes=ANSWER_BYTES)
    sources = Sources(
        holders=holders,
        accesses=LogAccesses(logs),
        names=names,
        rule_book=CatalogueRules(database, editions),
        proofs=ActProofs(database, PublishedProofs(logs)),
        keys=keys,
        receivers=receivers,
        issuer=chosen.audit_origin,
    )
    address_of = partial(link_address, chosen.privacy_url)
    maker = Maker(database, log, now, desk=desk, sources=sources, seal=seal, shelf=shelf)
    telling = Telling(
        database,
        log,
        now,
        desk=desk,
        messenger=messenger,
        address_of=lambda tenant, link: address_of(tenants.name_of(tenant), link),
    )
    way = Way(outside=Outward(egress), receivers=receivers, keys=keys, issuer=chosen.audit_origin)
    transfer = Transfer(database, log, now, desk=desk, shelf=shelf, way=way)
    keeping = Keeping(database, log, base.jobs, desk=desk, shelf=shelf)
    use = PackageUseCases(
        choosing=Choosing(database, log, desk=desk, seal=seal, receivers=receivers),
        fetching=Fetching(database, log, now, around=Around(desk=desk, names=names), seal=seal, shelf=shelf),
        keeping=keeping,
        telling=telling,
        receivers=receivers,
    )
    own = OwnPackages(
        choosing=use.choosing,
        fetching=use.fetching,
        receivers=receivers,
        visitors=PersonSessions(database),
        number_of=tenants.number_of,
        address_of=address_of,
    )
    kinds = [*(EXECUTE + right.value for right in sorted(DISCLOSED)), AGAIN]
    return Part(
        blueprints=[PackageApi(use).blueprint(), OwnPackageApi(own).blueprint()],
        tables=[PROBLEMS],
        tasks=[
            *(PrepareTask(right, database, now, desk=desk, holders=holders) for right in sorted(DISCLOSED)),
            *(ExecuteTask(kind, now, maker=maker, telling=telling, transfer=transfer) for kind in kinds),
        ],
        transient=[KeysUnavailableError, LogBehindError, ReceiverAwayError],
        sweeps=[keeping.sweep],
        rounds={"packages": keeping.end_due},
    )


@contextmanager
def opened_package_keys(
    *, data: Path | None, keys: Path | None, database: str | None
) -> Iterator[Callable[[], Sequence[VerifierKey]]]:
    """What lists the verifier keys of a deployment's packages."""
    chosen = settings.load(data=data, keys=keys, database=database)
    opened = Database(chosen.database_url, pool_size=2)
    try:
        roots = proved_roots(chosen, opened, utc_now)
        signing = LogKeyring(opened, roots, AuditLog(), utc_now, usage=DISCLOSURE_SIGNING)
        signing.signers()
        yield lambda: [verifier_key(chosen.audit_origin, public) for public in signing.publics()]
    finally:
        opened.dispose()
