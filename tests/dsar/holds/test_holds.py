"""Legal holds over HTTP: what they keep, what ends them, and what is recorded."""

import itertools
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from database.columns import millis
from database.transaction import Transaction
from dsar.holds.asking import Holds
from dsar.holds.hold import Use
from tests.api.conftest import refused
from tests.dsar.holds.conftest import Case
from web.principal import Role
from work.timetable import DueJob

NUMBERS = itertools.count(1)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"n{next(NUMBERS)}"


def kept_by(case: Case, *uses: Use) -> list[int | None]:
    """The hold that keeps each use."""
    found = case.api.moat.database.write(case.tenant, lambda tx: Holds().which(tx, case.tenant, uses))
    return [None if hold is None else hold.id for hold in found]


def test_a_person_who_is_held_is_not_shredded_until_two_persons_have_released_the_hold(case: Case, name: str) -> None:
    case.api.token(subject=name)
    hold = case.place(subject=name)
    assert case.shred(name) == (409, "held")
    job = case.ask_release(hold)
    refused(case.api.call("POST", f"/v1/jobs/{job}/approve", credential=case.officer), 403, "own_job")
    assert case.shred(name) == (409, "held")
    assert case.api.call("POST", f"/v1/jobs/{job}/approve", credential=case.colleague).status_code == 200
    case.carry(job)
    assert case.shred(name) == (200, "erased")


@pytest.mark.parametrize("scope", ["subject", "kind", "ref", "subject kind", "kind ref", "subject kind ref"])
def test_a_hold_over_any_part_of_what_is_kept_of_a_person_keeps_the_person(case: Case, name: str, scope: str) -> None:
    whole = {"subject": name, "kind": "landline", "ref": f"order:{name}"}
    case.api.token("010-62345678", "landline", subject=name, ref=f"order:{name}")
    hold = case.place(**{part: whole[part] for part in scope.split()})
    assert case.shred(name) == (409, "held")
    case.release(hold)
    assert case.shred(name) == (200, "erased")


@pytest.mark.parametrize(
    "scope", [{"subject": "{name}", "kind": "email"}, {"kind": "phone", "ref": "order:other"}, {"ref": "order:{name}x"}]
)
def test_what_fits_a_part_of_a_combination_only_is_not_held(case: Case, name: str, scope: dict[str, str]) -> None:
    case.api.token(subject=name, ref=f"order:{name}")
    hold = case.place(**{part: word.format(name=name) for part, word in scope.items()})
    assert case.shred(name) == (200, "erased")
    if "subject" not in scope:
        case.release(hold)


def test_a_hold_that_kept_nothing_of_a_person_ends_with_the_person(case: Case, name: str) -> None:
    case.api.token(subject=name)
    hold = case.place(subject=name, kind="email")
    assert case.shred(name) == (200, "erased")
    shown: Any = case.api.call("GET", f"/v1/holds/{hold}", credential=case.officer).json
    assert (shown["scope"]["subject"], shown["released_at"] is None) == (None, False)


def test_each_use_of_a_batch_is_kept_by_the_hold_that_fits_it_and_by_none_that_was_released(
    case: Case, name: str
) -> None:
    case.api.token(subject=name)
    number = case.number()
    by_ref = case.place(ref=f"order:{name}")
    by_both = case.place(subject=name, kind="phone")
    uses = [
        Use(number, "phone", "delivery", f"order:{name}"),
        Use(number, "phone", "delivery", "order:1"),
        Use(number, "email", "delivery", "order:1"),
        Use(number + 1, "phone", "delivery", ""),
        Use(number + 1, "email", "support", f"order:{name}"),
    ]
    assert kept_by(case, *uses) == [by_ref, by_both, None, None, by_ref]
    case.release(by_ref)
    assert kept_by(case, *uses) == [by_both, by_both, None, None, None]
    case.release(by_both)
    assert kept_by(case) == []


