"""`moat credential`, `moat tenant` and `moat explain`."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import settings
from audit.log import AuditLog
from composition.clock import operator_occasion
from database.engine import Database
from web.bootstrap import remove_bootstrap_file
from web.cli import commands
from web.issuance import CredentialDesk
from web.local import LocalDesks
from web.tenancy import TenantDesk


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


credential, tenant, explain = commands(opened_locally)
