"""Making packages.

    1. begin     a row that says that a package is being made; what an earlier attempt left loses its row, and so its file
    2. collect   from every holder and from the log, into sealed spools
    3. write     the archive, as a stream, into a file that is ciphertext from its first octet; on the way the entry that names
    its
                 manifest is put into the log and published
    4. end       the row says ready, and the request is completed, in one transaction

Killed anywhere, it begins anew, with another key and from the holders: nothing readable was left, and only step 4 makes a
package.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis, rfc3339
from database.engine import Database
from database.transaction import Transaction
from dsar.desk.errors import RequestStateError
from dsar.disclosure import store
from dsar.disclosure.age import Lock, Passphrase, PublicKey, write_sealed
from dsar.disclosure.choosing import choice_of
from dsar.disclosure.collecting import INVENTORY, Asked, collect, held, wanted
from dsar.disclosure.collection import Collection
from dsar.disclosure.errors import LogBehindError, PersonGoneError
from dsar.disclosure.manifest import Manifest
from dsar.disclosure.package import Content, archived
from dsar.disclosure.page import Telling, written
from dsar.disclosure.ports import AccessEntries, Desk, PersonNames, Proofs, Proved, RuleBook, SigningKeys
from dsar.disclosure.receiver import Receivers
from dsar.disclosure.redaction import Redaction
from dsar.disclosure.shelf import Counted, Shelf
from dsar.disclosure.stored import EXPIRES_MS, PackageState, Stored, place_of
from dsar.disclosure.words import words_of
from dsar.holders.holder import Errand, Holders, Person
from dsar.ports import Seal, Sealed
from dsar.request import Request, RequestState, by_itself

LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where what goes into packages comes from. `issuer` is the name of the deployment's log."""

    holders: Holders
    accesses: AccessEntries
    names: PersonNames
    rule_book: RuleBook
    proofs: Proofs
    keys: SigningKeys
    receivers: Receivers
    issuer: str


