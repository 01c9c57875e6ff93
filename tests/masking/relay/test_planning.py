"""What bindings need, where numbers are from, and the capacity plan at a terminal."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from commands.program import main
from masking.relay.area import area_named, area_of
from masking.relay.errors import ImportFileError
from masking.relay.number import RelayNumber
from masking.relay.planning import Span, need, read_log

PEOPLE = st.sampled_from("abcdefgh")
SPANS = st.lists(
    st.tuples(PEOPLE, PEOPLE, st.integers(0, 50), st.integers(1, 20)).filter(lambda one: one[0] != one[1]), max_size=30
)


def spans(drawn: list[tuple[str, str, int, int]]) -> list[Span]:
    return [Span(a, b, begins, begins + lasts) for a, b, begins, lasts in drawn]


@given(SPANS, st.integers(0, 30), st.integers(1, 5))
def test_first_fit_takes_no_fewer_than_the_bound_and_less_than_twice_the_busiest(
    drawn: list[tuple[str, str, int, int]], cool: int, capacity: int
) -> None:
    unlimited, limited = need(spans(drawn), cool=cool, capacity=5_000), need(spans(drawn), cool=cool, capacity=capacity)
    assert unlimited.bound == unlimited.busiest <= unlimited.used <= max(0, 2 * unlimited.busiest - 1)
    assert limited.busiest <= limited.bound <= limited.used


def test_what_cools_counts_with_what_is_live() -> None:
    made = spans([("a", "b", 0, 10), ("a", "c", 10, 10)])
    assert need(made, cool=0, capacity=9).used == 1
    assert need(made, cool=1, capacity=9).used == 2


@pytest.mark.parametrize(
    "lines",
    ["", "a,b\n1,2", "a,b,from,to\nx,y,2026-11-02T08:00:00,2026-11-02T09:00:00Z", 'a,b,from,to\n"x',
     "a,b,from,to\nx,x,2026-11-02T08:00:00Z,2026-11-02T09:00:00Z", "a,b,from,to\nx,y,2026-11-02T09:00:00Z,2026-11-02T08:00:00Z"],
    ids=range(6),
)  # fmt: skip
def test_what_is_no_log_of_bindings_is_refused(lines: str) -> None:
    with pytest.raises(ImportFileError):
        list(read_log(lines.splitlines()))


@pytest.mark.parametrize(
    ("number", "code"),
    [("+861088880001", "010"), ("+8657188880001", "0571"), ("+8613800000001", None), ("+4930123456", None), ("95588", None)],
)  # fmt: skip
def test_a_fixed_line_says_where_it_is_from(number: str, code: str | None) -> None:
    found = area_of(RelayNumber.parse(number))
    assert (None if found is None else found.code) == code


def test_an_area_is_named_by_its_code_or_its_place() -> None:
    assert area_named("0571") == area_named("杭州") == area_named(" 杭州市 ")
    assert area_named("Atlantis") is None


def test_the_plan_of_a_log_needs_no_service(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(
        "a,b,from,to\nr,c,2026-11-02T08:00:00Z,2026-11-02T08:30:00Z\nr,d,2026-11-02T08:10:00Z,2026-11-02T08:40:00Z\n"
    )
    told = CliRunner().invoke(main, ["relay", "plan", str(log)])
    assert told.exit_code == 0, told.output
    assert told.output.split()[-6:] == ["2", "2", "2", "2", "2", "-"]
    log.write_text("nothing")
    assert CliRunner().invoke(main, ["relay", "plan", str(log)]).exit_code == 2
    assert CliRunner().invoke(main, ["relay", "plan"]).exit_code == 2
