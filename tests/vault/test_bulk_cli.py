"""`moat tokenize FILE` and `moat detokenize FILE` against a stand-in service: formats, refusals, kills."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result

from demo.orders import COLUMNS, rows
from tests.clients.standin import CREDENTIAL, StandIn, problem, served
from vault.bulk.cli import detokenize, tokenize

MAPS = [
    "--map", "用户ID:phone=收货电话,name=收货人,address=收货地址",
    "--map", "骑手ID:phone=骑手电话,name=骑手姓名",
    "--note", "备注,评价",
    "--ref", "order:{订单号}",
    "--purpose", "delivery",
]  # fmt: skip
SMALL = ["--map", "user:phone=phone,name=name", "--purpose", "delivery"]


@pytest.fixture
def service() -> StandIn:
    return StandIn()


@pytest.fixture(autouse=True)
def address(service: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with served(service) as url:
        monkeypatch.setenv("MOAT_URL", url)
        monkeypatch.setenv("MOAT_TOKEN", CREDENTIAL)
        yield url


def invoke(*arguments: str | Path, back: bool = False) -> Result:
    return CliRunner().invoke(detokenize if back else tokenize, [str(argument) for argument in arguments])


def orders(path: Path, count: int, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows(count, 1)])
    return path


def table(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusals(output: Path) -> list[tuple[int, str, str]]:
    listed = table(output.with_name(output.name + ".refused.csv"))
    return [(int(entry["line"]), entry["column"], entry["code"]) for entry in listed]


def test_orders_come_out_as_tokens_and_go_back_to_what_they_were(tmp_path: Path, service: StandIn) -> None:
    source, out, back = orders(tmp_path / "orders.csv", 300), tmp_path / "out.csv", tmp_path / "back.csv"
    result = invoke(source, *MAPS, "--keep", "下单时间,金额", "-o", out)
    assert result.exit_code in {0, 3}, result.output
    before, tokens = table(source), table(out)
    assert list(tokens[0]) == [name for name in COLUMNS if name not in {"商家ID", "完成时间"}]
    assert all(row["收货人"].startswith("tok_") for row in tokens if row["用户ID"])
    assert service.most_in_flight <= 2
    result = invoke(out, *MAPS, "--keep", "下单时间,金额", "--view", "plain", "-o", back, back=True)
    assert result.exit_code == 0, result.output
    assert back.stat().st_mode & 0o077 == 0
    unbroken = [row for row in before if row["用户ID"] and row["收货电话"] and row["评价"] is not None]
    restored = {row["订单号"]: row for row in table(back)}
    for row in unbroken:
        for column in ("收货人", "收货地址", "备注", "骑手电话", "金额"):
            assert restored[row["订单号"]][column] == row[column]


def test_the_output_of_one_service_does_not_depend_on_the_size_of_batches(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 200)
    for name, batch in (("a.csv", "10"), ("b.csv", "5000")):
        invoke(source, *MAPS, "--batch", batch, "-o", tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_refusals_are_listed_by_line_column_and_code_without_the_value(tmp_path: Path) -> None:
    source = written(
        tmp_path / "in.csv",
        'user,phone,name\r\ncust-1,13800138000,"王\n小"\r\ncust-2,138001,李四\r\n'
        ",13800138002,\r\ncust-4,13800138003\r\n\r\ncust-5,,赵六\r\n",
    )
    out = tmp_path / "out.csv"
    result = invoke(source, *SMALL, "-o", out)
    assert result.exit_code == 3
    assert refusals(out) == [
        (4, "phone", "not_a_phone"),
        (5, "phone", "missing_subject"),
        (6, "", "wrong_number_of_cells"),
    ]
    assert "138001" not in result.output + (tmp_path / "out.csv.refused.csv").read_text()
    rows_out = table(out)
    assert [row["user"] for row in rows_out] == ["cust-1", "cust-2", "", "cust-5"]
    assert (rows_out[1]["phone"], rows_out[3]["phone"]) == ("", "")
    assert rows_out[1]["name"].startswith("tok_")


def test_nothing_refused_is_status_0_and_leaves_no_list(tmp_path: Path) -> None:
    source = written(tmp_path / "in.csv", "user,phone,name\ncust-1,13800138000,王小\n")
    result = invoke(source, *SMALL, "-o", tmp_path / "out.csv")
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv", "out.csv.moat-progress"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_octets_of_another_encoding_refuse_their_cells_only(tmp_path: Path, encoding: str) -> None:
    good, bad = "cust-1,13800138000,王小\n".encode(encoding), b"cust-2,13800138001,\xff\xff\n"
    source = written(tmp_path / "in.csv", b"user,phone,name\n" + good + bad + good)
    out = tmp_path / "out.csv"
    result = invoke(source, *SMALL, "--encoding", encoding, "-o", out)
    assert result.exit_code == 3, result.output
    assert refusals(out) == [(3, "name", "bad_encoding")]
    assert [bool(row["name"]) for row in table(out, encoding)] == [True, False, True]


def test_a_header_of_another_encoding_asks_for_the_option(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 20, "gb18030")
    result = invoke(source, *MAPS, "-o", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "--encoding gb18030" in result.output
    assert invoke(source, *MAPS, "--encoding", "gb18030", "-o", tmp_path / "out.csv").exit_code in {0, 3}
    assert len(table(tmp_path / "out.csv", "gb18030")) >= 19


def test_a_byte_order_mark_is_no_part_of_the_first_column_and_is_kept(tmp_path: Path) -> None:
    source = written(tmp_path / "in.csv", b"\xef\xbb\xbfuser,phone,name\ncust-1,13800138000,x\n")
    out = tmp_path / "out.csv"
    assert invoke(source, *SMALL, "-o", out).exit_code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbfuser,phone,name\r\ncust-1,tok_")


def test_a_quote_that_never_closes_is_one_refusal_and_not_the_end_of_memory(tmp_path: Path) -> None:
    good = "cust-1,13800138000,王小\n"
    source = written(tmp_path / "in.csv", "user,phone,name\n" + good + 'cust-2,"13800138001,x\n' + good * 20_000)
    out = tmp_path / "out.csv"
    result = invoke(source, *SMALL, "-o", out)
    assert result.exit_code == 3
    assert refusals(out)[0] == (3, "", "unreadable")
    assert len(table(out)) > 10_000


def test_an_unknown_purpose_stops_the_run_instead_of_refusing_every_cell(tmp_path: Path) -> None:
    source = written(tmp_path / "in.csv", "user,phone,name\ncust-1,13800138000,x\n")
    result = invoke(source, *SMALL[:2], "--purpose", "delivry", "-o", tmp_path / "out.csv")
    assert result.exit_code == 1
    assert "unknown_purpose delivry" in result.output


def test_missing_columns_stop_at_once_with_those_that_are_there(tmp_path: Path, service: StandIn) -> None:
    source = written(tmp_path / "in.csv", "user,mobile,name\ncust-1,13800138000,x\n")
    result = invoke(source, *SMALL, "-o", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "missing column: phone" in result.output
    assert "columns of the file: user, mobile, name" in result.output
    assert not service.calls
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_kept_column_with_a_phone_stops_the_run_and_leaves_nothing(tmp_path: Path) -> None:
    lines = "".join(f"cust-{number},13800138{number:03d},x,{number}\n" for number in range(500))
    source = written(tmp_path / "in.csv", f"user,phone,name,extra\n{lines}cust-1,,,ask 13900139000\n")
    result = invoke(source, *SMALL, "--keep", "extra", "--batch", "10", "-o", tmp_path / "out.csv")
    assert result.exit_code == 1
    assert "column extra" in result.output
    assert "line 502" in result.output
    assert "13900139000" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_json_lines_keep_their_types_and_name_broken_lines(tmp_path: Path) -> None:
    lines = [
        orjson.dumps({"user": "cust-1", "phone": 13800138000, "amount": 12.5, "vip": True, "secret": "x"}),
        b"{broken",
        b"",
        orjson.dumps({"user": "cust-2", "phone": ["13800138001"], "name": "王小"}),
        b'"text"',
    ]
    source, out = written(tmp_path / "in.jsonl", b"\n".join(lines) + b"\n"), tmp_path / "out.ndjson"
    result = invoke(source, *SMALL, "--keep", "amount,vip", "-o", out)
    assert result.exit_code == 3, result.output
    assert refusals(out) == [(2, "", "not_an_object"), (4, "phone", "not_text"), (5, "", "not_an_object")]
    first, second = (orjson.loads(line) for line in out.read_bytes().splitlines())
    assert first["phone"].startswith("tok_")
    assert (first["amount"], first["vip"], first["name"]) == (12.5, True, None)
    assert "secret" not in first
    assert second["phone"] is None


def test_a_line_without_end_is_skipped_in_bounded_memory(tmp_path: Path) -> None:
    good = orjson.dumps({"user": "cust-1", "phone": "13800138000", "name": "x"})
    source = written(tmp_path / "in.ndjson", good + b"\n" + b"x" * 3_000_000 + b"\n" + good + b"\n")
    out = tmp_path / "out.ndjson"
    assert invoke(source, *SMALL, "-o", out).exit_code == 3
    assert refusals(out) == [(2, "", "line_too_long")]
    assert len(out.read_bytes().splitlines()) == 2


def test_parquet_goes_in_and_out_with_its_types(tmp_path: Path) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    columns = {
        "user": [f"cust-{number}" for number in range(2_500)],
        "phone": pa.array([13_800_130_000 + number for number in range(2_500)], pa.int64()),
        "name": ["王小"] * 2_499 + [None],
        "amount": [number / 4 for number in range(2_500)],
        "dropped": ["13900139000"] * 2_500,
    }
    pyarrow.parquet.write_table(pa.table(columns), source)
    result = invoke(source, *SMALL, "--keep", "amount", "-o", out)
    assert result.exit_code == 0, result.output
    read = pyarrow.parquet.read_table(out)
    assert read.schema.names == ["user", "phone", "name", "amount"]
    assert read.schema.field("amount").type == pa.float64()
    assert read.column("amount").to_pylist() == columns["amount"]
    assert all(token.startswith("tok_") for token in read.column("phone").to_pylist())
    assert read.column("name").to_pylist()[-1] is None
    assert not list(tmp_path.glob("*.moat-rows")) + list(tmp_path.glob("*.new"))


@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_values_are_readable_by_their_owner_only_also_in_an_overwritten_file(tmp_path: Path, extension: str) -> None:
    source, out, back = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / f"back.{extension}"
    written(source, "user,phone,name\ncust-1,13800138000,王小\n")
    invoke(source, *SMALL, "-o", out)
    written(back, "older").chmod(0o644)
    result = invoke(out, *SMALL, "--view", "plain", "--overwrite", "-o", back, back=True)
    assert result.exit_code == 0, result.output
    assert back.stat().st_mode & 0o077 == 0


def test_a_token_moved_to_another_row_is_not_given_back(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    written(source, "user,phone,name\ncust-1,13800138001,王小\ncust-2,13800138002,李四\n")
    invoke(source, *SMALL, "-o", out)
    first, second = table(out)
    mixed = f"user,phone,name\ncust-1,{second['phone']},{first['phone']}\ncust-2,{second['phone']},{'tok_' * 20}\n"
    back = tmp_path / "back.csv"
    result = invoke(written(tmp_path / "mixed.csv", mixed), *SMALL, "--view", "plain", "-o", back, back=True)
    assert result.exit_code == 3
    assert refusals(back) == [(2, "phone", "other_subject"), (2, "name", "other_kind"), (3, "name", "not_found")]
    assert [row["phone"] for row in table(back)] == ["", "13800138002"]
    loose = invoke(
        tmp_path / "mixed.csv", "--column", "phone", "--purpose", "delivery", "-o", tmp_path / "loose.csv", back=True
    )
    assert loose.exit_code == 0, loose.output
    assert [row["phone"] for row in table(tmp_path / "loose.csv")] == ["1**", "1**"]


def test_values_that_begin_formulas_come_back_as_text(tmp_path: Path) -> None:
    source, out, back = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "back.csv"
    written(source, 'user,phone,name\ncust-1,+8613800138000,"=HYPERLINK(""x"")"\n')
    invoke(source, *SMALL, "-o", out)
    invoke(out, *SMALL, "--view", "plain", "-o", back, back=True)
    assert table(back) == [{"user": "cust-1", "phone": "+8613800138000", "name": '\'=HYPERLINK("x")'}]


def test_an_output_of_something_else_is_not_overwritten(tmp_path: Path, service: StandIn) -> None:
    source = written(tmp_path / "in.csv", "user,phone,name\ncust-1,13800138000,x\n")
    out = written(tmp_path / "out.csv", "precious")
    refused = invoke(source, *SMALL, "-o", out)
    assert refused.exit_code == 1
    assert out.read_text() == "precious"
    assert not service.calls
    assert invoke(source, *SMALL, "--overwrite", "-o", out).exit_code == 0
    assert out.read_text().startswith("user,phone,name")
    assert invoke(source, *SMALL, "-o", source).exit_code == 2


def test_a_finished_run_is_not_run_again_and_other_options_are_refused(tmp_path: Path, service: StandIn) -> None:
    source = written(tmp_path / "in.csv", "user,phone,name\ncust-1,13800138000,x\ncust-2,12,x\n")
    out = tmp_path / "out.csv"
    assert invoke(source, *SMALL, "-o", out).exit_code == 3
    calls = len(service.calls)
    assert invoke(source, *SMALL, "-o", out).exit_code == 3
    assert len(service.calls) == calls
    other = invoke(source, *SMALL, "--keep", "user", "-o", out)
    assert other.exit_code == 1
    assert "other options" in other.output
    source.write_text("user,phone,name\ncust-9,13800138009,x\n")
    changed = invoke(source, *SMALL, "-o", out)
    assert changed.exit_code == 1
    assert "input has changed" in changed.output


def test_a_run_that_the_service_refuses_continues_later_where_it_was(tmp_path: Path, service: StandIn) -> None:
    source, out, undisturbed = orders(tmp_path / "orders.csv", 300), tmp_path / "out.csv", tmp_path / "whole.csv"
    service.slow = lambda: service.faults.append(problem(403, "scope_missing")) if len(service.calls) == 5 else None
    stopped = invoke(source, *MAPS, "--batch", "50", "-o", out)
    assert stopped.exit_code == 1
    assert "scope_missing" in stopped.output
    assert "continues" in stopped.output
    service.slow = lambda: None
    service.faults.clear()
    resumed = invoke(source, *MAPS, "--batch", "50", "-o", out)
    assert resumed.exit_code in {0, 3}, resumed.output
    invoke(source, *MAPS, "--batch", "50", "-o", undisturbed)
    assert out.read_bytes() == undisturbed.read_bytes()


@pytest.mark.parametrize(
    "extension",
    ["csv", pytest.param("ndjson", marks=pytest.mark.slow), pytest.param("parquet", marks=pytest.mark.slow)],
)
def test_a_run_killed_at_any_point_ends_like_an_undisturbed_one(
    tmp_path: Path, service: StandIn, address: str, extension: str
) -> None:
    source, out = orders(tmp_path / "orders.csv", 1_200), tmp_path / f"out.{extension}"
    service.slow = lambda: time.sleep(0.01)
    program = "import vault.bulk.run, vault.bulk.cli; vault.bulk.run.CHECKPOINT_S = 0.02; vault.bulk.cli.tokenize()"
    command = [sys.executable, "-c", program, str(source), *MAPS, "--batch", "60", "-o", str(out)]
    environment = {**os.environ, "PYTHONPATH": ".", "MOAT_URL": address}
    killed, errors = 0, tmp_path / "errors"
    for attempt in range(60):
        with errors.open("wb") as file:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=file)
        # By calls, not by time: a slow machine must not kill before the first one, nor a fast one end before.
        last = len(service.calls) + 12 + 5 * (attempt % 4)
        while process.poll() is None and len(service.calls) < last:
            time.sleep(0.001)
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
    assert process.returncode == 3, errors.read_text()
    assert killed >= 4
    sent = {key for _, _, key in service.calls}
    assert len(sent) < len(service.calls)
    service.slow = lambda: None
    undisturbed = tmp_path / f"whole.{extension}"
    assert invoke(source, *MAPS, "--batch", "60", "-o", undisturbed).exit_code == 3
    assert out.read_bytes() == undisturbed.read_bytes()
    assert refusals(out) == refusals(undisturbed)


def test_two_runs_into_one_output_do_not_mix(tmp_path: Path, service: StandIn) -> None:
    source, out = orders(tmp_path / "orders.csv", 100), tmp_path / "out.csv"
    inner: list[Result] = []

    def meanwhile() -> None:
        if not inner:
            inner.append(invoke(source, *MAPS, "-o", out))

    service.slow = meanwhile
    assert invoke(source, *MAPS, "-o", out).exit_code in {0, 3}
    assert inner[0].exit_code == 1
    assert "another run is writing out.csv" in inner[0].output


def test_without_an_address_the_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOAT_URL")
    source = written(tmp_path / "in.csv", "user,phone,name\n")
    result = invoke(source, *SMALL, "-o", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "MOAT_URL is not set" in result.output
