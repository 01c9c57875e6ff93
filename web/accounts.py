"""Credentials of people who sign in: they have a name, a role and scopes as every credential, and no text to send.

Each function works in the caller's transaction, and its audit entry is the caller's.
"""

from database.transaction import Transaction
from web import store
from web.credential import Credential
from web.errors import CredentialNameTakenError
from web.issuance import Grant
from web.principal import scopes_of, write_scopes


def open_account(tx: Transaction, tenant: int, grant: Grant, at: int) -> Credential:
    """Make one.

    Raises:
        CredentialNameTakenError: a credential that is not revoked has the name.
    """
    number = tx.reserve("credential", 1)[0]
    scopes = scopes_of(grant.role, grant.extra)
    line = write_scopes(scopes)
    row = (number, tenant, grant.name, grant.role.value, line, grant.test, False, at, grant.expires_at)
    if tx.insert(store.INSERT_CREDENTIAL, [row]) == 0:
        raise CredentialNameTakenError
    return Credential(number, grant.name, grant.role, scopes, grant.test, at, grant.expires_at, None)


def close_account(tx: Transaction, tenant: int, number: int, at: int) -> None:
    """End it."""
    tx.run(store.REVOKE, tenant=tenant, id=number, at=at)


def end_bootstrap(tx: Transaction, tenant: int, at: int) -> bool:
    """End the credential of the first start, once another can hand out access; whether there was one."""
    return tx.run(store.END_BOOTSTRAP, tenant=tenant, at=at) > 0
