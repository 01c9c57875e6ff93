"""The composition root: settings → database and keys → use cases → operations, commands and server.

Everything is built here and handed down; nothing below looks anything up.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import click
from flask import Flask
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy.engine import make_url

import settings as deployment
from audit.cli import audit_group
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.http import AuditApi
from audit.log import AuditLog
from audit.reader import AuditReader
from consent.purpose import starter_catalogue
from database.columns import millis
from database.engine import Database
from masking.mask import mask
from migrations.schema import SchemaState, SchemaTooNewError, migrate, state
from settings import Settings
from vault import policy
from vault.access import Access
from vault.budget import Budget
from vault.bulk_cli import detokenize as detokenize_file
from vault.bulk_cli import tokenize as tokenize_file
from vault.detokenization import Detokenization
from vault.disclosure import Decision
from vault.errors import RootKeyError
from vault.handover import Handover
from vault.http import UseCases, VaultApi
from vault.issued_token import IssuedTokens
from vault.key_summary import KeySummary
from vault.keyring import Keyring
from vault.means import Means
from vault.open_gates import OpenHoldGate, OpenRestrictionGate, OpenRevealGate
from vault.policy import PolicyEngine, load_policies
from vault.policy_cli import policy_group
from vault.policy_text import PolicyFileError
from vault.preserving import check_unassigned
from vault.problems import FURTHER, PROBLEMS
from vault.profile import Profiles
from vault.providers.file import FILE_NAME, FileKeyProvider, create_root_key
from vault.recording import Recording
from vault.request_explanation import RequestExplanation
from vault.search import Search
from vault.shredding import Shredding
from vault.subject import SubjectDirectory
from vault.sweep import Sweeper
from vault.tokenization import Tokenization
from web.bootstrap import keep_bootstrap_file, remove_bootstrap_file
from web.directories import make_private, only_one
from web.edge import Bounds, Edge, Packages, Surroundings
from web.http import CredentialApi
from web.issuance import CredentialDesk, Occasion
from web.serve import Listener, Served, first_lines, metrics_are_shared
from web.serve import serve as serve_http
from web.tenancy import DEFAULT_TENANT, TenantDesk

VERSION = version("moat-privacy")


def utc_now() -> datetime:
    """The clock of the deployment."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the clock is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Moat:
    """A composed deployment: the HTTP edge, the desks that local commands use, and how to close it."""

    edge: Edge
    credentials: CredentialDesk
    tenants: TenantDesk
    database: Database
    keyring: Keyring
    sweeper: Sweeper

    @property
    def app(self) -> Flask:
        """The WSGI application."""
        return self.edge.app

    def close(self) -> None:
        """Stop what runs beside the calls, write what is still only counted, and close the database."""
        self.sweeper.stop()
        self.edge.close()
        self.database.dispose()


