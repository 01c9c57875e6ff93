"""Systems beside this one as holders, on both databases: what they are told, and every way in which they can fail to answer."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from audit.log import AuditLog
from database.columns import millis
from dsar.holders.errors import HolderAwayError, HolderRefusedError, ProcessorError, TaskStateError
from dsar.holders.holder import Act, Disposal, Errand
from dsar.holders.ports import Answered
from dsar.holders.tasks import TaskDesk
from dsar.request import by_itself
from tests.dsar.holders.asked import ALL, ERRAND, PERSON, REQUEST, away, later
from tests.dsar.holders.stand_in import DOMAIN, EMAIL, PHONE, PLATFORM_ID, URL, Beside
from tests.support.vault import Vault


@pytest.fixture
def beside(vault: Vault) -> Beside:
    return Beside(vault)


def test_a_system_is_told_what_it_knows_the_person_by_and_its_signed_answer_is_the_evidence(beside: Beside) -> None:
    beside.system.extension = {"method": "anonymise", "count": 3}
    receipt = beside.holder.dispose(PERSON, ALL, ERRAND)
    (told,) = beside.system.posted
    assert told["subject_request_type"] == "erasure"
    assert UUID(told["subject_request_id"]).version == 4
    assert told["subject_identities"] == [
        {"identity_type": "controller_customer_id", "identity_value": PLATFORM_ID, "identity_format": "raw"},
        {"identity_type": "email", "identity_value": sha256(EMAIL.encode()).hexdigest(), "identity_format": "sha256"},
    ]
    assert told["extensions"] == {DOMAIN: {"phone": {"value": PHONE, "format": "raw"}, "keep": []}}
    assert (receipt.holder, receipt.method, receipt.count) == ("order_service", "anonymise", 3)
    assert receipt.evidence is not None
    assert len(receipt.evidence) == 32
    assert beside.system.calls[0][2]["authorization"] == "Bearer bearer-of-the-test"


def test_what_is_done_is_answered_from_the_book(beside: Beside) -> None:
    first = beside.holder.dispose(PERSON, ALL, ERRAND)
    calls = len(beside.system.calls)
    assert beside.holder.dispose(PERSON, ALL, ERRAND) == first
    assert len(beside.system.calls) == calls
    beside.holder.dispose(PERSON, ALL, Errand(request=REQUEST, key="second"))
    assert len({one["subject_request_id"] for one in beside.system.posted}) == 2


def test_a_system_learns_nothing_of_what_others_keep_or_correct(beside: Beside) -> None:
    keep = frozenset({("order", "delivery", "order:o-1"), ("phone", "delivery", "order:o-2")})
    beside.holder.dispose(PERSON, Disposal(reason="erasure_request", keep=keep), ERRAND)
    assert beside.system.posted[0]["extensions"][DOMAIN]["keep"] == [["order", "delivery", "order:o-1"]]
    beside.holder.rectify(PERSON, {"note": "at the gate", "phone": "13900000000"}, ERRAND)
    assert beside.system.posted[1]["extensions"][DOMAIN]["corrections"] == {"note": "at the gate"}
    assert beside.holder.rectify(PERSON, {"phone": "13900000000"}, Errand(request=REQUEST, key="2")).method == "none"
    assert len(beside.system.posted) == 2


def test_a_person_whom_the_system_can_know_by_nothing_is_not_asked_about(beside: Beside) -> None:
    beside.identities.known.clear()
    assert beside.holder.dispose(PERSON, ALL, ERRAND).method == "none"
    assert beside.holder.inventory(PERSON, ERRAND) == []
    assert beside.holder.inventory(PERSON, ERRAND) == []
    assert beside.system.calls == []


def test_an_erased_person_cannot_be_named_any_more_but_what_was_accepted_ends(beside: Beside) -> None:
    beside.system.done = False
    away(beside)
    beside.identities.erased.add(PERSON.number)
    beside.system.done = True
    later(beside, 10_000)
    assert beside.holder.dispose(PERSON, ALL, ERRAND).method == "delete"
    with pytest.raises(HolderRefusedError, match="subject_erased"):
        beside.holder.dispose(PERSON, ALL, Errand(request=REQUEST, key="second"))


def test_counts_come_with_what_the_system_has_to_keep(beside: Beside) -> None:
    order = {
        "category": "order",
        "purpose": "delivery",
        "ref": "order:o-1",
        "count": 2,
        "since": "2026-11-01T08:00:00Z",
    }
    beside.system.extension = {
        "holdings": [
            {**order, "kept_by": "tax_law", "kept_until": "2036-01-01T00:00:00Z"},
            {**order, "category": "Ünknown"},
        ]
    }
    kept, other = beside.holder.inventory(PERSON, ERRAND)
    assert (kept.use, kept.count, kept.kept_by) == (("order", "delivery", "order:o-1"), 2, "tax_law")
    assert (kept.since, other.category) == (1_793_520_000_000, "other")
    beside.system.extension = {"holdings": []}
    assert beside.holder.inventory(PERSON, ERRAND) == []  # asked anew, for counts are not kept


def test_what_is_disclosed_comes_page_by_page_and_is_stored_nowhere(beside: Beside) -> None:
    item = {"category": "order", "fields": {"item": "the-canary-noodles", "cents": 2800}}
    beside.system.pages = [{"items": [item] * 2, "next": "to be set"}, {"items": [item], "next": None}]
    beside.system.done = False
    with pytest.raises(HolderAwayError):
        beside.holder.disclose(PERSON, ERRAND)
    (asked,) = beside.system.requests
    beside.system.done, beside.system.pages[0]["next"] = True, f"{URL}/requests/{asked}/results/1"
    later(beside, 10_000)
    pieces = list(beside.holder.disclose(PERSON, ERRAND))
    assert pieces == [("order", {"item": "the-canary-noodles", "cents": 2800})] * 3
    assert "canary" not in repr(beside.vault.dump())


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"results_url": "https://elsewhere.example.com/results"}, HolderRefusedError),
        ({"results_url": f"{URL}/requests/{REQUEST}/results/0"}, HolderAwayError),
    ],
)
def test_results_that_lie_elsewhere_or_are_not_there_are_none(
    beside: Beside, told: dict[str, Any], error: type[Exception]
) -> None:
    beside.system.told = told
    with pytest.raises(error):
        beside.holder.disclose(PERSON, ERRAND)


def test_no_identity_stands_in_a_row_or_in_the_log(beside: Beside) -> None:
    beside.holder.dispose(PERSON, ALL, ERRAND)
    beside.system.done = False
    away(beside, Errand(request=REQUEST, key="second"))
    stored = repr(beside.vault.dump())
    for secret in (PLATFORM_ID, PHONE, EMAIL, sha256(EMAIL.encode()).hexdigest(), "bearer-of-the-test"):
        assert secret not in stored
    asked, answered = (beside.vault.entries(action=f"holder.{verb}") for verb in ("ask", "answer"))
    assert len(asked) == 2
    assert all(entry["request"] == str(REQUEST) and entry["kind"] == "dispose" for entry in asked)
    assert [entry["outcome"] for entry in answered] == ["done"]


def test_an_open_task_is_called_back_while_the_system_lets_go_of_it(beside: Beside) -> None:
    desk = TaskDesk(beside.vault.database, AuditLog(), {(1, "order_service"): beside.processor})
    by = by_itself(millis(beside.vault.clock()))
    beside.system.done = False
    away(beside)
    (task,) = desk.page(1, REQUEST, after=0, limit=10)
    beside.system.done = True
    with pytest.raises(ProcessorError):
        desk.cancel(1, task.id, by)
    beside.system.done = False
    assert desk.cancel(1, task.id, by).state == "cancelled"
    with pytest.raises(HolderRefusedError, match="cancelled"):
        beside.holder.dispose(PERSON, ALL, ERRAND)
    with pytest.raises(TaskStateError):
        desk.cancel(1, task.id, by)


def test_a_system_that_calls_a_request_off_is_asked_under_another_id_after_a_replay(beside: Beside) -> None:
    beside.system.done, beside.system.state = False, "cancelled"
    with pytest.raises(HolderRefusedError, match="cancelled"):
        beside.holder.dispose(PERSON, ALL, ERRAND)
    desk = TaskDesk(beside.vault.database, AuditLog(), {})
    (dead,) = desk.dead(1, after=0, limit=10)
    desk.replay(1, dead.id, by_itself(millis(beside.vault.clock())))
    beside.system.done = True
    assert beside.holder.dispose(PERSON, ALL, ERRAND).method == "delete"
    assert len({one["subject_request_id"] for one in beside.system.posted}) == 2


def test_what_ended_three_years_ago_is_forgotten_and_what_is_dead_is_not(beside: Beside) -> None:
    beside.holder.dispose(PERSON, ALL, ERRAND)
    beside.system.meddle = lambda _, answered: Answered(400, {}, b"")
    with pytest.raises(HolderRefusedError):
        beside.holder.dispose(PERSON, ALL, Errand(request=REQUEST, key="second"))
    desk = TaskDesk(beside.vault.database, AuditLog(), {})
    day = 86_400_000
    desk.forget(millis(beside.vault.clock()) + 3 * 366 * day)
    assert len(beside.tasks()) == 2
    desk.forget(millis(beside.vault.clock()) + 3 * 366 * day + 1)
    assert [state for _, state, _, _ in beside.tasks()] == ["dead"]


def test_what_is_not_declared_is_not_asked(vault: Vault) -> None:
    beside = Beside(vault, acts=frozenset({Act.DISPOSE}))
    for ask in (
        lambda: beside.holder.inventory(PERSON, ERRAND),
        lambda: beside.holder.disclose(PERSON, ERRAND),
        lambda: beside.holder.restrict(PERSON, ERRAND, on=True),
        lambda: beside.holder.rectify(PERSON, {"phone": "1"}, ERRAND),
    ):
        with pytest.raises(HolderRefusedError, match="not_supported"):
            ask()
    assert beside.system.calls == []
    desk = TaskDesk(vault.database, AuditLog(), {(1, "order_service"): beside.processor})
    assert desk.check(1, "order_service") == ([], ["controller_customer_id", "email"])