def test_thousands_of_uses_are_answered_in_order(case: Case, name: str) -> None:
    hold = case.place(ref=f"order:{name}")
    uses = [Use(place, "phone", "delivery", f"order:{name}" if place % 1_000 == 7 else "") for place in range(1, 5_001)]
    assert [place for place, by in enumerate(kept_by(case, *uses), 1) if by == hold] == [7, 1_007, 2_007, 3_007, 4_007]
    case.release(hold)


@pytest.mark.parametrize(
    ("scope", "field", "code"),
    [
        ({}, "scope", "scope_empty"),
        ({"kind": "shoe_size"}, "scope.kind", "unknown_kind"),
        ({"subject": "nobody-here"}, "scope.subject", "unknown_subject"),
        ({"ref": "order:13812345678"}, "scope.ref", "ref_is_personal"),
    ],
)
def test_what_cannot_be_held_is_named(case: Case, scope: dict[str, str], field: str, code: str) -> None:
    answer = case.api.call("POST", "/v1/holds", case.wanted(**scope), credential=case.officer)
    assert {name: found for name, (found, _) in refused(answer, 422, "hold_scope").items()} == {field: code}


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_hold_is_reviewed_within_a_year(case: Case, days: float) -> None:
    wanted = case.wanted(days, ref="order:o-9")
    refused(case.api.call("POST", "/v1/holds", wanted, credential=case.officer), 422, "review_date")


def test_a_person_whose_erasure_has_begun_cannot_be_held_any_more(case: Case, name: str) -> None:
    case.api.token(subject=name)
    assert case.shred(name) == (200, "erased")
    answer = case.api.call("POST", "/v1/holds", case.wanted(subject=name), credential=case.officer)
    assert set(refused(answer, 422, "hold_scope")) == {"scope.subject"}


def test_only_privacy_officers_hold_and_nobody_sees_the_holds_of_another_tenant(case: Case, name: str) -> None:
    hold = case.place(ref=f"order:{name}")
    for credential in (case.api.service, case.api.role(Role.OPERATOR), case.api.role(Role.SUPPORT)):
        refused(case.api.call("POST", "/v1/holds", case.wanted(kind="phone"), credential=credential), 403, "forbidden")
        refused(case.api.call("GET", f"/v1/holds/{hold}", credential=credential), 403, "forbidden")
    foreign = case.api.credential(Role.PRIVACY_OFFICER, tenant=case.api.other_tenant)
    for method, path, body in (
        ("GET", f"/v1/holds/{hold}", None),
        ("DELETE", f"/v1/holds/{hold}", None),
        ("POST", f"/v1/holds/{hold}/review", {"review_at": case.later(9)}),
    ):
        refused(case.api.call(method, path, body, credential=foreign), 404, "not_found")
    listed: Any = case.api.call("GET", "/v1/holds", credential=foreign).json
    assert listed == {"items": [], "next_cursor": None}
    case.release(hold)


def test_a_hold_is_shown_and_listed_with_the_person_whom_it_names(case: Case, name: str) -> None:
    case.api.token(subject=name)
    hold = case.place(subject=name, kind="phone")
    shown: Any = case.api.call("GET", f"/v1/holds/{hold}", credential=case.officer).json
    assert shown["scope"] == {"subject": name, "kind": "phone", "ref": None}
    assert (shown["reason"], shown["case"], shown["overdue"], shown["released_at"]) == (
        "litigation",
        "2026-civ-17",
        False,
        None,
    )
    page: Any = case.api.call("GET", f"/v1/holds?cursor={hold - 1}&limit=1", credential=case.officer).json
    assert page == {"items": [shown], "next_cursor": str(hold)}
    case.release(hold)
    assert case.shred(name) == (200, "erased")
    page = case.api.call("GET", f"/v1/holds?released=true&cursor={hold - 1}", credential=case.officer).json
    assert [(one["hold"], one["scope"]["subject"]) for one in page["items"]] == [(hold, None)]


