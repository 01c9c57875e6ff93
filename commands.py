"""The `moat` command: serving, migrating, and the commands that the packages bring, wired to the composition root."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import click
from httpx import WSGITransport
from sqlalchemy.engine import make_url

import settings
from app import Moat, load_served, opened, opened_database, operator_occasion, start_work
from audit.cli import audit_group
from audit.entry import Actor, ActorKind
from audit.host import LogHost
from audit.log import AuditLog
from audit.restart import Restart
from composition.audit_log import publisher_surroundings
from composition.backup import opened_backups
from composition.catalogue import catalogue_at, opened_catalogues
from composition.certificates import opened_certificates
from composition.foundation import VERSION, utc_now
from composition.key_moves import opened_move
from composition.keys import proved_roots
from consent.cli import consent_group
from database.columns import millis
from database.engine import Database
from demo.cli import demo_group
from deployment import prepare
from migrations.schema import SchemaTooNewError, migrate
from settings import Settings
from vault.backup.cli import backup_group
from vault.bulk.cli import detokenize as detokenize_file
from vault.bulk.cli import tokenize as tokenize_file
from vault.certificate_cli import certificate_group
from vault.keys_cli import keys_group
from vault.log_key import EXPORT_SIGNING, LogKeyring
from vault.policy_cli import policy_group
from vault.provider_cli import provider_group
from web.bootstrap import keep_bootstrap_file, remove_bootstrap_file
from web.cli import commands as local_commands
from web.directories import make_private, only_one
from web.issuance import CredentialDesk, Grant
from web.local import LocalDesks
from web.logs import configure_logging
from web.memory import protect_memory
from web.principal import Role, Scope
from web.serve import Listener, first_lines
from web.serve import serve as serve_http
from web.tenancy import DEFAULT_TENANT, TenantDesk
from work.cli import jobs_group
from work.decisions import Decisions
from work.desk import JobDesk
from work.durable import migrate_store
from work.host import JobHost

OWNER_ONLY = 0o077
"""The file mode bits that nothing of a deployment gets."""


@click.group()
@click.version_option(VERSION, prog_name="moat")
def main() -> None:
    """Moat: an encrypted vault for personal data, and who may see what of it."""


@main.command()
@settings.options
def serve(**options: object) -> None:
    """Serve the API. A first start on the embedded database makes everything that is needed."""
    chosen = settings.load(**options)
    configure_logging()
    protect_memory()
    prepare(chosen)
    _serve(
        chosen,
        lambda listener, bootstrap: click.echo(first_lines(listener, keys=chosen.keys, bootstrap_file=bootstrap)),
    )


def _serve(chosen: Settings, ready: Callable[[Listener, Path | None], None]) -> None:
    """Serve a prepared deployment until it is stopped."""
    with ExitStack() as held:
        if chosen.on_sqlite:
            held.enter_context(only_one(chosen.data))
        moat = opened(chosen)
        minted = moat.keyring.token_versions()
        if moat.unsealing.is_open:
            moat.keyring.renew_token_keys(beyond=minted)
        tenant = default_tenant(moat, chosen)
        bootstrap = keep_bootstrap_file(chosen.bootstrap_file, moat.credentials, tenant, operator_occasion())
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
        announce = partial(ready, listener, chosen.bootstrap_file if bootstrap else None)
        serve_http(listener, partial(load_served, chosen, minted), ready=announce)


def default_tenant(moat: Moat, chosen: Settings) -> int:
    """The number of the default tenant, which a first start makes."""
    found = moat.tenants.number_of(DEFAULT_TENANT)
    return moat.tenants.create(DEFAULT_TENANT, chosen.default_region, operator_occasion()) if found is None else found


@contextmanager
def opened_locally(*, data: Path | None, keys: Path | None, database: str | None) -> Iterator[LocalDesks]:
    """The desks of credentials and tenants on a deployment's database, for an operator on its host."""
    chosen = settings.load(data=data, keys=keys, database=database)
    opened_here = Database(chosen.database_url, pool_size=2)
    log = AuditLog()
    ended = partial(remove_bootstrap_file, chosen.bootstrap_file)
    try:
        yield LocalDesks(
            credentials=CredentialDesk(opened_here, log, bootstrap_ended=ended),
            tenants=TenantDesk(opened_here, log),
            occasion=operator_occasion,
        )
    finally:
        opened_here.dispose()


