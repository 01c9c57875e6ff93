"""One text, two dialects, the same rows."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.engine import Database
from database.statement import Insertion, Statement
from vault.tables import DisclosureBudget, Subject

TRIPLES = Statement(
    "SELECT q.number, q.octets, q.word FROM {q} ORDER BY q.number",
    many={"q": {"number": "bigint", "octets": "bytea", "word": "text"}},
)
RELAXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)


def ask(database: Database, statement: Statement, rows: Any = (), **parameters: Any) -> list[tuple[Any, ...]]:
    return database.read(None, lambda tx: tx.all(statement, rows=rows, **parameters))


@pytest.mark.parametrize(
    "value", [0, -(2**63), 2**63 - 1, None, "", "it's 100 % :sure", "订单\N{PILL}", b"", b"\x00%s\xff"], ids=ascii
)
def test_a_value_comes_back_as_it_went_in(database: Database, value: object) -> None:
    cast = {int: "BIGINT", str: "TEXT", bytes: "BLOB" if database.dialect == "sqlite" else "BYTEA"}.get(
        type(value), "TEXT"
    )
    assert ask(database, Statement(f"SELECT CAST(:value AS {cast})"), value=value) == [(value,)]


def test_percent_signs_and_colons_inside_literals_stay_what_they_are(database: Database) -> None:
    text = "SELECT '100 %', '%s', '%%', '12:30', 'a: b'"
    expected = ("100 %", "%s", "%%", "12:30", "a: b")
    assert ask(database, Statement(text)) == [expected]
    assert ask(database, Statement(text + " WHERE 1 = :one"), one=1) == [expected]
    many = Statement(text + " FROM {q} WHERE q.n = :one", many={"q": {"n": "bigint"}})
    assert ask(database, many, [(1,), (2,)], one=1) == [expected]


def test_a_parameter_may_stand_before_inside_and_after_the_table_of_parameters_and_twice(database: Database) -> None:
    statement = Statement(
        "SELECT q.n + :more, :more FROM {q} WHERE q.n > :least AND q.n + :more < :most ORDER BY q.n",
        many={"q": {"n": "bigint"}},
    )
    rows = [(n,) for n in range(6)]
    assert ask(database, statement, rows, more=10, least=1, most=15) == [(12, 10), (13, 10), (14, 10)]


def test_a_missing_parameter_is_an_error_and_not_null(database: Database) -> None:
    with pytest.raises(Exception, match="absent"):
        ask(database, Statement("SELECT 1 WHERE 1 = :absent"), other=1)


def test_a_table_of_no_parameters_has_no_rows(database: Database) -> None:
    assert ask(database, TRIPLES, []) == []
    touch = Statement(
        "DELETE FROM disclosure_budget WHERE day IN (SELECT q.day FROM {q})", many={"q": {"day": "bigint"}}
    )
    assert database.write(None, lambda tx: tx.run(touch, rows=[])) == 0


def test_a_table_of_parameters_may_be_as_long_as_the_longest_batch(database: Database) -> None:
    rows = [(number, number.to_bytes(4, "big"), str(number)) for number in range(10_000)]
    assert ask(database, TRIPLES, rows) == rows


def test_columns_of_parameters_may_be_null_in_part_and_in_whole(database: Database) -> None:
    rows = [(1, None, "a"), (2, b"x", None), (3, None, None)]
    assert ask(database, TRIPLES, rows) == rows
    assert ask(database, TRIPLES, [(1, None, None)]) == [(1, None, None)]


@RELAXED
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1),
            st.none() | st.binary(max_size=40),
            st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
        ),
        min_size=1,
        max_size=30,
        unique_by=lambda row: row[0],
    )
)
def test_any_table_of_parameters_reads_the_same_on_both_databases(
    database: Database, rows: list[tuple[int, bytes | None, str | None]]
) -> None:
    assert ask(database, TRIPLES, rows) == sorted(rows, key=lambda row: row[0])


def test_lock_marks_are_locks_on_postgresql_and_nothing_on_sqlite() -> None:
    statement = Statement("SELECT 1 FROM subject s WHERE s.tenant = :t {for_key_share:s} {for_update:s}")
    assert statement.for_postgresql({"t": 1}, ())[0].endswith("FOR KEY SHARE OF s FOR UPDATE OF s")
    assert "FOR" not in statement.for_sqlite({"t": 1}, ())[0].replace("FROM", "")


def test_a_statement_takes_one_table_of_parameters() -> None:
    with pytest.raises(ValueError, match="one table"):
        Statement("SELECT 1", many={"p": {"a": "bigint"}, "q": {"b": "bigint"}})


BUDGETS = Insertion(DisclosureBudget, ("tenant", "credential", "day", "leased"))
BUDGETS_ONCE = Insertion(DisclosureBudget, ("tenant", "credential", "day", "leased"), ignore_conflicts=True)
ALL_BUDGETS = Statement("SELECT tenant, credential, day, leased FROM disclosure_budget ORDER BY day")


def test_many_rows_go_in_with_one_statement(database: Database) -> None:
    rows = [(1, 7, day, 2**40 + day) for day in range(3_000)]
    assert database.write(1, lambda tx: tx.insert(BUDGETS, rows)) == 3_000
    assert ask(database, ALL_BUDGETS) == rows


def test_inserting_no_rows_does_nothing(database: Database) -> None:
    assert database.write(1, lambda tx: tx.insert(BUDGETS, [])) == 0


def test_a_row_that_is_there_fails_the_insertion_or_is_passed_over(database: Database) -> None:
    database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 1, 1)]))
    assert database.write(1, lambda tx: tx.insert(BUDGETS_ONCE, [(1, 7, 1, 9), (1, 7, 2, 9)])) == 1
    with pytest.raises(Exception, match=r"(?i)unique"):
        database.write(1, lambda tx: tx.insert(BUDGETS, [(1, 7, 3, 1), (1, 7, 1, 1)]))
    assert ask(database, ALL_BUDGETS) == [(1, 7, 1, 1), (1, 7, 2, 9)]


def test_null_columns_and_octets_go_in(database: Database) -> None:
    subjects = Insertion(Subject, ("id", "tenant", "fingerprint", "state", "type", "sealed_identity", "created_at"))
    rows = [(1, 1, b"\x00a", "active", None, None, 5), (2, 1, b"\xffb", "active", "customer", b"s%s", 5)]
    database.write(1, lambda tx: tx.insert(subjects, rows))
    statement = Statement(
        "SELECT id, tenant, fingerprint, state, type, sealed_identity, created_at FROM subject ORDER BY id"
    )
    assert ask(database, statement) == rows
    alone = [(3, 1, b"c", "active", None, None, 5)]
    database.write(1, lambda tx: tx.insert(subjects, alone))
    assert ask(database, statement) == rows + alone


def test_rows_are_found_for_each_row_of_the_table_of_parameters(database: Database) -> None:
    rows = [(1, credential, day, 10 * credential + day) for credential in (1, 2) for day in (1, 2, 3)]
    spent = Insertion(DisclosureBudget, ("tenant", "credential", "day", "leased"))
    database.write(1, lambda tx: tx.insert(spent, rows))
    statement = Statement(
        "SELECT q.place, b.leased FROM {q} {each disclosure_budget b ON b.tenant = :tenant AND b.credential = q.credential"
        " AND b.day > :day} ORDER BY q.place, b.leased {for_update:b}",
        many={"q": {"place": "int", "credential": "bigint"}},
    )
    asked = [(7, 2), (8, 1), (9, 3)]
    found = database.write(1, lambda tx: tx.all(statement, rows=asked, tenant=1, day=1))
    assert found == [(7, 22), (7, 23), (8, 12), (8, 13)]
