"""Published tables: whoever adds and subtracts finds no small count."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dsar.desk.suppression import SMALLEST, TOTAL, published

COLUMNS = ("completed", "denied", "open")
tables = st.dictionaries(
    st.sampled_from("abcdef"),
    st.fixed_dictionaries({column: st.one_of(st.just(0), st.integers(0, 12)) for column in COLUMNS}),
    max_size=6,
)


@given(tables)
def test_no_hidden_count_follows_from_the_published_ones(counts: dict[str, dict[str, int]]) -> None:
    table = published(counts, COLUMNS)
    cells = [(row, column) for row in table for column in table[row]]
    place = {cell: number for number, cell in enumerate(cells)}
    equations = [_line(place, [(row, column) for column in COLUMNS], (row, TOTAL)) for row in table]
    equations += [_line(place, [(row, column) for row in counts], (TOTAL, column)) for column in (*COLUMNS, TOTAL)]
    hidden = [place[row, column] for row, column in cells if table[row][column] is None]
    known = np.array(equations)[:, hidden] if hidden else np.zeros((1, 0))
    rank = np.linalg.matrix_rank(known) if hidden else 0
    for number in range(len(hidden)):
        unit = np.zeros((1, len(hidden)))
        unit[0, number] = 1
        assert np.linalg.matrix_rank(np.vstack([known, unit])) > rank, "a hidden count is determined by the others"


@given(tables)
def test_what_is_shown_is_right_and_what_is_small_is_not_shown(counts: dict[str, dict[str, int]]) -> None:
    table = published(counts, COLUMNS)
    for row, cells in counts.items():
        for column in COLUMNS:
            shown = table[row][column]
            assert shown is None or shown == cells[column]
            assert shown is None or shown == 0 or shown >= SMALLEST
        assert table[row][TOTAL] in {None, sum(cells.values())}


def test_a_table_without_small_counts_is_shown_whole() -> None:
    table = published({"access": {"completed": 10, "denied": 5, "open": 0}}, COLUMNS)
    assert table["access"] == table[TOTAL] == {"completed": 10, "denied": 5, "open": 0, TOTAL: 15}


def test_one_small_count_takes_a_rectangle_with_it_and_leaves_the_totals() -> None:
    counts = {
        "access": {"completed": 90, "denied": 3, "open": 20},
        "erasure": {"completed": 40, "denied": 7, "open": 30},
    }
    table = published(counts, COLUMNS)
    hidden = {(row, column) for row in table for column in table[row] if table[row][column] is None}
    assert hidden == {("access", "denied"), ("access", "open"), ("erasure", "denied"), ("erasure", "open")}


def _line(place: dict[tuple[str, str], int], parts: list[tuple[str, str]], total: tuple[str, str]) -> list[int]:
    equation = [0] * len(place)
    for part in parts:
        equation[place[part]] = 1
    equation[place[total]] = -1
    return equation
