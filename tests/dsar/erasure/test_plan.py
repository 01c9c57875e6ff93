"""A plan's digest stands for all of it, and its lines say nothing of anybody."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsar.erasure.judgement import Judged, KeepReason, Kept
from dsar.erasure.plan import Line, Plan, added
from dsar.holders.holder import Holding
from dsar.right import Right

LINE = Line(
    holder="vault",
    category="phone",
    purpose="delivery",
    ref="A" * 22,
    count=2,
    since=1_000,
    kept=Kept(KeepReason.LEGAL_OBLIGATION, "ecommerce_31", 2_000),
)
PLAN = Plan(request=uuid.UUID(int=1), right=Right.ERASURE, made_at=5, laws="v1", lines=[LINE])


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, request=uuid.UUID(int=2)),
        replace(PLAN, right=Right.ACCOUNT_CLOSURE),
        replace(PLAN, made_at=6),
        replace(PLAN, laws="v2"),
        replace(PLAN, lines=[]),
        replace(PLAN, lines=[LINE, LINE]),
        *(
            replace(PLAN, lines=[line])
            for line in (
                replace(LINE, holder="consent"),
                replace(LINE, category="name"),
                replace(LINE, purpose=""),
                replace(LINE, ref=""),
                replace(LINE, count=3),
                replace(LINE, since=1_001),
                replace(LINE, kept=None),
            )
        ),
        replace(PLAN, lines=[replace(LINE, kept=Kept(KeepReason.LEGAL_OBLIGATION, "ecommerce_31", 2_001))]),
        replace(PLAN, lines=[replace(LINE, kept=Kept(KeepReason.LEGAL_HOLD, "ecommerce_31", 2_000))]),
    ],
)
def test_whatever_is_changed_in_a_plan_changes_its_digest(other: Plan) -> None:
    assert other.digest != PLAN.digest


def test_the_digest_of_a_plan_is_what_its_module_draws() -> None:
    assert PLAN.digest.hex() == "05853f7eccbc0863988a1ccbd38e703bc873af94d630abe26ac84a9f35850546"


@given(st.text(), st.text(), st.text(min_size=1))
def test_names_that_others_made_up_stay_out_of_a_plan(category: str, purpose: str, by: str) -> None:
    held = Holding(holder="orders", category=category, purpose=purpose, ref="", count=1, since=1)
    line = Line.of(Judged(held, Kept(KeepReason.LEGAL_OBLIGATION, by)), {})
    assert line.kept is not None
    for said in (line.category, line.purpose, line.kept.by):
        assert said == "" or said.isascii()
        assert not said[:1].isdigit()


def test_lines_that_say_the_same_are_one() -> None:
    free = replace(LINE, kept=None)
    (one,) = added([free, replace(LINE, count=5, since=500)])
    assert (one.count, one.since, one.kept) == (7, 500, LINE.kept)
    assert len(added([free, replace(free, ref="")])) == 2
