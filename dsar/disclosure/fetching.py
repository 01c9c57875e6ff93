"""Fetching a package: links, downloads, and the passphrase. Whoever fetches has a link and has proved, now, that they are the
person: by a session with a second factor. Whatever is missing, wrong, used, expired or another's is answered alike.

A link is for one whole copy. It is used up by the transaction that lets the last piece go, and only one can: of two downloads at
a time one is cut off before its end. A download that breaks off before may be repeated, or resumed where it stopped, a few times.
A second link voids the first, and takes the same proof again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason, SubjectRef
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.disclosure import store
from dsar.disclosure.errors import PackageNotFoundError
from dsar.disclosure.link import digest_of, drawn
from dsar.disclosure.ports import Desk, PersonNames, Visitor
from dsar.disclosure.shelf import Shelf
from dsar.disclosure.stored import Stored, place_of
from dsar.ports import Seal
from dsar.request import By, Level
from dsar.right import Right

OPENED_AT_MOST = 10
"""How often a download by one link may begin."""
PIECE_BYTES = 64 * 1024
NEEDED = Level.TWO_FACTORS
NEEDED_FOR_RULES = Level.CHANNEL
"""For an explanation, which holds no data of the person."""
PERSON = Actor(ActorKind.PERSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that was made just now, and its end in milliseconds since the epoch."""

    text: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A package on its way out, from the octet `start` on. `pieces` raises PackageNotFoundError before the last of them where
    another download was first."""

    size: int
    start: int
    digest: bytes
    package: UUID
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Whom fetching asks: the desk, and what the log calls people."""

    desk: Desk
    names: PersonNames


class _Found(NamedTuple):
    """A package, the digest of the link that led to it, and what the log calls the person."""

    package: Stored
    digest: bytes
    ref: SubjectRef


