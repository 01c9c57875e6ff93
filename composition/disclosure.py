"""Packages of a deployment: the jobs that make them, the keys that sign them, where they lie, and how they leave."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
from dsar.disclosure.errors import LogBehindError, ReceiverAwayError, ReceiverFileError
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
from work.job import Task

DISCLOSURE_SIGNING = "disclosure_signing"
ANSWER_BYTES = 64 * 1024


def receivers_of(chosen: Settings) -> Receivers:
    """The receivers that the operator registered.

    Raises:
        ReceiverFileError: the file may not be used.
    """
    if chosen.transfer_receivers is None:
        return Receivers()
    try:
        return read_receivers(chosen.transfer_receivers.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReceiverFileError(f"the receivers of {chosen.transfer_receivers} cannot be used: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What all of disclosure works with."""

    base: Foundation
    desk: RequestDesk
    holders: Holders
    names: LogNames
    seal: TenantSeal
    shelf: Shelf
    keys: LogKeyring
    receivers: Receivers
    tenants: TenantDesk

    def address_of(self, name: str, link: str) -> str:
        """Where a link of the tenant with this name opens, for a program; a path where the operator has not said how people
        reach the service."""
        return f"{self._origin}/v1/privacy/{name}/packages/{link}"

    def page_of(self, name: str, link: str) -> str:
        """The page to which it leads a person."""
        return f"{self._origin}/privacy/{name}/packages/{link}"

    @property
    def _origin(self) -> str:
        return (self.base.chosen.privacy_url or "").rstrip("/")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How people fetch what was made for them, and what disclosure adds to a deployment."""

    fetching: Fetching
    part: Part


def disclosure_part(
    base: Foundation,
    means: Means,
    desk: RequestDesk,
    holders: Holders,
    editions: Editions,
    *,
    messenger: Messenger,
    tenants: TenantDesk,
) -> Disclosure:
    """Access, portability and explanation."""
    own = _Shared(
        base=base,
        desk=desk,
        holders=holders,
        names=LogNames(means),
        seal=TenantSeal(base.database, base.roots, base.keyring),
        shelf=Shelf(base.chosen.packages_directory),
        keys=LogKeyring(base.database, base.roots, base.log, base.now, usage=DISCLOSURE_SIGNING),
        receivers=receivers_of(base.chosen),
        tenants=tenants,
    )
    telling = _telling(own, messenger)
    use = _use_cases(own, telling)
    part = Part(
        blueprints=[PackageApi(use).blueprint(), OwnPackageApi(_own_packages(own, use)).blueprint()],
        tables=[PROBLEMS],
        tasks=_tasks(own, _maker(own, editions), telling),
        transient=[KeysUnavailableError, LogBehindError, ReceiverAwayError],
        sweeps=[use.keeping.sweep],
        rounds={"packages": use.keeping.end_due},
    )
    return Disclosure(use.fetching, part)


def _maker(own: _Shared, editions: Editions) -> Maker:
    base = own.base
    logs = PublishedLogs(LogDirectory(base.chosen.audit_directory))
    sources = Sources(
        holders=own.holders,
        accesses=LogAccesses(logs),
        names=own.names,
        rule_book=CatalogueRules(base.database, editions),
        proofs=ActProofs(base.database, PublishedProofs(logs)),
        keys=own.keys,
        receivers=own.receivers,
        issuer=base.chosen.audit_origin,
    )
    terms = Terms(expires_ms=base.chosen.package_days * DAY_MS)
    seal, shelf = own.seal, own.shelf
    return Maker(base.database, base.log, base.now, desk=own.desk, sources=sources, seal=seal, shelf=shelf, terms=terms)


def _telling(own: _Shared, messenger: Messenger) -> Telling:
    base = own.base

    def address_of(tenant: int, link: str) -> str:
        return own.page_of(own.tenants.name_of(tenant), link)

    return Telling(base.database, base.log, base.now, desk=own.desk, messenger=messenger, address_of=address_of)


def _use_cases(own: _Shared, telling: Telling) -> PackageUseCases:
    database, log, desk, seal, shelf = own.base.database, own.base.log, own.desk, own.seal, own.shelf
    keyring, around = own.base.keyring, Around(desk=desk, names=own.names)
    return PackageUseCases(
        choosing=Choosing(database, log, desk=desk, seal=seal, receivers=own.receivers),
        fetching=Fetching(database, log, own.base.now, around=around, seal=seal, shelf=shelf),
        keeping=Keeping(
            database,
            log,
            own.base.jobs,
            desk=desk,
            shelf=shelf,
            mac_of=lambda tenant: keyring.of(tenant).idempotency,
        ),
        telling=telling,
        receivers=own.receivers,
    )


def _own_packages(own: _Shared, use: PackageUseCases) -> OwnPackages:
    return OwnPackages(
        choosing=use.choosing,
        fetching=use.fetching,
        receivers=own.receivers,
        visitors=PersonSessions(own.base.database),
        number_of=own.tenants.number_of,
        address_of=own.address_of,
    )


def _tasks(own: _Shared, maker: Maker, telling: Telling) -> list[Task]:
    base, chosen = own.base, own.base.chosen
    egress = Egress(allowed=chosen.egress_allow, internal=chosen.egress_internal, answer_bytes=ANSWER_BYTES)
    way = Way(outside=Outward(egress), receivers=own.receivers, keys=own.keys, issuer=chosen.audit_origin)
    transfer = Transfer(base.database, base.log, base.now, desk=own.desk, shelf=own.shelf, way=way)
    kinds = [*(EXECUTE + right.value for right in sorted(DISCLOSED)), AGAIN]
    return [
        *(PrepareTask(one, base.database, base.now, desk=own.desk, holders=own.holders) for one in sorted(DISCLOSED)),
        *(ExecuteTask(kind, base.now, maker=maker, telling=telling, transfer=transfer) for kind in kinds),
    ]


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
