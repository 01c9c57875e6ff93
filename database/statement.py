"""SQL written once, in a form that both databases can run fast.

A statement is text with `:name` parameters. Five marks in braces differ by dialect:

- `{q}`, with `many={"q": {"subject": "bigint", "fingerprint": "bytea"}}`, is a table of parameters. It becomes
  `unnest(…) AS q(subject, fingerprint)` on PostgreSQL and a VALUES list on SQLite, so that a batch of thousands stays one
  statement with one plan.
- `{each table alias ON condition}` after `{q}` finds rows of a table for each row of `q`, by the index that fits the condition.
  On PostgreSQL it is a lateral subquery behind a fence (OFFSET 0). Free to choose, and without the statistics of a table that
  has only begun to grow, the planner reads all rows of the tenant for each row of the batch, and keeps to that plan.
- `{any table alias ON condition}` does so too, and keeps a row that finds none, with NULL in the columns of the table.
- `{for_key_share:alias}` and `{for_update:alias}` lock the rows of an alias on PostgreSQL. On SQLite they vanish, for there a
  write transaction already excludes all others.

Statements go to the driver as they are: binding and result conversion of an ORM cost more than the work itself on the
paths that matter, and integers, texts and bytes need none.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from database.wire import Bound, Kind, bind, bind_column, bind_one, kind_of

Dialect = Literal["sqlite", "postgresql"]

_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")
_EACH = re.compile(r"\{each (\w+) (\w+) ON ([^{}]+)\}")
_ANY = re.compile(r"\{any (\w+) (\w+) ON ([^{}]+)\}")
_LOCK = re.compile(r"\{for_(key_share|update):(\w+)\}")


class Statement:
    """One parametrised SQL statement, translated once per dialect."""

    def __init__(self, text: str, *, many: Mapping[str, Mapping[str, str]] | None = None) -> None:
        if many is not None and len(many) != 1:
            raise ValueError("a statement takes one table of parameters")
        self._text = " ".join(text.split())
        self._alias, self._columns = next(iter(many.items())) if many else ("", {})
        self._mark = "{" + self._alias + "}"
        self.takes_rows = many is not None

    @cached_property
    def _sqlite(self) -> tuple[tuple[str, str], tuple[str, ...], tuple[str, ...]]:
        """Text before and after the VALUES rows, and the parameter names of each half."""
        text = _EACH.sub(r"CROSS JOIN \1 \2 ON \3", _LOCK.sub("", self._text))
        text = _ANY.sub(r"LEFT JOIN \1 \2 ON \3", text)
        before, mark, after = text.partition(self._mark)
        names = tuple(_PARAMETER.findall(before)), tuple(_PARAMETER.findall(after))
        before, after = _PARAMETER.sub("?", before), _PARAMETER.sub("?", after)
        if mark:
            listed = ", ".join(f"column{n} AS {name}" for n, name in enumerate(self._columns, 1))
            before, after = f"{before}(SELECT {listed} FROM (VALUES ", f")) AS {self._alias}{after}"
        return (before, after), *names

    @cached_property
    def _postgresql(self) -> tuple[str, str, list[str]]:
        """Text for one row and for many, and the names of the parameters before the table's."""
        text = _LOCK.sub(lambda mark: "FOR " + mark[1].upper().replace("_", " ") + f" OF {mark[2]}", self._text)
        text = _EACH.sub(r"CROSS JOIN LATERAL (SELECT * FROM \1 \2 WHERE \3 OFFSET 0) AS \2", text)
        text = _ANY.sub(r"LEFT JOIN LATERAL (SELECT * FROM \1 \2 WHERE \3 OFFSET 0) AS \2 ON true", text)
        names = list(dict.fromkeys(_PARAMETER.findall(text)))
        text = _PARAMETER.sub(lambda mark: f"${names.index(mark[1]) + 1}", text)
        places = {name: f"${place}::{kind}" for place, (name, kind) in enumerate(self._columns.items(), len(names) + 1)}
        row = ", ".join(f"{place} AS {name}" for name, place in places.items())
        columns = ", ".join(f"{place}[]" for place in places.values())
        return (
            text.replace(self._mark, f"(SELECT {row}) AS {self._alias}"),
            text.replace(self._mark, f"unnest({columns}) AS {self._alias}({', '.join(self._columns)})"),
            names,
        )

    @cached_property
    def _kinds(self) -> list[Kind]:
        return [kind_of(kind) for kind in self._columns.values()]

    def for_sqlite(self, parameters: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
        """Text with `?` marks and its positional values."""
        (before, after), first, last = self._sqlite
        if not self._alias:
            return before, [parameters[name] for name in first]
        row = "(" + ",".join("?" * len(self._columns)) + ")"
        values = [parameters[name] for name in first]
        for item in rows:
            values += item
        values += [parameters[name] for name in last]
        return before + ",".join([row] * len(rows)) + after, values

    def for_postgresql(
        self, parameters: Mapping[str, Any], rows: Sequence[Sequence[Any]]
    ) -> tuple[str, Sequence[Bound]]:
        """Text with numbered marks and its values; a table of parameters travels as one array per column."""
        one, many, names = self._postgresql
        bound = [bind(parameters[name]) for name in names]
        if self._alias:
            bound += _bound(self._kinds, rows)
        return (one if len(rows) == 1 else many), bound


class Insertion:
    """Insert many rows into one table with one statement, given as tuples in the order of `columns`. Where there is a row of the
    same primary key, it takes the columns `replaced` of the new one; or the new one is ignored."""

    def __init__(
        self,
        model: type[SQLModel],
        columns: Sequence[str],
        *,
        ignore_conflicts: bool = False,
        replaced: Sequence[str] = (),
    ) -> None:
        table = SQLModel.metadata.tables[str(model.__tablename__)]
        self.table = table.name
        self._columns = tuple(columns)
        self._conflicts = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
        if replaced:
            key, taken = ", ".join(table.primary_key.columns.keys()), [f"{name} = excluded.{name}" for name in replaced]
            self._conflicts = f" ON CONFLICT ({key}) DO UPDATE SET {', '.join(taken)}"
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped upstream
        self._types = [table.c[name].type.compile(dialect) for name in columns]
        self._kinds = [kind_of(one) for one in self._types]

    @cached_property
    def sqlite(self) -> str:
        marks = ",".join("?" * len(self._columns))
        return f"INSERT INTO {self.table} ({', '.join(self._columns)}) VALUES ({marks}){self._conflicts}"

    def for_postgresql(self, rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Bound]]:
        """Text with numbered marks and its values: one array per column, or one row as it is."""
        return self._postgresql[len(rows) > 1], _bound(self._kinds, rows)

    @cached_property
    def _postgresql(self) -> tuple[str, str]:
        """Text for one row and for many."""
        into = f"INSERT INTO {self.table} ({', '.join(self._columns)})"
        marks = ", ".join(f"${place}" for place in range(1, len(self._columns) + 1))
        arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(self._types, 1))
        return f"{into} VALUES ({marks}){self._conflicts}", f"{into} SELECT * FROM unnest({arrays}){self._conflicts}"


def _bound(kinds: Sequence[Kind], rows: Sequence[Sequence[Any]]) -> list[Bound]:
    if len(rows) == 1:
        return [bind_one(kind, value) for kind, value in zip(kinds, rows[0], strict=True)]
    return [bind_column(kind, column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)]