def test_placing_again_with_the_same_key_places_one_hold(case: Case, name: str) -> None:
    wanted, headers = case.wanted(ref=f"order:{name}"), {"Idempotency-Key": name}
    first: Any = case.api.call("POST", "/v1/holds", wanted, headers=headers, credential=case.officer).json
    again: Any = case.api.call("POST", "/v1/holds", wanted, headers=headers, credential=case.officer).json
    assert first == again
    wanted["case"] = "2026-civ-18"
    other = case.api.call("POST", "/v1/holds", wanted, headers=headers, credential=case.officer)
    refused(other, 409, "idempotency_mismatch")
    case.release(first["hold"])


def test_a_release_is_asked_for_once_and_a_released_hold_stays_released(case: Case, name: str) -> None:
    hold = case.place(ref=f"order:{name}")
    job = case.ask_release(hold)
    assert case.ask_release(hold) == job
    assert case.api.call("POST", f"/v1/jobs/{job}/cancel", credential=case.officer).status_code == 200
    assert case.ask_release(hold) != job
    case.release(hold)
    refused(case.api.call("DELETE", f"/v1/holds/{hold}", credential=case.officer), 409, "hold_released")
    review = {"review_at": case.later(9)}
    refused(case.api.call("POST", f"/v1/holds/{hold}/review", review, credential=case.officer), 409, "hold_released")


def test_a_hold_past_its_review_is_reported_every_week_and_holds_all_the_same(case: Case, name: str) -> None:
    case.api.token(subject=name)
    hold = case.place(10, subject=name)
    case.api.clock.advance(days=10)
    assert report(case) == [hold]
    assert report(case) == []
    case.api.clock.advance(days=7)
    assert report(case) == [hold]
    ready: Any = case.api.moat.app.test_client().get("/readyz").json
    assert "hold_review_overdue" in ready["warnings"]
    assert case.shred(name) == (409, "held")
    answer = case.api.call("POST", f"/v1/holds/{hold}/review", {"review_at": case.later(5)}, credential=case.officer)
    assert answer.json["overdue"] is False  # type: ignore[index]  # an object
    assert report(case) == []
    case.api.clock.advance(days=6)
    assert report(case) == [hold]
    case.release(hold)


def due_now(case: Case) -> list[DueJob]:
    read, at = case.api.moat.database.read, millis(case.api.clock())
    found = [due for one in case.api.moat.work.timetables for due in read(None, partial(one.due, at=at))]
    return [due for due in found if due.kind == "dsar_hold_overdue"]


def submit(case: Case, due: DueJob, tx: Transaction) -> UUID:
    return case.api.moat.jobs.submit(tx, due.tenant, due.kind, due.params, millis(case.api.clock()))


def report(case: Case) -> list[int]:
    """Carry out what the timetables say is due; the holds that were reported."""
    before = len(case.entries("dsar.hold_overdue"))
    for due in due_now(case):
        case.carry(case.api.moat.database.write(due.tenant, partial(submit, case, due)))
    return [entry["rows"][0] for entry in case.entries("dsar.hold_overdue")[before:]]


def test_the_log_names_who_held_who_asked_for_the_release_and_who_approved(case: Case, name: str) -> None:
    case.api.token(subject=name, ref=f"order:{name}")
    hold = case.place(subject=name, kind="phone", ref=f"order:{name}")
    case.release(hold)
    (placed,) = [entry for entry in case.entries("dsar.hold_place") if entry["rows"] == [hold]]
    (released,) = [entry for entry in case.entries("dsar.hold_release") if entry["rows"] == [hold]]
    assert placed["kind"] == "phone"
    assert len(placed["subjects"]) == 1
    assert placed["ref"] == released["ref"]
    assert name not in str(placed) + str(released)
    assert released["actor"] == placed["actor"]
    assert released["approver"]["role"] == "privacy_officer"
    assert released["approver"]["id"] != released["actor"]["id"]
