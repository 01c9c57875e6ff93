"""Files on a host are redacted, masked and mapped by the command line; what cannot be read as a record never passes as it is."""

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from commands.program import main

PHONE = "13812345678"


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    rows = [
        ["订单号", "收货人", "电话", "备注"],
        ["o-1", "张三", "138 1234 5678", f"放门口,打{PHONE}"],
        ["o-2", "李四", "无", ""],
        ["o-3", "王五", PHONE, "少辣", "a cell too many"],
    ]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_of_a_log_only_what_is_personal_changes(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(f"INFO login {PHONE}\n\nWARN \xff broken\nuser 203.0.113.7 ok".encode("latin-1"))
    run("redact", log, "--no-names", "-o", tmp_path / "out.log")
    assert (tmp_path / "out.log").read_bytes() == b"INFO login 138****5678\n\nWARN \xff broken\nuser *** ok\n"


def test_of_ndjson_texts_and_numbers_are_redacted_wherever_they_stand(tmp_path: Path) -> None:
    lines = tmp_path / "events.ndjson"
    lines.write_text(f'{{"a": {{"b": ["call {PHONE}", {PHONE}, 7, null, true]}}}}\nno json {PHONE}\n')
    run("redact", lines, "--no-names", "-o", tmp_path / "out")
    first, second = (tmp_path / "out").read_text().splitlines()
    assert json.loads(first) == {"a": {"b": ["call 138****5678", "138****5678", 7, None, True]}}
    assert second == "no json 138****5678"


def test_of_a_csv_file_the_named_columns_are_redacted_and_rows_of_another_width_whole(orders: Path) -> None:
    result = run("redact", orders, "--columns", "备注", "--no-names")
    rows = list(csv.reader(result.stdout.splitlines()))
    assert rows[1] == ["o-1", "张三", "138 1234 5678", "放门口,打138****5678"]
    assert rows[3] == ["o-3", "王五", "138****5678", "少辣", "a cell too many"]
    assert PHONE not in result.stderr


def test_names_in_a_file_are_found_by_the_labellers(orders: Path) -> None:
    orders.write_text("备注\n请交给张建国\n")
    assert "请交给张**" in run("redact", orders).stdout


def test_a_report_writes_nothing_but_counts(orders: Path) -> None:
    result = run("redact", orders, "--mode", "report", "--no-names")
    assert result.stdout == ""
    assert "备注" in result.stderr
    assert PHONE not in result.stderr


def test_columns_are_masked_by_kind_and_what_does_not_fit_is_hidden(orders: Path) -> None:
    result = run("mask", orders, "--map", "name=收货人", "--map", "phone=电话", "--profile", "waybill")
    rows = list(csv.reader(result.stdout.splitlines()))
    assert rows[1][:3] == ["o-1", "张*", "1*******678"]
    assert rows[2][:3] == ["o-2", "李*", "***"]
    assert rows[3] == ["***"] * 5


def test_a_column_that_is_not_there_is_told(orders: Path) -> None:
    result = CliRunner().invoke(main, ["redact", str(orders), "--columns", "note"])
    assert result.exit_code == 2
    assert "收货人" in result.output


def test_a_line_too_long_to_look_at_is_hidden(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"x" * (1 << 20) + PHONE.encode() + b"\nnext\n")
    assert run("redact", log, "--no-names").stdout == "***\nnext\n"


def test_a_map_tells_kinds_and_sensitivity_by_column_and_no_value(orders: Path) -> None:
    held = json.loads(run("classify", orders, "--json").stdout)
    kinds = {(one["column"], one["kind"]): one for one in held}
    assert kinds["电话", "phone"] | {"cells": 1, "of": 2} == kinds["电话", "phone"]
    assert ("收货人", "name") in kinds
    assert not any(PHONE in str(one) for one in held)


def test_the_tables_of_a_database_are_mapped(empty_url: str) -> None:
    url = empty_url.replace("+psycopg", "")
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            _filled(database.execute, "?")
            database.commit()
    else:
        with psycopg.connect(url) as other:
            _filled(other.execute, "%s")
    held = json.loads(run("classify", "--database", url, "--json").stdout)
    assert [(one["column"], one["kind"], one["sensitive"]) for one in held] == [
        ("my orders.contact", "phone", False),
        ("my orders.card", "id_card", True),
    ]


def _filled(execute: Callable[..., object], mark: str) -> None:
    execute('CREATE TABLE "my orders" (id INTEGER, contact TEXT, card TEXT)')
    execute(f'INSERT INTO "my orders" VALUES (1, {mark}, {mark})', (PHONE, "11010519491231002X"))


def test_a_database_of_another_kind_is_refused() -> None:
    result = CliRunner().invoke(main, ["classify", "--database", "mysql://host/db"])
    assert result.exit_code == 2
