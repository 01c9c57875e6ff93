"""Making tenants: one transaction with its audit entry."""

import re

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from web import store
from web.errors import TenantNameTakenError
from web.issuance import Occasion

DEFAULT_TENANT = "default"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_REGION = re.compile(r"[A-Z]{2}")


class TenantDesk:
    """The use cases around tenants."""

    def __init__(self, database: Database, log: AuditLog) -> None:
        self._database = database
        self._log = log
        self._regions: dict[int, str] = {}

    def create(self, name: str, region: str, occasion: Occasion) -> int:
        """Make a tenant and tell its number. `region` is an ISO 3166-1 country code in capitals.

        Raises:
            ValueError: the name or the region is not of the right form.
            TenantNameTakenError: there is a tenant of this name.
        """
        if not _NAME.fullmatch(name):
            raise ValueError("a tenant's name is 1 to 63 small letters, digits and hyphens")
        if not _REGION.fullmatch(region):
            raise ValueError("a region is an ISO 3166-1 country code in capitals, such as CN")

        def work(tx: Transaction) -> int:
            number = tx.reserve("tenant", 1)[0]
            if tx.insert(store.INSERT_TENANT, [(number, name, region, occasion.at)]) == 0:
                raise TenantNameTakenError
            group = Group(Outcome.DONE, rows=[number])
            self._log.append(
                tx, Act(Action.TENANT_CREATE, occasion.actor, number, occasion.at, occasion.request, (group,))
            )
            return number

        return self._database.write(None, work)

    def number_of(self, name: str) -> int | None:
        """The number of the tenant with this name."""
        row = self._database.read(None, lambda tx: tx.one(store.TENANT_BY_NAME, name=name))
        return None if row is None else int(row[0])

    def name_of(self, number: int) -> str:
        """The name of a tenant, which never changes.

        Raises:
            LookupError: there is no such tenant.
        """
        row = self._database.read(None, lambda tx: tx.one(store.TENANT_NAME, id=number))
        if row is None:
            raise LookupError(number)
        return str(row[0])

    def region_of(self, number: int) -> str:
        """The region of a tenant, which never changes.

        Raises:
            LookupError: there is no such tenant.
        """
        region = self._regions.get(number)
        if region is None:
            row = self._database.read(None, lambda tx: tx.one(store.TENANT_REGION, id=number))
            if row is None:
                raise LookupError(number)
            region = self._regions[number] = str(row[0])
        return region
