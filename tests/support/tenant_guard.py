"""What row level security does on PostgreSQL, tests do on SQLite: no statement touches a tenant's table without its tenant.

Every reference to a tenant table must be bound to a parameter: by `alias.tenant = ?`, by `tenant = ?` for the first table of
its SELECT, or by equality with the tenant of a reference that is bound. An INSERT must name the tenant's column. Tables
joined by commas are refused, for the reading here does not follow them.
"""

import re

from database.columns import metadata

_TENANT_COLUMNS = {"tenant": "id"}
"""Tables whose tenant has another name than `tenant`."""

_WORDS_THAT_ARE_NO_ALIAS = "set|where|on|join|left|cross|inner|order|group|limit|union|values|returning|for|using|as"
_REFERENCE = re.compile(
    rf"\b(?:from|join|update|into)\s+(\w+)(?:\s+(?:as\s+)?(?!(?:{_WORDS_THAT_ARE_NO_ALIAS})\b)(\w+))?", re.IGNORECASE
)
_LISTED = re.compile(r"\bfrom\s+\w+(?:\s+\w+)?\s*,", re.IGNORECASE)
_BOUND = re.compile(r"(?:(\w+)\.)?(\w+)\s*=\s*\?")
_EQUAL = re.compile(r"(\w+)\.(\w+)\s*=\s*(\w+)\.(\w+)")
_INSERT = re.compile(r"\s*insert\s+into\s+(\w+)\s*\(([^)]*)\)", re.IGNORECASE)


class TenantMissingError(AssertionError):
    """A statement would have reached the rows of every tenant."""

    def __init__(self, text: str, table: str) -> None:
        super().__init__(f"no predicate on the tenant of {table}: {text}")


def refuse_without_tenant(text: str, tenant: int | None) -> None:
    """An observer for `Database`. A transaction of no tenant is the system's own and may touch everything.

    Raises:
        TenantMissingError: the statement touches a tenant's table without its tenant.
    """
    if tenant is None:
        return
    insert = _INSERT.match(text)
    if insert is not None:
        column = _tenant_column(insert[1])
        if column is not None and column not in re.split(r"[\s,]+", insert[2]):
            raise TenantMissingError(text, insert[1])
        text = text[insert.end() :].partition("ON CONFLICT")[0]
    for piece in re.split(r"\bunion(?:\s+all)?\b", text, flags=re.IGNORECASE):
        _check(piece, text)


def _check(piece: str, text: str) -> None:
    if _LISTED.search(piece):
        raise TenantMissingError(text, "tables joined by commas")
    named = {alias or table: table for table, alias in _REFERENCE.findall(piece)}
    tables = {name: column for name, table in named.items() if (column := _tenant_column(table)) is not None}
    bound = {name for name, column in _BOUND.findall(piece) if name in tables and column == tables[name]}
    bare = {column for name, column in _BOUND.findall(piece) if not name}
    first = next(iter(tables), None)
    if first is not None and tables[first] in bare:
        bound.add(first)
    equalities = [
        {left, right}
        for left, one, right, other in _EQUAL.findall(piece)
        if tables.get(left) == one and tables.get(right) == other
    ]
    for _ in equalities:
        for pair in equalities:
            if pair & bound:
                bound |= pair
    for name in tables:
        if name not in bound:
            raise TenantMissingError(text, named[name])


def _tenant_column(table: str) -> str | None:
    """The column that says whose a row is; None for a table of the deployment and for what is no table."""
    found = metadata.tables.get(table)
    column = _TENANT_COLUMNS.get(table, "tenant")
    return column if found is not None and column in found.c else None
