"""`moat serve`, `moat worker` and `moat migrate`."""

import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import click
from sqlalchemy.engine import make_url

import settings
from app import Moat, opened, start_work
from commands.loading import load
from composition.clock import operator_occasion
from deployment import prepare
from migrations.schema import SchemaTooNewError, migrate
from settings import Settings
from web.bootstrap import keep_bootstrap_file
from web.directories import make_private, only_one
from web.logs import configure_logging
from web.memory import protect_memory
from web.serve import Listener, first_lines
from web.serve import serve as serve_http
from web.tenancy import DEFAULT_TENANT
from work.durable import migrate_store


@click.command()
@settings.options
def serve(**options: object) -> None:
    """Serve the API. A first start on the embedded database makes everything that is needed."""
    chosen = settings.load(**options)
    configure_logging()
    protect_memory()
    prepare(chosen)
    serve_prepared(
        chosen,
        lambda listener, bootstrap: click.echo(first_lines(listener, keys=chosen.keys, bootstrap_file=bootstrap)),
    )


def serve_prepared(chosen: Settings, ready: Callable[[Listener, Path | None], None]) -> None:
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
        serve_http(listener, partial(load, chosen, minted), ready=announce)


def default_tenant(moat: Moat, chosen: Settings) -> int:
    """The number of the default tenant, which a first start makes."""
    found = moat.tenants.number_of(DEFAULT_TENANT)
    return moat.tenants.create(DEFAULT_TENANT, chosen.default_region, operator_occasion()) if found is None else found


@click.command()
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


@click.command("migrate")
@settings.options
def migrate_schema(**options: object) -> None:
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
