"""Hiding small cells of a table that is published with its totals, so that nobody is told apart in it.

A count from 1 to 4 is hidden, and so much beside it that no hidden count follows from the others by adding and subtracting. The
hidden cells are the edges of a graph whose nodes are the lines, rows and columns, with the totals among both: a cell follows from
the rest exactly if it is a bridge (D. Gusfield, A graph theoretic approach to statistical data security, SIAM J. Comput. 17).
For each bridge the cheapest rectangle through it is hidden too, until there is none. Which cells were small is not told.
"""

from collections.abc import Iterable, Mapping, Sequence

SMALLEST = 5
TOTAL = "total"

Cell = tuple[str, str]


def published(counts: Mapping[str, Mapping[str, int]], columns: Sequence[str]) -> dict[str, dict[str, int | None]]:
    """The table with its totals, by rows and `columns`; None for what is hidden."""
    table = _with_totals(counts, columns)
    hidden = {cell for cell, count in table.items() if 0 < count < SMALLEST}
    while bridge := _bridge(hidden):
        hidden |= _rectangle(table, hidden, bridge)
    rows = [*counts, TOTAL]
    return {
        row: {column: None if (row, column) in hidden else table[row, column] for column in [*columns, TOTAL]}
        for row in rows
    }


def _with_totals(counts: Mapping[str, Mapping[str, int]], columns: Sequence[str]) -> dict[Cell, int]:
    table = {(row, column): cells.get(column, 0) for row, cells in counts.items() for column in columns}
    for row in counts:
        table[row, TOTAL] = sum(table[row, column] for column in columns)
    for column in [*columns, TOTAL]:
        table[TOTAL, column] = sum(table[row, column] for row in counts)
    return table


def _bridge(hidden: Iterable[Cell]) -> Cell | None:
    """A hidden cell whose row and column hang together by nothing else."""
    cells = sorted(hidden)
    return next((cell for cell in cells if not _joined(cell, [other for other in cells if other != cell])), None)


def _joined(cell: Cell, others: Sequence[Cell]) -> bool:
    rows, columns = {cell[0]}, set[str]()
    while True:
        more = {column for row, column in others if row in rows} - columns
        if cell[1] in more:
            return True
        if not more:
            return False
        columns |= more
        rows |= {row for row, column in others if column in columns}


def _rectangle(table: Mapping[Cell, int], hidden: set[Cell], cell: Cell) -> set[Cell]:
    """The other three corners of the cheapest rectangle."""
    row, column = cell
    rows = sorted({one for one, _ in table} - {row})
    columns = sorted({one for _, one in table} - {column})
    corners = [{(row, there), (other, column), (other, there)} for other in rows for there in columns]
    return min(corners, key=lambda three: sum(_price(table, one) for one in three - hidden))


def _price(table: Mapping[Cell, int], cell: Cell) -> int:
    """What hiding a cell takes from the reader: a total more than a part, and a zero, which hides nothing well, most."""
    whole = 1_000_000 if TOTAL in cell else 0
    return whole + (table[cell] or 10_000)
