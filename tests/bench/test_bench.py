"""The yardsticks do the work that they are measured by, and a comparison says who was faster."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from bench.figure import Figure, alternate, write
from bench.floor import SqliteFloor
from bench.lean_floor import LeanSqliteFloor
from bench.workload import Workload, detokenize, tokens_of
from vault.identifier import KINDS, normal_form


@pytest.mark.parametrize("floor", [SqliteFloor, LeanSqliteFloor])
def test_a_floor_gives_back_what_it_was_given(floor: type[SqliteFloor] | type[LeanSqliteFloor], tmp_path: Path) -> None:
    opened = floor(tmp_path / "floor.db")
    body = Workload().tokenize(3)
    tokens = tokens_of(opened.tokenize(body))
    answers = orjson.loads(opened.detokenize(detokenize(tokens[::-1])))["items"]
    opened.close()
    asked = orjson.loads(body)["items"]
    assert [(item["subject"], item["value"]) for item in answers[::-1]] == [
        (item["subject"], item["value"]) for item in asked
    ]


def test_a_floor_gives_back_what_it_was_given_after_it_has_rotated(tmp_path: Path) -> None:
    floor = SqliteFloor(tmp_path / "floor.db")
    tokens = tokens_of(floor.tokenize(Workload().tokenize(3)))
    before = floor.detokenize(detokenize(tokens))
    assert [floor.rotate(), floor.rotate()] == [3, 3]
    assert floor.detokenize(detokenize(tokens)) == before
    floor.close()


@pytest.mark.parametrize("kind", ["phone", "address", "bank_card"])
def test_what_is_drawn_is_valid_and_nothing_twice(kind: str) -> None:
    workload = Workload()
    values = [item["value"] for _ in range(2) for item in orjson.loads(workload.tokenize(20, kind=kind))["items"]]
    assert len({normal_form(KINDS[kind], value, region="CN") for value in values}) == 40


def test_a_machine_that_slows_down_changes_no_ratio() -> None:
    drifting = speeds()
    compared = alternate(lambda: next(drifting) * 2, lambda: next(drifting), rounds=100)
    assert compared.ratio == pytest.approx(2, rel=0.03)


def speeds() -> Iterator[float]:
    speed = 1_000.0
    while True:
        yield speed
        speed *= 0.99


def test_a_goal_is_met_by_a_ratio_that_reaches_it_and_judged_only_if_there_is_one(tmp_path: Path) -> None:
    met = Figure(name="a", backend="sqlite", value=1.0, unit="calls/s", yardstick="floor", ratio=0.5, goal=0.5)
    missed = Figure(name="b", backend="sqlite", value=1.0, unit="calls/s", yardstick="floor", ratio=0.49, goal=0.5)
    unmeasured = Figure(name="ff1", backend="-", value=1.0, unit="values/s", goal=20)
    assert (met.met, missed.met, unmeasured.met) == (True, False, None)
    write([met, missed, unmeasured], tmp_path / "results.json")
    kept = orjson.loads((tmp_path / "results.json").read_bytes())
    assert kept[0] == {
        "name": "a",
        "backend": "sqlite",
        "value": 1.0,
        "unit": "calls/s",
        "yardstick": "floor",
        "ratio": 0.5,
        "goal": 0.5,
    }
    assert (kept[2]["yardstick"], kept[2]["ratio"]) == (None, None)
