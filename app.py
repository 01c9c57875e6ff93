"""The composition root: settings → database and keys → parts → operations, commands and server.

Everything is built from here and handed down; nothing below looks anything up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from flask import Flask
from sqlalchemy.engine import make_url

import settings
from audit.errors import RefusedError
from audit.publishing import Publishing
from composition import durable_work
from composition.alerts import alerts_part
from composition.audit_log import lag_watch, publishing, read_log
from composition.auditor import auditor_part
from composition.catalogue import catalogue_part, catalogue_reader, catalogue_source, known_purposes, publication
from composition.clock import utc_now
from composition.consent import TenantEditions, consent_part, reveal_gate
from composition.devices import devices_part, ends_of
from composition.durable_work import Work, work_of
from composition.foundation import VERSION, Foundation, lay
from composition.front import front_part
from composition.handover import handover_part
from composition.holders import AllHolders, holders_of, holders_part
from composition.holds import hold_gate, restriction_gate
from composition.keys import root_key_line
from composition.masking import declared_profiles, masking_part, names_pool, notes_of
from composition.messages import messenger_of
from composition.officer import Governance, officer_part
from composition.order_relay import BoundOrders
from composition.pages import shell_part, site_of
from composition.part import Part, packages
from composition.privacy_centre import Consents, Showing, privacy_centre_part
from composition.protection import protection_of
from composition.receipts import receipts_part
from composition.relay import Relay, relay_of
from composition.relay_adapters import relay_adapters
from composition.relay_calls import relay_calls
from composition.retention import ConsentEnds, retention_of
from composition.rights import rights
from composition.rotation import rotation_of
from composition.staff import Staff, staff_of, tenant_seal
from composition.vault import Integrity, means_of, policy_engine, vault_of
from composition.webhooks import webhooks
from consent.ports import ConsentListener
from database.engine import Database
from dsar.disclosure.errors import ReceiverFileError
from dsar.holders.errors import ConnectorFileError
from masking.profiles import ProfileFileError
from migrations.schema import SchemaState, state
from pages.staff.provider import ProviderFileError
from settings import Settings
from vault.custody.unsealing import Unsealing
from vault.errors import RootKeyError
from vault.keyring import Keyring
from vault.policy_text import PolicyFileError
from vault.preserving import check_unassigned
from vault.sweep import Sweeper
from web.bootstrap import remove_bootstrap_file
from web.edge import Bounds, Edge, Surroundings
from web.http import CredentialApi
from web.issuance import CredentialDesk
from web.logs import failure_line
from web.serve import Served, metrics_are_shared
from web.tenancy import TenantDesk
from work.desk import JobDesk
from work.dispatcher import Dispatcher
from work.http import FURTHER as JOB_FURTHER
from work.http import PROBLEMS as JOB_PROBLEMS
from work.http import JobApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Moat:
    """A composed deployment: the HTTP edge, the desks that local commands use, and how to close it."""

    edge: Edge
    credentials: CredentialDesk
    tenants: TenantDesk
    database: Database
    keyring: Keyring
    unsealing: Unsealing
    sweeper: Sweeper
    publishing: Publishing
    jobs: JobDesk
    work: Work
    holders: AllHolders
    relay: Relay
    staff: Staff
    closes: Sequence[Callable[[], object]]

    @property
    def app(self) -> Flask:
        """The WSGI application."""
        return self.edge.app

    def close(self) -> None:
        """Stop what runs beside the calls, write what is still only counted, and close the database."""
        self.sweeper.stop()
        self.edge.close()
        self.publishing.stop()
        self.unsealing.stop()
        for close in self.closes:
            close()
        self.database.dispose()


def compose(
    chosen: Settings,
    *,
    now: Callable[[], datetime] = utc_now,
    minted: Mapping[int, int] | None = None,
    demo: Path | None = None,
) -> Moat:
    """Build a deployment whose database has its schema. `minted` is as in `composition.foundation.lay`; `demo` is the directory
    of a demo, which has a front page.

    Raises:
        RootKeyError: the root key is missing, damaged, or of another database.
        PolicyFileError: a policy that may not be used.
        ConnectorFileError: the file of connectors cannot be used.
        ReceiverFileError: so cannot that of receivers of transfers.
        ProfileFileError: nor that of profiles of masks.
        RefusedError: so may not the witnesses' policy.
    """
    check_unassigned()
    base = lay(chosen, now, minted)
    tenants = TenantDesk(base.database, base.log)
    credentials = CredentialDesk(
        base.database, base.log, bootstrap_ended=partial(remove_bootstrap_file, chosen.bootstrap_file)
    )
    engine, catalogues = policy_engine(base, known_purposes(base)), catalogue_source(base)
    integrity, lag = Integrity(base.registry), lag_watch(base)
    publishes = publishing(base, lag)
    editions = TenantEditions(catalogues, publication(base))
    gate = reveal_gate(editions)
    means = means_of(base, engine, catalogues, gate, restriction_gate(), lag=lag, integrity=integrity)
    hooks = webhooks(base, means)
    messenger = messenger_of(base, means, tenants.region_of, tenants.name_of)
    holders = holders_of(base, means, editions, hold_gate(), lag, tenants)
    listeners: list[ConsentListener] = [hooks.outbox, ConsentEnds()]
    pool = names_pool(base)
    calls = relay_calls(base, means, editions)
    relayed = relay_of(base, means, calls, tenants.region_of)
    relay = BoundOrders(relayed.bindings, relayed.directories)
    protection = protection_of(base, means, relay, tenants.region_of)
    answering = rights(base, means, editions, holders, messenger, tenants=tenants, listeners=listeners)
    notes, site = notes_of(pool), site_of(base, demo=demo is not None)
    staff = staff_of(base, site, tenants, tenant_seal(base))
    vault = vault_of(base, means, integrity, tenants, gate, hold=hold_gate(), notes=notes, trap=protection.trap)
    read = read_log(base, means, lag, publishes)
    retained, rotated = retention_of(base, means, catalogues), rotation_of(base, means, tenants, relayed.directories)
    reader = catalogue_reader(base, catalogues, editions)
    governance = Governance(vault, retained.use, rotated, reader, calls, read.tallying)
    parts = [
        _house_part(base, credentials),
        vault.part,
        handover_part(means, relay, tenants.region_of, ends_of(chosen)),
        devices_part(base, means, notes),
        protection.part,
        read.part,
        rotated.part,
        catalogue_part(base, means, catalogues, editions, messenger),
        consent_part(base, means, editions, listeners),
        receipts_part(base, means, editions),
        hooks.part,
        holders_part(base, holders),
        retained.part,
        *answering.parts,
        alerts_part(base, means, editions, messenger),
        masking_part(means, tenants, declared_profiles(chosen), pool),
        calls.part,
        relayed.part,
        relay_adapters(base, relayed, calls, tenants.region_of),
        shell_part(site),
        staff.part,
        officer_part(base, site, staff, answering, tenants, governance),
        auditor_part(base, site, staff, read, lag),
        privacy_centre_part(
            base,
            means,
            site,
            answering,
            consents=Consents(editions, listeners),
            tenants=tenants,
            showing=Showing(notes, lag),
        ),
        front_part(base, site, staff, answering, tenants, demo=demo),
    ]
    edge = Edge(_surroundings(base), packages(parts), _bounds(chosen))
    return Moat(
        edge=edge,
        credentials=credentials,
        tenants=tenants,
        database=base.database,
        keyring=base.keyring,
        unsealing=base.unsealing,
        sweeper=Sweeper(
            means,
            [sweep for part in parts for sweep in part.sweeps],
            failed=lambda error: failure_line(error, ""),
        ),
        publishing=publishes,
        jobs=base.jobs,
        work=work_of(parts),
        holders=holders,
        relay=relayed,
        staff=staff,
        closes=[close for part in parts for close in part.closes],
    )


def _house_part(base: Foundation, credentials: CredentialDesk) -> Part:
    """Credentials, jobs, and the state of what everything stands on."""
    return Part(
        blueprints=[CredentialApi(credentials).blueprint(), JobApi(base.database, base.log, base.jobs).blueprint()],
        tables=[JOB_PROBLEMS],
        problems=JOB_FURTHER,
        checks={
            "database": lambda: base.database.read(None, lambda _: None),
            "migrations": partial(_require_current, base.chosen),
        },
    )


def _surroundings(base: Foundation) -> Surroundings:
    return Surroundings(
        database=base.database,
        log=base.log,
        now=base.now,
        registry=base.registry,
        version=VERSION,
        shared_metrics=metrics_are_shared(),
    )


def _bounds(chosen: Settings) -> Bounds:
    return Bounds(
        body_bytes=chosen.max_body_mib * settings.MIB,
        calls_at_once=chosen.threads,
        calls_rate=chosen.call_rate,
        calls_burst=chosen.call_burst,
        failures_rate=chosen.failure_rate,
        failures_burst=chosen.failure_burst,
        visitors_rate=chosen.visitor_rate,
        visitors_burst=chosen.visitor_burst,
        proxies=chosen.behind_proxy,
        secure_transport=chosen.tls or bool(chosen.behind_proxy),
    )


def _require_current(chosen: Settings) -> None:
    if state(make_url(chosen.database_url)) is not SchemaState.CURRENT:
        raise RuntimeError("the schema is not that of this version")


def opened(
    chosen: Settings,
    minted: Mapping[int, int] | None = None,
    *,
    now: Callable[[], datetime] = utc_now,
    demo: Path | None = None,
) -> Moat:
    """A composed deployment for this process, as `compose` makes it.

    Raises:
        click.ClickException: it cannot be built, in one line.
    """
    try:
        return compose(chosen, now=now, minted=minted, demo=demo)
    except RootKeyError as error:
        raise click.ClickException(root_key_line(chosen, error)) from None
    except (
        ConnectorFileError,
        PolicyFileError,
        ProfileFileError,
        ProviderFileError,
        ReceiverFileError,
        RefusedError,
    ) as error:
        raise click.ClickException(str(error)) from None


def load_served(chosen: Settings, minted: Mapping[int, int], demo: Path | None = None) -> Served:
    """The application of one worker process. `minted` are the token key versions of before this start, `demo` as in `compose`.

    Raises:
        click.ClickException: it cannot be built, in one line.
    """
    moat = opened(chosen, minted, demo=demo)
    moat.unsealing.start()
    moat.sweeper.start()
    moat.publishing.start()
    dispatcher = start_work(chosen, moat)

    def close() -> None:
        dispatcher.stop()
        moat.close()

    return Served(moat.app, close)


def start_work(chosen: Settings, moat: Moat, now: Callable[[], datetime] = utc_now) -> Dispatcher:
    """Run jobs in this process, beside whatever else it does."""
    return durable_work.start(chosen, moat.database, moat.jobs, moat.work, now)
