"""From what on a run takes two persons. Pure."""

import pytest

from dsar.retention.asking import Threshold
from dsar.retention.due import Fate
from dsar.retention.plan import HELD, Tally


def tally(kind: str, uses: int, fate: str = Fate.DUE) -> Tally:
    return Tally("rule", kind, "delivery", fate, "delete", uses, None, None)


@pytest.mark.parametrize(
    ("tallies", "approvals"),
    [
        ([], 0),
        ([tally("phone", 100)], 0),
        ([tally("phone", 101)], 1),
        ([tally("phone", 101), tally("phone", 9_999, Fate.RUNNING)], 0),
        ([tally("phone", 101), tally("phone", 9_998, Fate.RUNNING)], 1),
        ([tally("phone", 101), tally("name", 99_999, Fate.RUNNING)], 1),
        ([tally("phone", 101), tally("phone", 9_999, HELD)], 0),
        ([tally("phone", 10_000), tally("phone", 9_000_000, Fate.LAW)], 0),
        (
            [
                tally("phone", 5_001),
                tally("name", 5_000),
                *(tally(one, 10_000_000, "law") for one in ("phone", "name")),
            ],
            1,
        ),
    ],
)
def test_many_uses_or_a_large_part_of_a_kind_take_two_persons(tallies: list[Tally], approvals: int) -> None:
    assert Threshold().approvals(tallies) == approvals


def test_an_operator_may_set_both_bounds() -> None:
    assert Threshold(uses=0).approvals([tally("phone", 1)]) == 1
    assert Threshold(percent=100).approvals([tally("phone", 9_000)]) == 0
