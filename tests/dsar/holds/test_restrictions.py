"""Restrictions of use: what they refuse, what they leave, and what ends them, over HTTP and on both databases."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from composition.holds import restrictions
from database.columns import millis
from database.transaction import Transaction
from dsar.holds.restriction import Cause, RestrictionLookup
from tests.dsar.holds.conftest import Case
from vault.ports import Reveal

NUMBERS = itertools.count(1)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"r{next(NUMBERS)}"


def restrict(case: Case, number: int, cause: Cause = Cause.PERSON, **of: Any) -> None:
    at = millis(case.api.clock())
    case.api.moat.database.write(case.tenant, lambda tx: restrictions().set(tx, case.tenant, number, cause, at, **of))


def lift(case: Case, number: int, cause: Cause = Cause.PERSON, **of: Any) -> bool:
    at = millis(case.api.clock())
    return case.api.moat.database.write(
        case.tenant, lambda tx: restrictions().lift(tx, case.tenant, number, cause, at, **of)
    )


def test_a_restricted_persons_values_are_stored_and_not_used(case: Case, name: str) -> None:
    token = case.api.token(subject=name)
    restrict(case, case.number())
    for view in ("plain", "masked"):
        assert case.api.seen(token, view=view) == ["restricted"]
    assert case.api.seen(case.api.token("13900001111", subject=name)) == ["restricted"]
    assert case.api.call("GET", f"/v1/tokens/{token}").status_code == 200
    lift(case, case.number())
    assert case.api.seen(token) == ["13812345678"]


def test_the_officer_who_answers_the_persons_request_sees_what_they_may_all_the_same(case: Case, name: str) -> None:
    token = case.api.token(subject=name)
    restrict(case, case.number())
    officer: dict[str, Any] = {"credential": case.officer, "ref": "request:q-1"}
    assert case.api.seen(token, view="masked", purpose="account", **officer) == ["138****5678"]
    assert case.api.seen(token, view="plain", purpose="account", **officer) == ["13812345678"]
    assert case.api.seen(token, view="masked", purpose="delivery", **officer) == ["restricted"]


def test_data_is_used_again_when_the_last_of_several_causes_is_lifted(case: Case, name: str) -> None:
    token, number = case.api.token(subject=name), case.number()
    one, two = b"\x01" * 16, b"\x02" * 16
    for _ in range(2):
        restrict(case, number, Cause.ERASURE_PENDING, origin=one)
        restrict(case, number, Cause.ERASURE_PENDING, origin=two)
        restrict(case, number, Cause.LEGAL_HOLD)
    assert lift(case, number, Cause.ERASURE_PENDING, origin=one)
    assert lift(case, number, Cause.ERASURE_PENDING, origin=one)
    assert lift(case, number, Cause.LEGAL_HOLD)
    assert case.api.seen(token) == ["restricted"]
    assert not lift(case, number, Cause.ERASURE_PENDING, origin=two)
    assert case.api.seen(token) == ["13812345678"]


def test_an_objection_stops_its_purpose_and_no_other(case: Case, name: str) -> None:
    token, number = case.api.token(subject=name), case.number()
    restrict(case, number, Cause.OBJECTION, purpose="delivery")
    assert case.api.seen(token) == ["restricted"]
    assert case.api.seen(token, view="masked", purpose="support", ref="order:o-1") == ["138****5678"]
    lift(case, number, Cause.OBJECTION, purpose="delivery")
    assert case.api.seen(token) == ["13812345678"]


def test_of_a_batch_the_restricted_are_refused_and_the_others_shown_and_the_log_says_so(case: Case, name: str) -> None:
    token = case.api.token(subject=name)
    restrict(case, case.number())
    other = case.api.token("13900001111", subject=f"{name}-other")
    assert case.api.seen(token, other, token) == ["restricted", "13900001111", "restricted"]
    refusal = [entry for entry in case.entries("vault.detokenize") if entry.get("reason") == "restricted"][-1]
    assert (refusal["outcome"], refusal["count"]) == ("denied", 2)


def test_nobody_is_asked_about_people_without_a_restriction(
    case: Case, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Reveal] = []

    def restricted(self: RestrictionLookup, tx: Transaction, uses: Sequence[Reveal]) -> list[bool]:
        asked.extend(uses)
        return [True] * len(uses)

    monkeypatch.setattr(RestrictionLookup, "restricted", restricted)
    token = case.api.token(subject=name)
    assert case.api.seen(token) == ["13812345678"]
    assert asked == []
    restrict(case, case.number())
    assert case.api.seen(token) == ["restricted"]
    assert [reveal.marked for reveal in asked] == [True]


def test_an_erasure_takes_the_restrictions_with_it(case: Case, name: str) -> None:
    case.api.token(subject=name)
    restrict(case, case.number(), Cause.ERASURE_PENDING)
    before = case.api.rows()["restriction"]
    assert case.shred(name) == (200, "erased")
    assert case.api.rows()["restriction"] == before - 1