class Integrity:
    """Counts records that failed to open, and makes the service say that it is not well."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counter = Counter(
            "moat_integrity_failures",
            "Records that failed to open although nothing was asked wrongly.",
            registry=registry,
        )
        self._seen = False

    def damaged(self, records: int) -> None:
        """Take note of records that did not open."""
        self._seen = True
        self._counter.inc(records)

    def check(self) -> None:
        """Raises RuntimeError once a record did not open since the start."""
        if self._seen:
            raise RuntimeError("stored records failed to open")


def compose(chosen: Settings, *, now: Callable[[], datetime] = utc_now) -> Moat:
    """Build a deployment whose database has its schema and whose root key exists.

    Raises:
        RootKeyError: the root key is missing, damaged, or of another database.
        PolicyFileError: a policy that may not be used.
    """
    check_unassigned()
    database = Database(chosen.database_url, pool_size=chosen.threads + 4)
    log = AuditLog()
    provider = FileKeyProvider(chosen.keys)
    keyring = Keyring(database, provider, log, now)
    keyring.open()
    engine = PolicyEngine(load_policies(chosen.policy_dir), starter_catalogue())
    registry = CollectorRegistry()
    integrity = Integrity(registry)
    means = Means(
        database, keyring, SubjectDirectory(), Access(engine, OpenRevealGate(), OpenRestrictionGate()), log, now
    )
    tenants = TenantDesk(database, log)
    credentials = CredentialDesk(database, log, bootstrap_ended=partial(remove_bootstrap_file, chosen.bootstrap_file))
    reader = AuditReader(database)
    shredding = Shredding(means, OpenHoldGate())
    shredding.resume()
    packages = Packages(
        blueprints=[
            VaultApi(_use_cases(means, engine, reader, shredding, integrity), tenants.region_of).blueprint(),
            AuditApi(database, log, reader).blueprint(),
            CredentialApi(credentials).blueprint(),
        ],
        tables=[PROBLEMS],
        problems=FURTHER,
        checks={
            "database": lambda: database.read(None, lambda _: None),
            "key_provider": keyring.check,
            "migrations": partial(_require_current, chosen),
            "integrity": integrity.check,
        },
    )
    around = Surroundings(
        database=database, log=log, now=now, registry=registry, version=VERSION, shared_metrics=metrics_are_shared()
    )
    edge = Edge(around, packages, _bounds(chosen))
    return Moat(
        edge=edge, credentials=credentials, tenants=tenants, database=database, keyring=keyring, sweeper=Sweeper(means)
    )


def _use_cases(
    means: Means, engine: PolicyEngine, reader: AuditReader, shredding: Shredding, integrity: Integrity
) -> UseCases:
    budget = Budget(means.database)
    recording = Recording(means.subjects)
    reveal, look, find = (
        Decision(action, means.access, means.subjects, budget)
        for action in (policy.Action.DETOKENIZE, policy.Action.SUBJECT_READ, policy.Action.SEARCH)
    )
    return UseCases(
        tokenization=Tokenization(means, recording),
        detokenization=Detokenization(means, reveal, mask, integrity.damaged),
        search=Search(means, find),
        profiles=Profiles(means, recording, look, mask),
        shredding=shredding,
        tokens=IssuedTokens(means),
        handover=Handover(means),
        keys=KeySummary(means),
        explanation=RequestExplanation(means, reader, engine),
    )


def _bounds(chosen: Settings) -> Bounds:
    return Bounds(
        body_bytes=chosen.max_body_mib * deployment.MIB,
        calls_at_once=chosen.threads,
        calls_rate=chosen.call_rate,
        calls_burst=chosen.call_burst,
        failures_rate=chosen.failure_rate,
        failures_burst=chosen.failure_burst,
        proxies=chosen.behind_proxy,
        secure_transport=chosen.tls or bool(chosen.behind_proxy),
    )


def _require_current(chosen: Settings) -> None:
    if state(make_url(chosen.database_url)) is not SchemaState.CURRENT:
        raise RuntimeError("the schema is not that of this version")


def prepare(chosen: Settings) -> None:
    """Bring directories, root key, schema and the default tenant into being; what is there is left as it is.

    Raises:
        click.ClickException: something is in the way, in one line that names the remedy.
    """
    make_private(chosen.data)
    make_private(chosen.keys)
    _prepare_schema(chosen)
    _prepare_root_key(chosen)


def _prepare_schema(chosen: Settings) -> None:
    url = make_url(chosen.database_url)
    found = state(url)
    if found is SchemaState.NEWER:
        raise click.ClickException(str(SchemaTooNewError()))
    if found is not SchemaState.CURRENT:
        if not chosen.on_sqlite:
            raise click.ClickException(f"the schema is {found.value}: run `moat migrate --database URL` first")
        migrate(url)


def _prepare_root_key(chosen: Settings) -> None:
    if (chosen.keys / FILE_NAME).exists():
        return
    database = Database(chosen.database_url)
    try:
        if Keyring.exists(database):
            raise click.ClickException(
                f"{chosen.keys / FILE_NAME} is missing, and the database was sealed under it: put it back from its backup"
            )
    finally:
        database.dispose()
    create_root_key(chosen.keys)


def opened(chosen: Settings) -> Moat:
    """A composed deployment for this process.

    Raises:
        click.ClickException: it cannot be built, in one line.
    """
    try:
        return compose(chosen)
    except RootKeyError as error:
        raise click.ClickException(_ROOT_KEY_REMEDIES[error.cause].format(path=chosen.keys / FILE_NAME)) from None
    except PolicyFileError as error:
        raise click.ClickException(str(error)) from None


_ROOT_KEY_REMEDIES = {
    "missing": "{path} is missing: put it back from its backup",
    "damaged": "{path} cannot be read as a root key: put it back from its backup",
    "readable_by_others": "others may read {path}: chmod 600 it",
    "other_database": "{path} is not the root key that this database was sealed under; nothing was changed",
}


def opened_database(data: Path | None, url: str | None) -> Database:
    """The database that a local command works on."""
    chosen = deployment.load(data=data, database=url)
    return Database(chosen.database_url, pool_size=2)


def operator_occasion() -> Occasion:
    """Somebody at the host's console does something now."""
    at = millis(utc_now())
    return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


def load_served(chosen: Settings) -> Served:
    """The application of one worker process."""
    moat = compose(chosen)
    moat.sweeper.start()
    return Served(moat.app, moat.close)


@click.group()
@click.version_option(VERSION, prog_name="moat")
def main() -> None:
    """Moat: an encrypted vault for personal data, and who may see what of it."""


@main.command()
@deployment.options
def serve(**options: object) -> None:
    """Serve the API. A first start on the embedded database makes everything that is needed."""
    chosen = deployment.load(**options)
    prepare(chosen)
    with ExitStack() as held:
        if chosen.on_sqlite:
            held.enter_context(only_one(chosen.data))
        moat = opened(chosen)
        tenant = moat.tenants.number_of(DEFAULT_TENANT)
        if tenant is None:
            tenant = moat.tenants.create(DEFAULT_TENANT, chosen.default_region, operator_occasion())
        moat.keyring.renew_token_keys()
        first = keep_bootstrap_file(chosen.bootstrap_file, moat.credentials, tenant, operator_occasion())
        moat.close()
        listener = Listener(
            bind=chosen.bind,
            port=chosen.port,
            workers=chosen.worker_count,
            threads=chosen.threads,
            tls_cert=chosen.tls_cert,
            tls_key=chosen.tls_key,
            client_ca=chosen.client_ca,
            metrics=chosen.metrics_address(),
        )
        lines = first_lines(listener, keys=chosen.keys, bootstrap_file=chosen.bootstrap_file if first else None)
        serve_http(listener, partial(load_served, chosen), ready=partial(click.echo, lines))


@main.command("migrate")
@deployment.options
def migrate_command(**options: object) -> None:
    """Bring the database to the schema of this version. Run it as the owner of the schema."""
    chosen = deployment.load(**options)
    if chosen.on_sqlite:
        make_private(chosen.data)
    try:
        migrate(make_url(chosen.database_url))
    except SchemaTooNewError as error:
        raise click.ClickException(str(error)) from None
    click.echo("the schema is current")


main.add_command(tokenize_file)
main.add_command(detokenize_file)
main.add_command(policy_group(starter_catalogue))
main.add_command(audit_group(opened_database))
