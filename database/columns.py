"""Column types and names that every table shares.

Times are whole milliseconds since the Unix epoch, UTC, in a BIGINT: both databases sort and compare them alike, and no
driver can attach a zone of its own. Identifiers are BIGINT; on SQLite they are INTEGER, because only that spelling makes a
column the row id.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer
from sqlmodel import SQLModel

Identifier = BigInteger().with_variant(Integer(), "sqlite")
"""SQL type of a primary or foreign key."""

Millis = BigInteger
"""SQL type of a moment: milliseconds since 1970-01-01T00:00:00Z."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata
metadata.naming_convention = NAMING


def millis(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware `moment`, rounded down.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return int(moment.timestamp() * 1000)


def moment(milliseconds: int) -> datetime:
    """The aware UTC time of a stored number of milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def rfc3339(milliseconds: int) -> str:
    """RFC 3339 text in UTC with milliseconds, as every answer and audit entry writes a time."""
    return moment(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def identity(**options: Any) -> Column[int]:
    """A never reused sequential primary key: AUTOINCREMENT on SQLite, an identity column on PostgreSQL."""
    return Column("id", Identifier, primary_key=True, autoincrement=True, **options)
