"""What time does to requests: escalation, breaches, an end of waiting, and the end of records."""

from uuid import UUID

import pytest

from dsar.desk import store
from dsar.desk.errors import RequestNotFoundError
from tests.dsar.desk.conftest import Office


def test_officers_see_what_nears_its_end_and_what_is_late(office: Office, name: str) -> None:
    made = office.ask(name, "explanation", "lgpd")  # 15 days
    office.until(made, days=1)
    assert office.show(made)["passed"] == 0
    office.until(made, days=7)
    assert office.show(made)["passed"] == 50
    office.until(made, days=4.8)
    assert (office.show(made)["passed"], office.show(made)["overdue"]) == (80, False)
    office.until(made, days=4)
    office.watch.look(office.now())
    shown = office.show(made)
    assert (shown["passed"], shown["overdue"], shown["breached"]) == (100, True, ["due"])
    assert [one["reason"] for one in shown["timeline"][1:]] == ["passed_50", "passed_80", "due"]
    assert made["request"] in office.listed("overdue=true")
    assert office.decide(made, "extend", reason="complex", expected=409)["code"] == "not_extendable"
    assert office.entries("dsar.breach")[-1]["kind"] == "explanation"


def test_a_clock_that_nobody_looked_at_for_long_is_a_breach_once(office: Office, name: str) -> None:
    made = office.ask(name, "erasure", "lgpd")
    office.until(made, days=90)
    office.until(made, days=1)
    assert office.moves(made) == ["receive", "breach"]


def test_a_receipt_that_is_not_confirmed_in_time_is_a_breach_of_its_own(office: Office, name: str) -> None:
    made = office.ask(name, "access", "ccpa")  # ten business days of 45
    office.until(made, days=17)
    assert office.show(made)["breached"] == ["acknowledge"]
    confirmed = office.ask(name, "erasure", "ccpa")
    office.decide(confirmed, "acknowledge")
    office.until(confirmed, days=17)
    assert office.show(confirmed)["breached"] == []


def test_nobody_is_waited_for_for_ever(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "access", "gdpr")
    office.decide(made, "pause", reason="identity")
    office.until(made, days=29)
    assert office.show(made)["state"] == "needs_info"
    assert office.show(made)["breached"] == []
    office.until(made, days=3)
    assert (office.show(made)["state"], office.show(made)["reasons"]) == ("expired", ["no_answer"])
    assert office.jobs(made)[-1] == "request_expired"


def test_who_has_shown_who_they_are_is_not_waited_for(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "erasure", "gdpr")
    office.do(made, "verifying")
    office.verify(made)
    office.until(made, days=60)
    assert office.show(made)["state"] == "verifying"


def test_where_the_law_counts_from_verification_the_time_begins_there(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "access", "pipl")
    office.api.clock.advance(days=10)
    office.verify(made)
    assert office.show(made)["due_at"] > made["due_at"]
    other = office.ask(name, "erasure", "pipl")
    office.api.clock.advance(days=3)
    office.verify(other)
    assert office.show(other)["due_at"] == other["due_at"]


def test_a_deadline_that_rested_on_days_not_ordered_is_reckoned_anew_once_they_are(office: Office, name: str) -> None:
    made = office.ask(name, "restriction", "gdpr_de")
    office.doubt(made)
    assert office.show(made)["provisional"]
    office.watch.look(office.now())
    assert (office.show(made)["provisional"], office.moves(made)[-1]) == (False, "reckon")


def test_records_are_deleted_when_no_law_asks_to_keep_them(office: Office, name: str) -> None:
    kept = {}
    for regime in ("ccpa", "gdpr"):
        kept[regime] = office.ask(f"{name}-{regime}", "erasure", regime)
        office.decide(kept[regime], "deny", reason="unfounded")
    office.api.clock.advance(days=3 * 366 - 300)  # over 24 months, not yet 36
    office.watch.forget(office.now())
    assert office.show(kept["gdpr"])["state"] == "denied"
    with pytest.raises(RequestNotFoundError):
        office.request(kept["ccpa"])
    row = office.database.read(
        office.tenant,
        lambda tx: tx.all(store.MOVES_OF, tenant=office.tenant, request=UUID(kept["ccpa"]["request"]).bytes),
    )
    assert row == []
