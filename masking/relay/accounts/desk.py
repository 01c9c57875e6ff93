"""Making accounts, listing them, changing their secrets and ending them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from audit.entry import Act, Action, Actor, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.accounts import store
from masking.relay.accounts.account import PROVIDERS, Account, AccountKind, SharedSecret
from masking.relay.accounts.errors import (
    AccountFieldsError,
    AccountNameTakenError,
    AccountNotFoundError,
    NoPublicAddressError,
    NotAllowedOutsideError,
    TooManyAccountsError,
)
from masking.relay.accounts.ports import MacHolder, Macs, Outside, Seal, Sealed
from work.replay import Replay

ACCOUNTS_AT_MOST = 20
LARGEST = 2**63 - 1
URL = re.compile(r"https?://[^\s?#@]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who acts, for which tenant, in which request, and when (milliseconds since the epoch)."""

    tenant: int
    actor: Actor
    request: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """An account that is asked for. `pool` is a pool's name."""

    kind: AccountKind
    name: str
    login: str
    url: str
    pool_key: str
    pool: str
    language: str


class Opened(NamedTuple):
    """An account with its secret at hand."""

    account: Account
    secret: SharedSecret


class AccountDesk:
    """The use cases around accounts. `public` is the address at which the outside reaches this service; None where the operator
    has not said."""

    def __init__(
        self, database: Database, log: AuditLog, seal: Seal, outside: Outside, macs: Macs, *, public: str | None
    ) -> None:
        self._database = database
        self._log = log
        self._seal = seal
        self._outside = outside
        self._macs = macs
        self.public = public

    def make(self, by: By, wished: Wished, secret: SharedSecret, replay: Replay | None = None) -> Account:
        """Make an account. Who repeats the call by its `replay` gets the one that was made.

        Raises:
            AccountFieldsError: the kind takes other fields, or there is no such pool.
            AccountNameTakenError, TooManyAccountsError: there is no room for it.
            NotAllowedOutsideError: the operator does not allow calls to its address.
            NoPublicAddressError: its webhooks could not be verified.
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        self._check(wished)
        number = self._database.write(by.tenant, lambda tx: tx.reserve("relay_account", 1)[0])
        sealed = self._seal.seal(by.tenant, secret.expose(), owner=number, row=1)

        def attempt(holder: MacHolder) -> Account:
            def work(tx: Transaction) -> Account:
                earlier = None if replay is None else replay.earlier(tx, holder.mac, by.at)
                if earlier is not None:
                    return _found(tx, by.tenant, int(earlier[0]))
                made = self._insert(tx, by, wished, number, sealed)
                if replay is not None:
                    replay.keep(tx, holder.mac, [number], by.at)
                return made

            return self._database.write(by.tenant, work)

        return self._macs.using(by.tenant, attempt)

    def _check(self, wished: Wished) -> None:
        if wished.url and not URL.fullmatch(wished.url):
            raise AccountFieldsError("url")
        if wished.url and not self._outside.allows(wished.url):
            raise NotAllowedOutsideError
        if self.public is None:
            raise NoPublicAddressError

    def _insert(self, tx: Transaction, by: By, wished: Wished, number: int, sealed: Sealed) -> Account:
        row = tx.one(store.POOL_OF_NAME, tenant=by.tenant, name=wished.pool) if wished.pool else (0,)
        if row is None:
            raise AccountFieldsError("pool")
        counted = tx.one(store.COUNT_ACCOUNTS, tenant=by.tenant)
        if counted is not None and counted[0] >= ACCOUNTS_AT_MOST:
            raise TooManyAccountsError
        if tx.one(store.ACCOUNT_OF_NAME, tenant=by.tenant, name=wished.name) is not None:
            raise AccountNameTakenError
        if row[0] and tx.one(store.ACCOUNT_OF_POOL, tenant=by.tenant, pool=row[0]) is not None:
            raise AccountFieldsError("pool")
        made = Account(
            id=number,
            tenant=by.tenant,
            kind=wished.kind,
            name=wished.name,
            login=wished.login,
            url=wished.url,
            pool_key=wished.pool_key,
            pool=row[0],
            language=wished.language,
            created_at=by.at,
        )
        named = (made.login, made.url, made.pool_key, made.pool, made.language)
        tx.insert(store.INSERT_ACCOUNTS, [(number, by.tenant, made.kind.value, made.name, *named, 1, *sealed, by.at)])
        self._record(tx, by, Action.RELAY_ACCOUNT_CREATE, number)
        return made

    def page(self, tenant: int, *, after: int, limit: int) -> Sequence[Account]:
        """Accounts of the tenant in the order in which they were made."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.ACCOUNTS, tenant=tenant, after=after, limit=limit))
        return [_of(tenant, row) for row in rows]

    def receipts_key(self, account: Account) -> str | None:
        """What stands in the address that receipts come to; None for a switch, which signs what it sends."""
        return self.open(account.id).secret.receipts_key() if account.kind in PROVIDERS else None

    def change_secret(self, by: By, number: int, secret: SharedSecret) -> None:
        """Put a new secret in the place of the old one, which ends at once. Raises AccountNotFoundError."""
        row = self._database.read(by.tenant, lambda tx: tx.one(store.VERSION, tenant=by.tenant, id=number))
        if row is None:
            raise AccountNotFoundError
        version = row[0] + 1
        key, sealed = self._seal.seal(by.tenant, secret.expose(), owner=number, row=version)

        def work(tx: Transaction) -> None:
            held = tx.one(store.ACCOUNT_TO_CHANGE, tenant=by.tenant, id=number)
            if held is None or held[0] + 1 != version:
                raise AccountNotFoundError
            tx.run(store.SET_SECRET, tenant=by.tenant, id=number, version=version, seal_version=key, sealed=sealed)
            self._record(tx, by, Action.RELAY_ACCOUNT_ROTATE, number)

        self._database.write(by.tenant, work)

    def end(self, by: By, number: int) -> None:
        """End an account with its secret. Raises AccountNotFoundError."""

        def work(tx: Transaction) -> None:
            if not tx.run(store.DELETE_ACCOUNT, tenant=by.tenant, id=number):
                raise AccountNotFoundError
            tx.run(store.DELETE_SEEN, tenant=by.tenant, account=number)
            self._record(tx, by, Action.RELAY_ACCOUNT_DELETE, number)

        self._database.write(by.tenant, work)

    def open(self, number: int, kinds: frozenset[AccountKind] = frozenset(AccountKind)) -> Opened:
        """An account of one of these kinds with its secret, for a call that names nothing but its number: of whichever tenant.

        Raises:
            AccountNotFoundError: there is none.
        """
        row = self._database.look(store.OPENING, id=number) if number <= LARGEST else None
        if row is None or AccountKind(row[2]) not in kinds:
            raise AccountNotFoundError
        *fields, version, key, sealed = row
        account = _of(fields[1], tuple(fields))
        octets = self._seal.open(account.tenant, (key, bytes(sealed)), owner=number, row=version)
        return Opened(account, SharedSecret(octets))

    def _record(self, tx: Transaction, by: By, action: Action, number: int) -> None:
        group = Group(Outcome.DONE, rows=[number])
        self._log.append(tx, Act(action, by.actor, by.tenant, by.at, by.request, [group]))


def _found(tx: Transaction, tenant: int, number: int) -> Account:
    row = tx.one(store.ACCOUNT, tenant=tenant, id=number)
    if row is None:
        raise AccountNotFoundError
    return _of(tenant, row)


def _of(tenant: int, row: Row) -> Account:
    number, _, kind, name, login, url, pool_key, pool, language, created_at = row
    return Account(
        id=number,
        tenant=tenant,
        kind=AccountKind(kind),
        name=name,
        login=login,
        url=url,
        pool_key=pool_key,
        pool=pool,
        language=language,
        created_at=created_at,
    )
