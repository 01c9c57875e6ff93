"""`moat serve` and `moat migrate`.

The whole program is imported by the processes that serve, not by this one, which only starts them.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import click
from sqlalchemy.engine import make_url

import settings
from commands.loading import load
from composition.clock import operator_occasion, utc_now
from composition.foundation import lay
from composition.keys import root_key_line
from deployment import prepare
from migrations.schema import SchemaTooNewError, migrate
from settings import Settings
from vault.errors import RootKeyError
from web.bootstrap import keep_bootstrap_file, remove_bootstrap_file
from web.directories import make_private, only_one
from web.issuance import CredentialDesk
from web.logs import configure_logging
from web.memory import protect_memory
from web.serve import Listener, first_lines
from web.serve import serve as serve_http
from web.tenancy import DEFAULT_TENANT, TenantDesk
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


def serve_prepared(
    chosen: Settings, ready: Callable[[Listener, Path | None], None], *, demo: Path | None = None
) -> None:
    """Serve a prepared deployment until it is stopped. `demo` is the directory of a demo."""
    with ExitStack() as held:
        if chosen.on_sqlite:
            held.enter_context(only_one(chosen.data))
        minted, bootstrap = _begun(chosen)
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
        serve_http(listener, partial(load, chosen, minted, demo), ready=announce)


def _begun(chosen: Settings) -> tuple[Mapping[int, int], bool]:
    """What every start does before it serves, with no more of the program than that needs: open the keys, mint the next token
    keys, make the default tenant and, where nobody can call yet, the first credential. Gives the versions of token keys that
    were there before, and whether there is a first credential to print."""
    try:
        base = lay(chosen, utc_now)
    except RootKeyError as error:
        raise click.ClickException(root_key_line(chosen, error)) from None
    minted = base.keyring.token_versions()
    if base.unsealing.is_open:
        base.keyring.renew_token_keys(beyond=minted)
    tenant = default_tenant(TenantDesk(base.database, base.log), chosen)
    credentials = CredentialDesk(
        base.database, base.log, bootstrap_ended=partial(remove_bootstrap_file, chosen.bootstrap_file)
    )
    bootstrap = keep_bootstrap_file(chosen.bootstrap_file, credentials, tenant, operator_occasion())
    base.unsealing.stop()
    base.database.dispose()
    return minted, bootstrap


def default_tenant(tenants: TenantDesk, chosen: Settings) -> int:
    """The number of the default tenant, which a first start makes."""
    found = tenants.number_of(DEFAULT_TENANT)
    return tenants.create(DEFAULT_TENANT, chosen.default_region, operator_occasion()) if found is None else found


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
