"""Data sets leave without pointing at anybody, or not at all; the report says how well they hide people."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from moat_client.answers import Item, Tokenized
from moat_client.errors import ItemError, MoatError

from commands.program import main
from masking.datasets import cli
from masking.datasets.plan import PlanError, read_plan
from masking.datasets.risk import Crowds
from masking.datasets.tables import rows_of
from masking.datasets.treatments import binned, cut, keep, masked, pseudonym, rounded, shifted

KEY = bytes(range(32))
PLAN = """
k: 2
l: 2
quasi: [地址, 时间]
sensitive: [评价]
columns:
  用户: {pseudonym: user}
  地址: {cut: district}
  时间: {round: month}
  金额: {bin: 20}
  评价: redact
  商家: keep
"""
HEADER = ["用户", "姓名", "地址", "时间", "金额", "评价", "商家"]
ROWS = [
    ["u-1", "张三", "杭州市西湖区文三路1号", "2026-11-02", "35.8", "好,电话13812345678", "s-1"],
    ["u-2", "李四", "杭州市西湖区龙井路2号", "2026-11-20", "19", "一般", "s-1"],
    ["u-1", "张三", "杭州市滨江区江南大道3号", "2026-11-02", "-1", "好", "s-2"],
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with (tmp_path / "orders.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *ROWS, ["too", "short"]])
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "key").write_bytes(KEY)
    return tmp_path


def run(place: Path, *more: str) -> Result:
    named = ["--plan", str(place / "plan.yaml"), "--key", str(place / "key"), "-o", str(place / "out.csv")]
    return CliRunner().invoke(main, ["deidentify", str(place / "orders.csv"), *named, *more])


def test_a_release_with_somebody_alone_is_refused_and_nothing_is_written(place: Path) -> None:
    result = run(place)
    assert result.exit_code == 3
    report = json.loads(result.stdout)
    assert (report["released"], report["before_suppression"]["k"], report["before_suppression"]["alone"]) == (
        False,
        1,
        1,
    )
    assert not (place / "out.csv").exists()
    assert "13812345678" not in result.output


def test_rows_in_too_small_a_crowd_can_be_left_out(place: Path) -> None:
    result = run(place, "--suppress", "0.4")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)["after_suppression"]
    assert (report["k"], report["l"], report["worst"]) == (2, {"评价": 2}, 0.5)
    header, first, second = csv.reader((place / "out.csv").read_text().splitlines())
    assert header == ["用户", "地址", "时间", "金额", "评价", "商家"]
    assert first[1:] == ["杭州市西湖区***", "2026-11", "[20, 40)", "好,电话138****5678", "s-1"]
    assert second[3] == "[0, 20)"
    assert first[0] != second[0]


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "columns: {a: keep}\nother: 1",
        "columns: {a: keep}\nk: 0",
        "columns: {a: keep}\nquasi: [b]",
        "columns: {a: nothing}",
        "columns: {a: {cut: moon}}",
        "columns: {a: {bin: 0}}",
        "columns: {a: {bin: NaN}}",
        "columns: {a: {mask: phone, cut: city}}",
        "columns: {a: {shift: 3}}",
        "columns: {a: {token: phone}}",
        "columns: {a: {token: phone, subject: b, mask: phone}}",
        "quasi: [a]\ncolumns: {a: {token: phone, subject: b}}",
        "a: [",
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        read_plan(text, key=KEY, redact=keep)


def test_pseudonyms_need_a_key() -> None:
    with pytest.raises(PlanError, match="32 octets"):
        read_plan("columns: {a: {pseudonym: user}}", key=b"short", redact=keep)


def test_a_pseudonym_is_of_its_value_name_and_key() -> None:
    one = pseudonym(KEY, "user")
    assert one("u-1", {}) == one("u-1", {})
    assert (
        len(
            {one("u-1", {}), one("u-2", {}), pseudonym(KEY, "shop")("u-1", {}), pseudonym(KEY[::-1], "user")("u-1", {})}
        )
        == 4
    )


def test_all_times_of_one_person_move_alike() -> None:
    treat = shifted(KEY, "30", "user")
    first, later = (treat(day, {"user": "u-1"}) for day in ("2026-03-01", "2026-03-04"))
    assert first is not None
    assert later is not None
    assert int(later[-2:]) - int(first[-2:]) in {3, 3 - 28, 3 - 31}
    assert len({treat("2026-03-01", {"user": f"u-{number}"}) for number in range(50)}) > 10


@given(st.text(max_size=30))
def test_what_does_not_fit_a_treatment_is_hidden_or_changed(value: str) -> None:
    for treat in (binned("10"), rounded("month"), cut("city"), masked("phone", "export"), shifted(KEY, "3", "x")):
        treated = treat(value, {})
        assert treated is not None
        assert treated == "" if not value else treated


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("12")), max_size=30))
def test_crowds_are_counted_as_their_rows_are(rows: list[tuple[str, str, str]]) -> None:
    crowds = Crowds(["q", "r"], ["s"])
    for q, r, s in rows:
        crowds.add({"q": q, "r": r, "s": s})
    sizes = [sum(other[:2] == one for other in rows) for one in {row[:2] for row in rows}]
    risk = crowds.risk()
    assert (risk.rows, risk.crowds, risk.k) == (len(rows), len(sizes), min(sizes, default=0))
    assert all(sum(other[:2] == one for other in rows) < 3 for one in crowds.too_small(3, 1))
    assert crowds.risk(crowds.too_small(3, 2)).k in {0, *range(3, 31)}


TOKENS = """
columns:
  订单: keep
  电话: {token: phone, subject: 用户}
  时间: {shift: 3, by: 用户}
