"""Members as rows: found within a transaction."""

from database.transaction import Row, Transaction
from pages.staff import store
from pages.staff.member import Member
from web.principal import Role


def member_of(tx: Transaction, tenant: int, number: int) -> Member | None:
    """The member with a number."""
    return read(tenant, tx.one(store.MEMBER, tenant=tenant, id=number))


def member_to_change(tx: Transaction, tenant: int, number: int) -> Member | None:
    """The same, for whom others wait until this transaction has ended."""
    return read(tenant, tx.one(store.MEMBER_TO_CHANGE, tenant=tenant, id=number))


def member_named(tx: Transaction, tenant: int, name: str) -> Member | None:
    """The member whose live credential has a name."""
    return read(tenant, tx.one(store.MEMBER_NAMED, tenant=tenant, name=name))


def read(tenant: int, row: Row | None) -> Member | None:
    """A member of a row."""
    if row is None:
        return None
    number, credential, name, role, handle, made_at, enrolled_at, disabled_at = row
    return Member(
        tenant=tenant,
        id=number,
        credential=credential,
        name=name,
        role=Role(role),
        handle=bytes(handle),
        made_at=made_at,
        enrolled_at=enrolled_at,
        disabled_at=disabled_at,
    )
