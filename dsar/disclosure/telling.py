"""Telling a person that their package is ready: by a message with a link and no data. The link alone opens nothing."""

from collections.abc import Callable
from datetime import datetime

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.disclosure import store
from dsar.disclosure.fetching import new_link
from dsar.disclosure.link import drawn
from dsar.disclosure.ports import Desk
from dsar.disclosure.stored import DAY_MS, Stored
from dsar.disclosure.words import nearest
from dsar.ports import Messenger
from dsar.request import Request, by_itself
from dsar.right import Requester

TEMPLATE = "package_ready"


class Telling:
    """Sends links. `address_of` makes the address at which a person of a tenant can open a link."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        now: Callable[[], datetime],
        *,
        desk: Desk,
        messenger: Messenger,
        address_of: Callable[[int, str], str],
    ) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._desk = desk
        self._messenger = messenger
        self._address_of = address_of

    def tell(self, package: Stored) -> str | None:
        """Send a new link, which voids an earlier one; the channel by which it left, None where the person cannot be reached:
        they get a link in a session. What somebody asked for another person is handed over to them, and the person is not
        written to: it may be a child, or the deceased.

        Raises:
            OSError: the message did not leave. What is tried again has another link.
        """
        text, by = drawn(), by_itself(millis(self._now()))

        def work(tx: Transaction) -> Request | None:
            row = tx.one(store.PACKAGE, tenant=package.tenant, id=package.id.bytes)
            if row is None or not Stored.of(row).open_at(by.at):
                return None
            request = self._desk.find(tx, package.tenant, package.request)
            if request.requester is not Requester.SELF:
                return None
            new_link(tx, package, text)
            group = Group(Outcome.DONE, kind=request.right.value, refs=[request.ref])
            self._log.append(tx, Act(Action.PACKAGE_LINK, by.actor, package.tenant, by.at, by.call, [group]))
            return request

        request = self._database.write(package.tenant, work)
        if request is None:
            return None
        days = -(-(package.expires_at - by.at) // DAY_MS)
        values = {"request": str(request.id), "link": self._address_of(package.tenant, text), "days": str(days)}
        return self._messenger.send(
            package.tenant, package.subject, template=TEMPLATE, locale=nearest(request.locale), values=values
        )