class Fetching:
    """The use cases of people in a session of theirs."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        now: Callable[[], datetime],
        *,
        around: Around,
        seal: Seal,
        shelf: Shelf,
    ) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._around = around
        self._seal = seal
        self._shelf = shelf

    def linked(self, visitor: Visitor, request: UUID, by: By) -> Link:
        """A new link to the package of a request; any earlier one opens nothing from now on.

        Raises:
            PackageNotFoundError: there is none for this visitor.
        """
        text, ref = drawn(), self._around.names.ref(visitor.tenant, visitor.subject)

        def work(tx: Transaction) -> Link | None:
            row = tx.one(store.PACKAGE_OF_REQUEST, tenant=visitor.tenant, request=request.bytes)
            package = None if row is None else Stored.of(row)
            made = None
            if package is not None and ref is not None and self._opens(tx, package, visitor, by.at):
                made = new_link(tx, package, text)
            self._note(tx, Action.PACKAGE_LINK, visitor, by, None if made is None else package, ref)
            return made

        made = self._database.write(visitor.tenant, work)
        if made is None:
            raise PackageNotFoundError
        return made

    def opened(self, text: str, visitor: Visitor, by: By, *, start: int = 0) -> Download:
        """Begin a download. It is in the log before its first octet leaves.

        Raises:
            PackageNotFoundError: the link opens nothing for this visitor, or the package does not lie on this host.
        """
        found = self._found(text, visitor, by, Action.PACKAGE_DOWNLOAD)
        package = found.package
        path = self._shelf.path(package.id)
        if package.digest is None or package.size is None or not 0 <= start < package.size or not path.exists():
            raise PackageNotFoundError

        def work(tx: Transaction) -> bool:
            place: dict[str, Any] = {"tenant": package.tenant, "digest": found.digest, "at": by.at}
            begins = tx.run(store.OPEN_LINK, at_most=OPENED_AT_MOST, **place) == 1
            self._note(tx, Action.PACKAGE_DOWNLOAD, visitor, by, package if begins else None, found.ref)
            return begins

        if not self._database.write(package.tenant, work):
            raise PackageNotFoundError
        return Download(
            size=package.size,
            start=start,
            digest=package.digest,
            package=package.id,
            pieces=self._pieces(path, package, found.digest, start),
        )

    def told(self, text: str, visitor: Visitor, by: By) -> str:
        """The passphrase of a package, once: it is forgotten before it leaves.

        Raises:
            PackageNotFoundError: the link opens nothing for this visitor, or it was told, or there never was one.
            KeysUnavailableError: it cannot be opened now, and is not forgotten.
        """
        found = self._found(text, visitor, by, Action.PACKAGE_TELL)
        package = found.package
        if package.secret is None:
            raise PackageNotFoundError
        opened = self._seal.open(package.tenant, package.secret, owner=package.subject, row=place_of(package.id))

        def work(tx: Transaction) -> bool:
            forgotten = tx.run(store.FORGET_SECRET, tenant=package.tenant, id=package.id.bytes) == 1
            self._note(tx, Action.PACKAGE_TELL, visitor, by, package if forgotten else None, found.ref)
            return forgotten

        if not self._database.write(package.tenant, work):
            raise PackageNotFoundError
        return opened.decode()

    def _found(self, text: str, visitor: Visitor, by: By, action: Action) -> _Found:
        """The package of a link that lives, for the person it is about."""
        digest, ref = digest_of(text), self._around.names.ref(visitor.tenant, visitor.subject)

        def look(tx: Transaction) -> Stored | None:
            row = None if digest is None else tx.one(store.LINK, tenant=visitor.tenant, digest=digest)
            if row is None or row[1] is not None or by.at >= row[0]:
                return None
            package = Stored.of(row[2:])
            return package if self._opens(tx, package, visitor, by.at) else None

        package = self._database.read(visitor.tenant, look)
        if digest is not None and ref is not None and package is not None:
            return _Found(package, digest, ref)
        self._database.write(visitor.tenant, lambda tx: self._note(tx, action, visitor, by, None, ref))
        raise PackageNotFoundError

    def _opens(self, tx: Transaction, package: Stored, visitor: Visitor, at: int) -> bool:
        """Whether a package is there for this visitor: the person it is about, as surely as it takes."""
        if (package.tenant, package.subject) != (visitor.tenant, visitor.subject) or not package.open_at(at):
            return False
        right = self._around.desk.find(tx, package.tenant, package.request).right
        return visitor.level >= (NEEDED_FOR_RULES if right is Right.EXPLANATION else NEEDED)

    def _pieces(self, path: Path, package: Stored, digest: bytes, start: int) -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(start)
            piece = file.read(PIECE_BYTES)
            while following := file.read(PIECE_BYTES):
                yield piece
                piece = following
        if not self._database.write(
            package.tenant, partial(_used, package=package, digest=digest, at=millis(self._now()))
        ):
            raise PackageNotFoundError
        yield piece

    def _note(
        self, tx: Transaction, action: Action, visitor: Visitor, by: By, package: Stored | None, ref: SubjectRef | None
    ) -> None:
        """One entry, of the visitor's package or of a refusal that names none."""
        people = () if ref is None else (ref,)
        group = Group(Outcome.DENIED, Reason.NOT_FOUND, subjects=people)
        if package is not None:
            request = self._around.desk.find(tx, visitor.tenant, package.request)
            group = Group(Outcome.DONE, kind=request.right.value, subjects=people, refs=[request.ref])
        self._log.append(tx, Act(action, PERSON, visitor.tenant, by.at, by.call, [group]))


def new_link(tx: Transaction, package: Stored, text: str) -> Link:
    """Enter a link, in the caller's transaction, and void any other of the package.

    Raises:
        ValueError: the text is none of a link.
    """
    digest = digest_of(text)
    if digest is None:
        raise ValueError("not a link")
    tx.run(store.DELETE_LINKS, tenant=package.tenant, package=package.id.bytes)
    tx.insert(store.INSERT_LINKS, [(package.tenant, digest, package.id.bytes, package.expires_at, 0)])
    return Link(text=text, expires_at=package.expires_at)


def _used(tx: Transaction, *, package: Stored, digest: bytes, at: int) -> bool:
    """Use up the link, if nobody has."""
    if tx.run(store.USE_LINK, tenant=package.tenant, digest=digest, at=at) != 1:
        return False
    tx.run(store.COUNT_DOWNLOAD, tenant=package.tenant, id=package.id.bytes)
    return True
