"""Choosing how a package is sealed and where it goes, before it is made: to a key of the person's own, under a passphrase that is
drawn for it, or to a registered receiver.

A person's key is no secret, but it can lead to them elsewhere: it is kept sealed, and goes with the person.
"""

from dataclasses import dataclass
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.disclosure import store
from dsar.disclosure.age import PublicKey
from dsar.disclosure.errors import NotAskedError, PackageNotFoundError
from dsar.disclosure.ports import Desk, Visitor
from dsar.disclosure.receiver import Receivers
from dsar.disclosure.stored import place_of
from dsar.ports import Seal, Sealed
from dsar.request import By, Request
from dsar.right import Right

DISCLOSED = frozenset({Right.ACCESS, Right.PORTABILITY, Right.EXPLANATION})
"""The rights that a package answers."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A key of the person's own, or the id of a receiver, or neither: then a passphrase is drawn."""

    key: PublicKey | None = None
    receiver: str | None = None


class Choosing:
    """The use case."""

    def __init__(self, database: Database, log: AuditLog, *, desk: Desk, seal: Seal, receivers: Receivers) -> None:
        self._database = database
        self._log = log
        self._desk = desk
        self._seal = seal
        self._receivers = receivers

    def choose(self, tenant: int, request: UUID, choice: Choice, by: By, visitor: Visitor | None = None) -> None:
        """Take down a choice; a later one takes its place. A visitor chooses for requests of their own.

        Raises:
            RequestNotFoundError: the tenant has no such request.
            PackageNotFoundError: it is not the visitor's.
            NotAskedError: no package will be made for it any more, or only data that the person asked to be moved may go to a
                receiver.
            ReceiverUnknownError: there is no such receiver.
        """
        if choice.receiver is not None:
            self._receivers.named(choice.receiver)
        asked = self._database.read(tenant, lambda tx: self._desk.find(tx, tenant, request))
        subject = _subject(asked, choice, visitor)
        version, sealed = None, None
        if choice.key is not None:
            place = {"owner": subject, "row": place_of(request)}
            version, sealed = self._seal.seal(tenant, choice.key.text.encode(), **place)

        def work(tx: Transaction) -> None:
            found = self._desk.find(tx, tenant, request)
            _subject(found, choice, visitor)
            tx.run(store.DELETE_CHOICE, tenant=tenant, request=request.bytes)
            tx.insert(store.INSERT_CHOICES, [(tenant, request.bytes, subject, choice.receiver, version, sealed)])
            group = Group(Outcome.DONE, kind=found.right.value, refs=[found.ref])
            self._log.append(tx, Act(Action.PACKAGE_CHOOSE, by.actor, tenant, by.at, by.call, [group]))

        self._database.write(tenant, work)


def choice_of(tx: Transaction, tenant: int, request: UUID) -> tuple[str | None, Sealed | None]:
    """The receiver, and the sealed key of the person's own, that were chosen for a request."""
    row = tx.one(store.CHOICE, tenant=tenant, request=request.bytes)
    if row is None:
        return None, None
    return row[0], None if row[2] is None else (row[1], bytes(row[2]))


def _subject(request: Request, choice: Choice, visitor: Visitor | None) -> int:
    if visitor is not None and request.subject != visitor.subject:
        raise PackageNotFoundError
    if request.subject is None or request.ended or request.right not in DISCLOSED:
        raise NotAskedError
    if choice.receiver is not None and request.right is not Right.PORTABILITY:
        raise NotAskedError
    return request.subject
