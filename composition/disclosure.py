"""Packages of a deployment: the jobs that make them, the keys that sign them, where they lie, and how they leave."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import settings
from audit.checkpoint import VerifierKey
from audit.directory import LogDirectory
from audit.log import AuditLog
from audit.published import PublishedLogs
from composition.clock import utc_now
from composition.disclosure_sources import (
    ActProofs,
    CatalogueRules,
    LogAccesses,
    LogNames,
    Outward,
    PersonSessions,
)
from composition.foundation import Foundation
from composition.keys import proved_roots
from composition.part import Part
from composition.receipts import PublishedProofs
from consent.ports import Editions
from database.engine import Database
from dsar.desk.requests import EXECUTE, RequestDesk
from dsar.disclosure.choosing import DISCLOSED, Choosing
from dsar.disclosure.errors import LogBehindError, ReceiverAwayError
from dsar.disclosure.fetching import Around, Fetching
from dsar.disclosure.http import PackageApi, PackageUseCases
from dsar.disclosure.jobs import ExecuteTask, PrepareTask
from dsar.disclosure.keeping import AGAIN, Keeping
from dsar.disclosure.making import Maker, Sources, Terms
from dsar.disclosure.manifest import verifier_key
from dsar.disclosure.person_http import OwnPackageApi, OwnPackages
from dsar.disclosure.problems import PROBLEMS
from dsar.disclosure.receiver import Receivers, read_receivers
from dsar.disclosure.shelf import Shelf
from dsar.disclosure.stored import DAY_MS
from dsar.disclosure.telling import Telling
from dsar.disclosure.transfer import Transfer, Way
from dsar.holders.holder import Holders
from dsar.ports import Messenger
from settings import Settings
from vault.errors import KeysUnavailableError
from vault.log_key import LogKeyring
from vault.means import Means
from vault.tenant_seal import TenantSeal
from web.egress import Egress
from web.tenancy import TenantDesk

DISCLOSURE_SIGNING = "disclosure_signing"
ANSWER_BYTES = 64 * 1024


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
    terms = Terms(expires_ms=chosen.package_days * DAY_MS)
    maker = Maker(database, log, now, desk=desk, sources=sources, seal=seal, shelf=shelf, terms=terms)
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
    keeping = Keeping(
        database, log, base.jobs, desk=desk, shelf=shelf, mac_of=lambda tenant: base.keyring.of(tenant).idempotency
    )
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