"""
ORDERS = [
    {"订单": 1, "电话": "13812345678", "用户": "u-1", "时间": "2026-11-02"},
    {"订单": 2, "电话": "nonsense", "用户": "u-2", "时间": None},
    {"订单": 3, "电话": "", "用户": "u-1", "姓名": "张三"},
]


class Service:
    """Stands for the vault: it takes telephone numbers, and shows what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Item] = []

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def tokenize(self, items: list[Item], *, purpose: str) -> list[Tokenized | ItemError]:
        assert purpose == "analytics"
        self.asked += items
        return [
            Tokenized(f"tok_{item.subject}", True) if item.value.isdigit() else ItemError("invalid_phone")
            for item in items
        ]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service()
    monkeypatch.setattr(cli, "Moat", lambda: made)
    return made


def released(place: Path, source: str, output: str, *more: str) -> Result:
    (place / "tokens.yaml").write_text(TOKENS)
    named = ["--plan", str(place / "tokens.yaml"), "--key", str(place / "key"), "-o", str(place / output)]
    return CliRunner().invoke(main, ["deidentify", str(place / source), *named, *more])


@pytest.mark.parametrize("suffix", ["ndjson", "parquet"])
def test_values_of_a_column_become_tokens_of_their_people_in_any_format(
    place: Path, service: Service, suffix: str
) -> None:
    lines = [json.dumps(one, ensure_ascii=False) for one in ORDERS]
    (place / "orders.ndjson").write_text(
        "\n".join([lines[0], "no json", lines[1], "[]", " " * (1 << 20) + "{}", lines[2]])
    )
    pyarrow.parquet.write_table(
        pyarrow.Table.from_pylist([{"姓名": None, **one} for one in ORDERS]), place / "orders.parquet"
    )
    result = released(place, f"orders.{suffix}", f"out.{suffix}", "--purpose", "analytics")
    assert result.exit_code == 0, result.output
    if suffix == "parquet":
        rows = pyarrow.parquet.read_table(place / "out.parquet").to_pylist()
    else:
        rows = [json.loads(line) for line in (place / "out.ndjson").read_text().splitlines()]
    assert [(row["订单"], row["电话"]) for row in rows] == [("1", "tok_u-1"), ("2", "***"), ("3", "")]
    assert rows[0]["时间"].startswith(("2026-10-3", "2026-11-0"))
    assert [(item.subject, item.kind, item.value) for item in service.asked] == [
        ("u-1", "phone", "13812345678"),
        ("u-2", "phone", "nonsense"),
    ]
    assert not list(place.glob("*.new"))


def test_times_and_numbers_of_parquet_are_texts_like_those_of_other_files(place: Path) -> None:
    rows = [
        {"a": date(2026, 11, 2), "b": datetime(2026, 11, 2, 8, tzinfo=UTC), "c": 1.5, "d": Decimal("0.10"), "e": True}
    ]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), place / "in.parquet")
    assert list(rows_of(place / "in.parquet", "abcde")) == [
        {"a": "2026-11-02", "b": "2026-11-02T08:00:00+00:00", "c": "1.5", "d": "0.10", "e": "true"}
    ]


def test_a_file_that_is_not_parquet_is_refused(place: Path) -> None:
    (place / "orders.parquet").write_text("no")
    result = released(place, "orders.parquet", "out.csv", "--purpose", "analytics")
    assert (result.exit_code, "not a Parquet file" in result.output) == (2, True)


def test_no_token_is_asked_for_and_nothing_written_where_the_release_is_refused(place: Path, service: Service) -> None:
    (place / "orders.ndjson").write_text(json.dumps(ORDERS[0]))
    assert released(place, "orders.ndjson", "out.ndjson").exit_code == 2
    (place / "tokens.yaml").write_text(TOKENS)
    plan = f"k: 2\nquasi: [订单]\n{TOKENS}"
    (place / "plan.yaml").write_text(plan)
    result = CliRunner().invoke(
        main,
        ["deidentify", str(place / "orders.ndjson"), "--plan", str(place / "plan.yaml"), "--key", str(place / "key"),
         "-o", str(place / "out.ndjson"), "--purpose", "analytics"],
    )  # fmt: skip
    assert result.exit_code == 3
    assert service.asked == []
    assert not (place / "out.ndjson").exists()


def test_nothing_is_left_of_a_release_that_the_service_breaks_off(
    place: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise MoatError("unavailable")

    monkeypatch.setattr(service, "tokenize", refuse)
    (place / "orders.ndjson").write_text(json.dumps(ORDERS[0]))
    result = released(place, "orders.ndjson", "out.ndjson", "--purpose", "analytics")
    assert result.exit_code == 1
    assert not list(place.glob("out*"))
