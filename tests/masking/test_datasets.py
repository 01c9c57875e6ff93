"""Data sets leave without pointing at anybody, or not at all; the report says how well they hide people."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from commands.program import main
from masking.datasets.plan import PlanError, read_plan
from masking.datasets.risk import Crowds
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
