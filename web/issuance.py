"""Making, listing, rotating and revoking credentials: one transaction each, with its audit entry in it.

Revocation and expiry hold from the next request on, because each request looks its credential up; where a view says that a
recent look-up will do, within a second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from web import store
from web.credential import Credential, CredentialText, draw
from web.errors import (
    CredentialEndedError,
    CredentialNameTakenError,
    CredentialNotFoundError,
    CredentialWithoutTextError,
    MalformedCredentialError,
    ScopeNotGrantableError,
)
from web.principal import BOOTSTRAP_SCOPES, Principal, Role, Scope, read_scopes, scopes_of, write_scopes

BOOTSTRAP_NAME = "bootstrap"
BOOTSTRAP_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Who does something, in which request and when (milliseconds since the epoch). `test` actors make test credentials only."""

    actor: Actor
    request: str
    at: int
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a new credential shall be. `extra` are scopes beside those of the role; `expires_at` None is never."""

    name: str
    role: Role
    extra: frozenset[Scope] = frozenset()
    test: bool = False
    expires_at: int | None = None


class CredentialDesk:
    """The use cases around credentials. `bootstrap_ended` is told, after the commit, that the first one is of no use now."""

    def __init__(self, database: Database, log: AuditLog, *, bootstrap_ended: Callable[[], None]) -> None:
        self._database = database
        self._log = log
        self._bootstrap_ended = bootstrap_ended

    def create(self, tenant: int, grant: Grant, occasion: Occasion) -> tuple[Credential, CredentialText]:
        """Make a credential. An administrator's ends the bootstrap credential of its tenant in the same transaction.

        Raises:
            CredentialNameTakenError: a credential that is not revoked has the name.
            ScopeNotGrantableError: a test credential asked for one that is none.
        """
        if occasion.test and not grant.test:
            raise ScopeNotGrantableError
        secret = draw(test=grant.test)
        scopes = scopes_of(grant.role, grant.extra)
        replaces_bootstrap = grant.role is Role.ADMIN and not grant.test

        def work(tx: Transaction) -> tuple[Credential, bool]:
            credential = _insert(tx, tenant, grant, scopes=scopes, secret=secret, at=occasion.at, bootstrap=False)
            ended = replaces_bootstrap and tx.run(store.END_BOOTSTRAP, tenant=tenant, at=occasion.at) > 0
            self._log.append(
                tx, _act(Action.CREDENTIAL_CREATE, tenant, occasion, rows=[credential.id], kind=grant.role)
            )
            return credential, ended

        credential, ended = self._database.write(tenant, work)
        if ended:
            self._bootstrap_ended()
        return credential, secret

    def bootstrap(self, tenant: int, occasion: Occasion) -> CredentialText:
        """Make the administrator's credential of a first start: it creates credentials and staff, and nothing else, for 24 hours.

        An earlier one ends.
        """
        secret = draw(test=False)
        lifetime_ms = int(BOOTSTRAP_LIFETIME.total_seconds() * 1000)
        grant = Grant(name=BOOTSTRAP_NAME, role=Role.ADMIN, expires_at=occasion.at + lifetime_ms)

        def work(tx: Transaction) -> None:
            tx.run(store.END_BOOTSTRAP, tenant=tenant, at=occasion.at)
            made = _insert(tx, tenant, grant, scopes=BOOTSTRAP_SCOPES, secret=secret, at=occasion.at, bootstrap=True)
            self._log.append(tx, _act(Action.CREDENTIAL_CREATE, tenant, occasion, rows=[made.id], kind=Role.ADMIN))

        self._database.write(tenant, work)
        return secret

    def has_administrator(self, tenant: int, at: int) -> bool:
        """Whether somebody beside the bootstrap credential can hand out access to the tenant."""
        return self._database.read(tenant, lambda tx: tx.one(store.LIVE_ADMIN, tenant=tenant, at=at)) is not None

    def works(self, presented: str, at: int) -> bool:
        """Whether a credential text would be let in."""
        return self.holder(presented, at) is not None

    def holder(self, presented: str, at: int) -> Actor | None:
        """Whose credential text this is, as the log names them; None where it would not be let in."""
        principal = self.principal(presented, at)
        return None if principal is None else Actor(ActorKind.CREDENTIAL, principal.credential, principal.role.value)

    def principal(self, presented: str, at: int) -> Principal | None:
        """Who calls with a credential text; None where it would not be let in."""
        try:
            digest = CredentialText(presented).digest()
        except MalformedCredentialError:
            return None
        row = self._database.look(store.LOOK_UP, digest=digest)
        if row is None:
            return None
        tenant, number, name, role, scopes, test, expires_at, revoked_at, frozen_at, _, ends_at = row
        ended = any(end is not None and end <= at for end in (expires_at, ends_at))
        if ended or revoked_at is not None or frozen_at is not None:
            return None
        return Principal(tenant, number, name, Role(role), read_scopes(scopes), bool(test))

    def page(self, tenant: int, occasion: Occasion, *, after: int, limit: int) -> list[Credential]:
        """Credentials of the tenant with a number above `after`, ended ones too, in the order they were made."""

        def work(tx: Transaction) -> Sequence[Row]:
            rows = tx.all(store.CREDENTIALS_PAGE, tenant=tenant, after=after, limit=limit)
            self._log.append(tx, _act(Action.CREDENTIAL_LIST, tenant, occasion, count=len(rows)))
            return rows

        return [_credential(row) for row in self._database.write(tenant, work)]

    def rotate(
        self, tenant: int, number: int, overlap: timedelta, occasion: Occasion
    ) -> tuple[Credential, CredentialText]:
        """Give a credential a new text. The old one keeps working for `overlap`, and the one before that ends with it at most.

        Raises:
            CredentialNotFoundError: the tenant has no such credential.
            CredentialEndedError: it was revoked or has expired.
            CredentialWithoutTextError: it is that of a person, who signs in.
            ScopeNotGrantableError: a test credential asked for the rotation of one that is none.
        """

        def work(tx: Transaction) -> tuple[Credential, CredentialText]:
            credential = _find(tx, tenant, number)
            expired = credential.expires_at is not None and credential.expires_at <= occasion.at
            if credential.revoked_at is not None or expired:
                raise CredentialEndedError
            if occasion.test and not credential.test:
                raise ScopeNotGrantableError
            secret = draw(test=credential.test)
            ends_at = occasion.at + int(overlap.total_seconds() * 1000)
            if tx.run(store.END_SECRETS, tenant=tenant, id=number, at=ends_at) == 0:
                raise CredentialWithoutTextError
            tx.insert(store.INSERT_SECRET, [(tenant, number, secret.digest())])
            self._log.append(tx, _act(Action.CREDENTIAL_ROTATE, tenant, occasion, rows=[number]))
            return credential, secret

        return self._database.write(tenant, work)

    def revoke(self, tenant: int, number: int, occasion: Occasion) -> None:
        """End a credential now. Doing it again changes nothing and is recorded again.

        Raises:
            CredentialNotFoundError: the tenant has no such credential.
            ScopeNotGrantableError: a test credential asked for the end of one that is none.
        """

        def work(tx: Transaction) -> None:
            credential = _find(tx, tenant, number)
            if occasion.test and not credential.test:
                raise ScopeNotGrantableError
            tx.run(store.REVOKE, tenant=tenant, id=number, at=occasion.at)
            self._log.append(tx, _act(Action.CREDENTIAL_REVOKE, tenant, occasion, rows=[number]))

        self._database.write(tenant, work)


def _insert(
    tx: Transaction,
    tenant: int,
    grant: Grant,
    *,
    scopes: frozenset[Scope],
    secret: CredentialText,
    at: int,
    bootstrap: bool,
) -> Credential:
    number = tx.reserve("credential", 1)[0]
    line = write_scopes(scopes)
    row = (number, tenant, grant.name, grant.role.value, line, grant.test, bootstrap, at, grant.expires_at)
    if tx.insert(store.INSERT_CREDENTIAL, [row]) == 0:
        raise CredentialNameTakenError
    tx.insert(store.INSERT_SECRET, [(tenant, number, secret.digest())])
    return Credential(number, grant.name, grant.role, scopes, grant.test, at, grant.expires_at, None)


def _find(tx: Transaction, tenant: int, number: int) -> Credential:
    row = tx.one(store.CREDENTIAL_FOR_UPDATE, tenant=tenant, id=number)
    if row is None:
        raise CredentialNotFoundError
    return _credential(row)


def _credential(row: Row) -> Credential:
    number, name, role, scopes, test, created_at, expires_at, revoked_at = row
    return Credential(number, name, Role(role), read_scopes(scopes), bool(test), created_at, expires_at, revoked_at)


def _act(
    action: Action,
    tenant: int,
    occasion: Occasion,
    *,
    rows: Sequence[int] = (),
    kind: str | None = None,
    count: int | None = None,
) -> Act:
    group = Group(Outcome.DONE, kind=kind, rows=rows, count=count)
    return Act(action, occasion.actor, tenant, occasion.at, occasion.request, (group,))
