"""What is seen of requests: by officers, by everybody, by those who count, and after an erasure."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from dsar.desk import store
from dsar.request import Level
from tests.dsar.desk.conftest import Office
from web.principal import Role


def test_the_queue_is_ordered_by_what_is_due_and_filtered(office: Office, name: str) -> None:
    late = office.ask(f"{name}-1", "access", "gdpr_pl")
    soon = office.ask(f"{name}-2", "erasure", "gdpr_pl")
    late = office.decide(late, "extend", reason="many_requests")
    office.decide(soon, "assign", assignee=7)
    assert office.listed("regime=gdpr_pl") == [soon["request"], late["request"]]
    assert office.listed("regime=gdpr_pl&assignee=7") == [soon["request"]]
    assert office.listed("regime=gdpr_pl&assignee=0") == [late["request"]]
    assert office.listed("regime=gdpr_pl&right=access") == [late["request"]]
    assert office.listed(f"regime=gdpr_pl&due_before={late['due_at']}") == [soon["request"]]
    assert office.listed("regime=gdpr_pl&overdue=true") == []
    office.decide(soon, "deny", reason="unfounded")
    assert office.listed("regime=gdpr_pl") == [late["request"]]
    assert office.listed("regime=gdpr_pl&state=denied") == [soon["request"]]
    first: Any = office.api.call("GET", "/v1/requests?limit=1", credential=office.officer).json
    rest: Any = office.api.call("GET", f"/v1/requests?cursor={first['next_cursor']}", credential=office.officer).json
    assert first["items"][0]["request"] not in [one["request"] for one in rest["items"]]


def test_nobody_reaches_requests_of_another_tenant_or_without_the_scope(office: Office, name: str) -> None:
    made = office.ask(name, "access")
    foreign = office.api.credential(Role.PRIVACY_OFFICER, tenant=office.api.other_tenant)
    for path in ("", "/words", "/status"):
        answer = office.api.call("GET", f"/v1/requests/{made['request']}{path}", credential=foreign)
        assert answer.status_code == 404
    assert office.decide(made, "accept", by=foreign, expected=404)["code"] == "not_found"
    listed: Any = office.api.call("GET", "/v1/requests", credential=foreign).json
    assert listed["items"] == []
    for credential in (office.service, office.api.role(Role.OPERATOR), office.api.role(Role.COURIER)):
        assert office.api.call("GET", "/v1/requests", credential=credential).status_code == 403
        office.decide(made, "accept", by=credential, expected=403)
    status: Any = office.api.call("GET", f"/v1/requests/{made['request']}/status", credential=office.service).json
    assert (status["state"], "level" in status) == ("received", False)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"regime": "moonlaw"}, "regime_not_known"),
        ({"regime": "ccpa", "right": "explanation"}, "right_not_known"),
        ({"right": "complaint"}, "invalid_request"),
        ({"complaint": {"category": "other"}}, "invalid_request"),
        ({"right": "everything"}, "invalid_request"),
    ],
)
def test_what_no_law_knows_is_refused(office: Office, name: str, said: dict[str, Any], code: str) -> None:
    body = {"subject": name, "right": "access", "regime": "gdpr", **said}
    assert office.post("/v1/requests", body, by=office.service, expected=422)["code"] == code


def test_a_complaint_is_handled_by_its_owner_and_settled_with_an_outcome(office: Office, name: str) -> None:
    office.person(name)
    complaint = {"category": "unwanted_contact", "accountable": "merchant", "evidence": 2}
    made = office.ask(name, "complaint", "pipl", complaint=complaint)
    office.verify(made, Level.CHANNEL)
    office.decide(made, "assign", assignee=3)
    office.decide(made, "accept")
    office.decide(made, "complete", expected=409)
    settled = office.decide(made, "settle", outcome="partly_upheld")
    assert (settled["state"], settled["reasons"], settled["assignee"]) == ("completed", ["partly_upheld"], 3)
    assert (settled["category"], settled["accountable"], settled["evidence"]) == ("unwanted_contact", "merchant", 2)
    assert office.sent(made)[-1] == ("request_completed", "zh-Hans")
    assert office.told[-1]["reason"].startswith("投诉部分成立")
    access = office.ask(name, "access")
    office.decide(access, "settle", outcome="upheld", expected=409)


def test_everybody_may_read_how_complaints_are_handled(office: Office) -> None:
    answer: Any = office.api.call("GET", "/v1/complaints/standard", credential=None).json
    times = {one["regime"]: one for one in answer["times"]}
    assert times["pipl"]["answer"] == {"amount": 15, "unit": "working_days"}
    assert times["pipl"]["acknowledge"] == {"amount": 3, "unit": "working_days"}
    assert {one["category"] for one in answer["categories"]} >= {"leaked", "minors"}
    assert all(set(one["names"]) == {"zh-Hans", "zh-Hant", "en"} for one in answer["categories"])


def test_a_year_is_counted_without_small_counts(office: Office, name: str) -> None:
    for number in range(6):
        made = office.ask(f"{name}-{number}", "portability", "lgpd")
        if number < 5:
            office.decide(made, "deny", reason="unidentified")
    year = office.api.clock().year
    answer: Any = office.api.call("GET", f"/v1/requests/statistics?year={year}", credential=office.officer).json
    (line,) = [one for one in answer["items"] if (one["regime"], one["right"]) == ("lgpd", "portability")]
    assert line["counts"]["open"] is None
    assert line["counts"]["total"] in {6, None}
    assert not [
        count for one in answer["items"] for count in one["counts"].values() if count is not None and 0 < count < 5
    ]
    written = office.api.call(
        "GET", f"/v1/requests/statistics?year={year}&format=csv", credential=office.officer
    ).get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(written)))
    assert len(rows) == len(answer["items"])
    assert rows[-1]["regime"] == "total"
    empty: Any = office.api.call("GET", "/v1/requests/statistics?year=2020", credential=office.officer).json
    assert [one["counts"]["total"] for one in empty["items"]] == [0]


def test_what_stays_of_a_request_after_an_erasure_leads_to_nobody(office: Office, name: str) -> None:
    number = office.person(name)
    made = office.ask(name, "objection", "pipl", purposes=["marketing_sms"], text="enough")
    done = office.ask(name, "erasure", "pipl")
    office.decide(done, "deny", reason="unfounded")
    for _ in range(2):
        office.erase(number)
    for one, right in ((made, "objection"), (done, "erasure")):
        row = office.row(one)
        assert row is not None
        kept = dict(zip(store.COLUMNS, row, strict=True))
        assert (kept["subject"], kept["name"], kept["purposes"]) == (None, None, "")
        assert (kept["claim"], kept["regime"]) == (right, "pipl")
    rows = office.database.read(
        office.tenant,
        lambda tx: tx.all(store.WORDS_OF, tenant=office.tenant, request=UUID(made["request"]).bytes),
    )
    assert rows == []
