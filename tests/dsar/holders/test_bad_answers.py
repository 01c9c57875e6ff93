"""Systems beside this one that fail to answer, in every way, on both databases; and processes that die in between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit.log import AuditLog
from database.columns import millis
from dsar.holders.errors import ConnectorFileError, HolderAwayError, HolderRefusedError, TaskStateError
from dsar.holders.holder import Receipt
from dsar.holders.ports import Answered
from dsar.holders.tasks import TaskDesk
from dsar.request import by_itself
from tests.dsar.holders.asked import ALL, ERRAND, PERSON, REQUEST, away, later
from tests.dsar.holders.stand_in import Beside, Certificate
from tests.support.vault import Vault

ATTEMPTS = 16


@pytest.fixture
def beside(vault: Vault) -> Beside:
    return Beside(vault)


Meddling = Callable[[Beside, str, Answered], Answered]


def _unsigned(_beside: Beside, _method: str, answered: Answered) -> Answered:
    return answered._replace(headers={})


def _exchanged(beside: Beside, _method: str, answered: Answered) -> Answered:
    other = Certificate(beside.vault.clock())
    return answered._replace(headers={**answered.headers, "x-opendsr-signature": other.sign(answered.body)})


def _changed(_beside: Beside, _method: str, answered: Answered) -> Answered:
    return answered._replace(body=answered.body + b" ")


def _other_id(beside: Beside, _method: str, answered: Answered) -> Answered:
    return beside.system.signed({"subject_request_id": str(REQUEST), "request_status": "completed"}, answered.status)


def _other_domain(_beside: Beside, _method: str, answered: Answered) -> Answered:
    return answered._replace(headers={**answered.headers, "x-opendsr-processor-domain": "evil.example.com"})


def _other_words(beside: Beside, method: str, answered: Answered) -> Answered:
    if method != "POST":
        return answered
    (asked,) = beside.system.requests
    return beside.system.signed({"subject_request_id": asked, "encoded_request": "e30="}, 201)


def _garbage(beside: Beside, _method: str, answered: Answered) -> Answered:
    return beside.system.signed(b"[" * 5_000, answered.status)


def _slow_or_huge(_beside: Beside, _method: str, _answered: Answered) -> Answered:
    raise OSError  # what the way out makes of both


def _forbidden(_beside: Beside, _method: str, _answered: Answered) -> Answered:
    raise PermissionError


def _broken(_beside: Beside, _method: str, _answered: Answered) -> Answered:
    return Answered(503, {"retry-after": "30"}, b"")


@pytest.mark.parametrize(
    ("meddling", "code"),
    [
        (_unsigned, "bad_signature"),
        (_exchanged, "bad_signature"),
        (_changed, "bad_signature"),
        (_other_id, "other_request"),
        (_other_domain, "other_domain"),
        (_other_words, "other_words"),
        (_garbage, "not_json"),
        (_slow_or_huge, "no_answer"),
        (_forbidden, "not_allowed"),
        (_broken, "status"),
    ],
)
def test_a_bad_answer_counts_as_none_and_is_asked_for_again_until_it_is_good(
    beside: Beside, meddling: Meddling, code: str
) -> None:
    beside.system.meddle = lambda method, answered: meddling(beside, method, answered)
    wait = away(beside)
    assert beside.tasks() == [("dispose", "asked", 1, code)]
    assert wait == 30_000 if code == "status" else 1_000 <= wait <= 2_000
    calls = len(beside.system.calls)
    assert away(beside) == wait  # not before its time
    assert len(beside.system.calls) == calls
    beside.system.meddle = lambda _, answered: answered
    later(beside, wait)
    assert beside.holder.dispose(PERSON, ALL, ERRAND).method == "delete"
    assert len({one["subject_request_id"] for one in beside.system.posted}) == 1


def insistently(beside: Beside) -> Receipt:
    """Ask again and again, when it may be asked, until it is done or refused."""
    while True:
        try:
            return beside.holder.dispose(PERSON, ALL, ERRAND)
        except HolderAwayError as told:
            later(beside, max(0, told.again_at - millis(beside.vault.clock())))


@pytest.mark.parametrize(("status", "code"), [(302, "redirect"), (400, "rejected"), (501, "rejected")])
def test_what_would_come_to_the_same_is_not_tried_again(beside: Beside, status: int, code: str) -> None:
    beside.system.meddle = lambda _, answered: Answered(status, {"location": "https://evil.example.com"}, b"")
    with pytest.raises(HolderRefusedError, match=code):
        beside.holder.dispose(PERSON, ALL, ERRAND)
    assert beside.tasks() == [("dispose", "dead", 0, code)]
    assert len(beside.system.calls) == 1


def test_after_sixteen_failures_it_is_given_up_until_an_officer_has_it_tried_again(beside: Beside) -> None:
    beside.system.meddle = lambda _, answered: Answered(500, {}, b"")
    with pytest.raises(HolderRefusedError, match="status"):
        insistently(beside)
    assert len(beside.system.calls) == ATTEMPTS
    with pytest.raises(HolderRefusedError):
        beside.holder.dispose(PERSON, ALL, ERRAND)
    assert len(beside.system.calls) == ATTEMPTS
    beside.system.meddle = lambda _, answered: answered
    desk = TaskDesk(beside.vault.database, AuditLog(), {(1, "order_service"): beside.processor})
    (dead,) = desk.dead(1, after=0, limit=10)
    assert desk.replay(1, dead.id, by_itself(millis(beside.vault.clock()))).state == "asked"
    with pytest.raises(TaskStateError):
        desk.replay(1, dead.id, by_itself(millis(beside.vault.clock())))
    assert beside.holder.dispose(PERSON, ALL, ERRAND).method == "delete"
    assert desk.dead(1, after=0, limit=10) == []
    assert [entry["outcome"] for entry in beside.vault.entries(action="holder.answer")] == ["failed", "done"]


def test_a_system_that_is_at_work_is_asked_ever_more_rarely_and_given_up_at_its_deadline(beside: Beside) -> None:
    beside.system.done = False
    waits: list[int] = []

    def wait_on() -> None:
        while True:
            waits.append(away(beside))
            later(beside, waits[-1])

    with pytest.raises(HolderRefusedError, match="deadline"):
        wait_on()
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (2_000, 3_600_000)
    assert len(beside.system.posted) == 1
    assert sum(waits) >= 10 * 86_400_000


def test_a_certificate_whose_time_is_over_proves_nothing(beside: Beside) -> None:
    later(beside, 11 * 86_400_000)
    away(beside)
    assert beside.tasks()[0][3] == "certificate_expired"


def test_what_a_system_has_lost_it_is_handed_anew_under_the_same_id(beside: Beside) -> None:
    beside.system.done = False
    away(beside)
    beside.system.requests.clear()
    beside.system.done = True
    later(beside, 10_000)
    away(beside)
    assert beside.tasks() == [("dispose", "asked", 1, "lost")]
    later(beside, 10_000)
    assert beside.holder.dispose(PERSON, ALL, ERRAND).method == "delete"
    assert len({one["subject_request_id"] for one in beside.system.posted}) == 1
    assert beside.holder.inventory(PERSON, ERRAND) == []
    beside.system.requests.clear()
    with pytest.raises(HolderAwayError):
        beside.holder.inventory(PERSON, ERRAND)
    assert beside.holder.inventory(PERSON, ERRAND) == []


def test_one_that_it_had_already_is_handed_over(beside: Beside) -> None:
    beside.system.meddle = lambda method, answered: Answered(409, {}, b"") if method == "POST" else answered
    assert beside.holder.dispose(PERSON, ALL, ERRAND).method == "delete"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_process_that_dies_after_a_call_leaves_what_another_goes_on_with(beside: Beside, method: str) -> None:
    class KilledError(BaseException):
        """The process is gone."""

    def die(called: str, answered: Answered) -> Answered:
        if called == method:
            raise KilledError
        return answered

    beside.system.meddle = die
    with pytest.raises(KilledError):
        beside.holder.dispose(PERSON, ALL, ERRAND)
    beside.system.meddle = lambda _, answered: answered
    assert beside.holder.dispose(PERSON, ALL, ERRAND).method == "delete"
    assert len(beside.system.requests) == 1
    assert [state for _, state, _, _ in beside.tasks()] == ["completed"]


def test_workers_that_ask_at_the_same_time_do_it_once(beside: Beside) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(beside.holder.dispose, PERSON, ALL, ERRAND) for _ in range(4)]
    assert len({one.result() for one in asked}) == 1
    assert [state for _, state, _, _ in beside.tasks()] == ["completed"]
    assert len(beside.system.requests) == 1
    assert len(beside.vault.entries(action="holder.answer")) == 1


def test_a_bearer_token_that_cannot_be_read_is_read_again_later(beside: Beside) -> None:
    def unread() -> str:
        raise ConnectorFileError("token: cannot be read")

    line = beside.processor._line
    object.__setattr__(line, "credential", unread)
    away(beside)
    assert beside.tasks() == [("dispose", "asked", 1, "no_credential")]
    assert beside.system.calls == []