@contextmanager
def opened_log(
    *, data: Path | None, keys: Path | None, database: str | None, audit_anchor: tuple[str, ...] = ()
) -> Iterator[LogHost]:
    """The log of a deployment, for an operator on its host."""
    chosen = settings.load(data=data, keys=keys, database=database, audit_anchor=audit_anchor)
    opened_here = Database(chosen.database_url, pool_size=2)
    try:
        roots = proved_roots(chosen, opened_here, utc_now)
        around = publisher_surroundings(chosen, opened_here, roots, utc_now)
        log_keys = LogKeyring(opened_here, roots, AuditLog(), utc_now)
        export_keys = LogKeyring(opened_here, roots, AuditLog(), utc_now, usage=EXPORT_SIGNING)
        desk = CredentialDesk(opened_here, AuditLog(), bootstrap_ended=lambda: None)
        yield LogHost(
            database=opened_here,
            keys=log_keys,
            export_keys=export_keys,
            restart=Restart(
                database=opened_here,
                directory=around.directory,
                keys=log_keys,
                anchors=around.anchors,
                now=utc_now,
            ),
            holder=lambda text: desk.holder(text, millis(utc_now())),
            rotate=lambda: log_keys.rotate(Actor(ActorKind.OPERATOR)),
            rotate_export=lambda: export_keys.rotate(Actor(ActorKind.OPERATOR)),
        )
    finally:
        opened_here.dispose()


@contextmanager
def opened_jobs(*, data: Path | None, database: str | None) -> Iterator[JobHost]:
    """The jobs of a deployment, for people on its host."""
    opened_here = opened_database(data, database)
    credentials = CredentialDesk(opened_here, AuditLog(), bootstrap_ended=lambda: None)
    desk = JobDesk(opened_here)

    def approver(text: str) -> tuple[int, Actor] | None:
        found = credentials.principal(text, millis(utc_now()))
        if found is None or not found.may(Scope.JOBS_APPROVE):
            return None
        return found.tenant, Actor(ActorKind.CREDENTIAL, found.credential, found.role.value)

    try:
        yield JobHost(desk=desk, decisions=Decisions(opened_here, AuditLog(), desk), approver=approver, now=utc_now)
    finally:
        opened_here.dispose()


@main.command("worker")
@settings.options
def worker(**options: object) -> None:
    """Number and publish the audit log and run jobs, without serving: for a host beside those that serve."""
    chosen = settings.load(**options)
    configure_logging()
    protect_memory()
    prepare(chosen)
    with ExitStack() as held:
        if chosen.on_sqlite:
            held.enter_context(only_one(chosen.data))
        moat = opened(chosen)
        held.callback(moat.close)
        moat.unsealing.start()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        moat.publishing.start()
        held.callback(start_work(chosen, moat).stop)
        click.echo("working")
        stop.wait()


class DemoStart:
    """Makes and serves the deployment of `moat demo`."""

    @contextmanager
    def opened(self, data: Path, keys: Path) -> Iterator["DemoService"]:
        """Make the deployment and open it in this process, with nothing to say about calls that it makes to itself."""
        configure_logging(level=logging.WARNING)
        chosen = settings.load(data=data, keys=keys)
        prepare(chosen)
        moat = opened(chosen)
        try:
            yield DemoService(moat, default_tenant(moat, chosen))
        finally:
            moat.close()

    def serve(self, data: Path, keys: Path, port: int, ready: Callable[[str], None]) -> None:
        """Serve it until it is stopped."""
        chosen = settings.load(data=data, keys=keys, port=port)
        _serve(chosen, lambda listener, _: ready(listener.url))


class DemoService:
    """An opened deployment that the demo fills before it listens."""

    def __init__(self, moat: Moat, tenant: int) -> None:
        self._moat = moat
        self._tenant = tenant
        self.transport = WSGITransport(moat.app)

    def credential(self, name: str, role: str, scopes: Sequence[str]) -> str:
        """Make a test credential and return its text."""
        grant = Grant(name=name, role=Role(role), extra=frozenset(map(Scope, scopes)), test=True)
        return self._moat.credentials.create(self._tenant, grant, operator_occasion())[1].reveal()


@main.command("migrate")
@settings.options
def migrate_command(**options: object) -> None:
    """Bring the database to the schema of this version. Run it as the owner of the schema."""
    chosen = settings.load(**options)
    if chosen.on_sqlite:
        make_private(chosen.data)
    try:
        migrate(make_url(chosen.database_url))
        migrate_store(chosen.work_url)
    except SchemaTooNewError as error:
        raise click.ClickException(str(error)) from None
    click.echo("the schema is current")


main.add_command(tokenize_file)
main.add_command(detokenize_file)
main.add_command(policy_group(catalogue_at))
keys = keys_group()
keys.add_command(provider_group(opened_move, settings.key_options))
main.add_command(keys)
main.add_command(audit_group(opened_database, opened_log))
main.add_command(consent_group(opened_catalogues))
main.add_command(jobs_group(opened_jobs))
main.add_command(backup_group(opened_backups))
main.add_command(certificate_group(opened_certificates))
main.add_command(demo_group(DemoStart()))
for command in local_commands(opened_locally):
    main.add_command(command)


def run() -> None:
    """The process of a `moat` command: whatever it writes is its owner's only."""
    os.umask(OWNER_ONLY)
    main()