@dataclass(frozen=True, slots=True)
class _Begun:
    request: Request
    package: UUID
    subject: int
    receiver: str | None
    lock: Sealed | None


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long a package is there, and how long the making of one waits for the log to publish an entry."""

    expires_ms: int = EXPIRES_MS
    patience_seconds: float = 30.0


class Maker:
    """Makes the package of a request."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        now: Callable[[], datetime],
        *,
        desk: Desk,
        sources: Sources,
        seal: Seal,
        shelf: Shelf,
        terms: Terms = Terms(),
    ) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._desk = desk
        self._from = sources
        self._seal = seal
        self._shelf = shelf
        self._terms = terms

    def make(self, tenant: int, request: UUID, *, again: bool = False) -> Stored | None:
        """The package of a request, made unless it is there; `again` makes one for a request that was completed by an earlier
        one. None where there is nothing to make any more: the request has ended otherwise, or the person was erased.

        Raises:
            HolderAwayError: a holder does not answer now.
            HolderRefusedError: one will not.
            LogBehindError: the log does not publish now.
            OSError: the disk does not take it.
        """
        found = self._database.write(tenant, partial(self._begin, tenant=tenant, request=request, again=again))
        if not isinstance(found, _Begun):
            return found
        try:
            return self._build(found)
        except (PersonGoneError, RequestStateError):
            self._shelf.remove(found.package)
            self._database.write(tenant, lambda tx: _withdraw(tx, tenant, found.package))
            return None

    def _begin(self, tx: Transaction, *, tenant: int, request: UUID, again: bool) -> _Begun | Stored | None:
        asked = self._desk.find(tx, tenant, request)
        row = tx.one(store.PACKAGE_OF_REQUEST, tenant=tenant, request=request.bytes)
        earlier = None if row is None else Stored.of(row)
        if earlier is not None and earlier.state in {PackageState.READY, PackageState.TRANSFERRED}:
            return earlier
        if asked.subject is None or not _open(asked, again=again):
            return None
        if earlier is not None:
            tx.run(store.DELETE_LINKS, tenant=tenant, package=earlier.id.bytes)
            tx.run(store.DELETE_PACKAGE, tenant=tenant, id=earlier.id.bytes)
        at = millis(self._now())
        receiver, lock = choice_of(tx, tenant, request)
        package = uuid7(at)
        row = (tenant, package.bytes, request.bytes, asked.subject, PackageState.BUILDING.value, receiver)
        tx.insert(store.INSERT_PACKAGES, [(*row, at, at + self._terms.expires_ms, 0, 0)])
        return _Begun(asked, package, asked.subject, receiver, lock)

    def _build(self, begun: _Begun) -> Stored:
        request, words = begun.request, words_of(begun.request.locale)
        ref = self._from.names.ref(request.tenant, begun.subject)
        if ref is None:
            raise PersonGoneError
        lock, made_at = self._lock(begun), millis(self._now())
        asked = Asked(request=request, person=Person(request.tenant, begun.subject), ref=ref, words=words)
        holders = self._from.holders.of(request.tenant)
        holdings = held(holders, asked.person, Errand(request=request.id, key=INVENTORY))
        rules = self._from.rule_book.rules(request.tenant, words.locale, made_at)
        telling = Telling(
            manifest=self._manifest(begun, ref, made_at),
            rules=wanted(holdings, rules),
            words=words,
            holdings=holdings,
            received_at=request.received_at,
            made_at=made_at,
        )
        with Collection(self._shelf.prepare(), Redaction(words.roles)) as collection:
            collect(asked, holders, self._from.accesses, rules, collection, holdings)
            counted = self._write(begun, telling, collection, lock)
            return self._end(begun, counted, collection.records, lock)

    def _manifest(self, begun: _Begun, ref: SubjectRef, made_at: int) -> Manifest:
        return Manifest(
            issuer=self._from.issuer,
            package=begun.package,
            request=begun.request.id,
            right=begun.request.right,
            person=ref,
            created=rfc3339(made_at),
        )

    def _lock(self, begun: _Begun) -> Lock:
        if begun.receiver is not None:
            return self._from.receivers.named(begun.receiver).key
        if begun.lock is None:
            return Passphrase.drawn()
        place = {"owner": begun.subject, "row": place_of(begun.request.id)}
        return PublicKey(self._seal.open(begun.request.tenant, begun.lock, **place).decode())

    def _write(self, begun: _Begun, telling: Telling, collection: Collection, lock: Lock) -> Counted:
        content = Content(
            manifest=telling.manifest,
            made_at=telling.made_at,
            page=written(telling, collection),
            rules=telling.rules,
            collection=collection,
        )
        witness = partial(self._witness, begun=begun, ref=telling.manifest.person)
        signers = self._from.keys.signers()
        with self._shelf.written(begun.package) as file:
            write_sealed(archived(content, signers, witness), file, lock)
        return file

    def _witness(self, digest: str, *, begun: _Begun, ref: SubjectRef) -> Proved:
        """Put the manifest's digest into the log, and wait until it is published."""
        tenant, by = begun.request.tenant, by_itself(millis(self._now()))
        group = Group(
            Outcome.DONE,
            kind=begun.request.right.value,
            subjects=[ref],
            refs=[begun.request.ref],
            wording=digest,
        )
        act, event = Act(Action.PACKAGE_MAKE, by.actor, tenant, by.at, by.call, [group]), uuid7(by.at)
        self._database.write(tenant, lambda tx: self._log.append(tx, act, event))
        until = time.monotonic() + self._terms.patience_seconds
        while (proved := self._from.proofs.of(tenant, event)) is None:
            if time.monotonic() >= until:
                raise LogBehindError
            time.sleep(LOOK_SECONDS)
        return proved

    def _end(self, begun: _Begun, counted: Counted, records: int, lock: Lock) -> Stored:
        tenant, package = begun.request.tenant, begun.package
        version, sealed = None, None
        if isinstance(lock, Passphrase):
            place = {"owner": begun.subject, "row": place_of(package)}
            version, sealed = self._seal.seal(tenant, lock.text.encode(), **place)
        at = millis(self._now())

        def work(tx: Transaction) -> Stored:
            ready: dict[str, Any] = {"digest": counted.digest, "size": counted.size, "records": records}
            secret: dict[str, Any] = {"seal_version": version, "sealed": sealed}
            expires_at = at + self._terms.expires_ms
            if not tx.run(store.READY, tenant=tenant, id=package.bytes, expires_at=expires_at, **ready, **secret):
                raise PersonGoneError
            request = self._desk.find(tx, tenant, begun.request.id)
            if begun.receiver is None and request.state is not RequestState.COMPLETED:
                self._desk.completed(tx, request, at)
            row = tx.one(store.PACKAGE, tenant=tenant, id=package.bytes)
            if row is None:
                raise PersonGoneError
            return Stored.of(row)

        return self._database.write(tenant, work)


def _open(request: Request, *, again: bool) -> bool:
    """Whether a package of the request may still be made."""
    if again:
        return request.state is RequestState.COMPLETED
    return not request.ended


def _withdraw(tx: Transaction, tenant: int, package: UUID) -> None:
    tx.run(store.END_PACKAGE, tenant=tenant, id=package.bytes, state=PackageState.WITHDRAWN.value)
