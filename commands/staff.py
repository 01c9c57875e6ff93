"""`moat staff`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import settings
from audit.log import AuditLog
from composition.clock import operator_occasion
from database.engine import Database
from pages.staff.cli import LocalStaff, staff_group
from pages.staff.inviting import Inviting
from web.tenancy import TenantDesk


@contextmanager
def opened_staff(*, tenant: str, data: Path | None, keys: Path | None, database: str | None) -> Iterator[LocalStaff]:
    """The staff of a tenant in a deployment's database, for an operator on its host. Raises LookupError: no such tenant."""
    chosen = settings.load(data=data, keys=keys, database=database)
    opened = Database(chosen.database_url, pool_size=2)
    log = AuditLog()
    try:
        number = TenantDesk(opened, log).number_of(tenant)
        if number is None:
            raise LookupError(tenant)
        yield LocalStaff(
            inviting=Inviting(opened, log), tenant=number, origin=chosen.staff_origin, occasion=operator_occasion
        )
    finally:
        opened.dispose()


staff = staff_group(opened_staff)
