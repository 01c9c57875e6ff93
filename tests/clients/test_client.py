"""The Python client: what it sends, what it repeats, and what it never shows."""

import re
import traceback
from collections.abc import Iterator

import httpx
import orjson
import pytest
from moat_client.answers import Item, MaskedField, Revealed, Tokenized, TokenUse
from moat_client.client import Moat
from moat_client.errors import FieldError, ItemError, MoatError
from moat_client.transport import Retries

from tests.clients.standin import CREDENTIAL, StandIn, problem

PHONE = "13800138000"


@pytest.fixture
def service() -> StandIn:
    return StandIn()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def moat(service: StandIn, slept: list[float]) -> Moat:
    return Moat("http://moat.test", CREDENTIAL, transport=httpx.MockTransport(service.handle), sleep=slept.append)


def phones(count: int) -> list[Item]:
    return [Item(f"cust-{number}", "phone", f"1380013{number:04d}") for number in range(count)]


def test_a_value_becomes_a_token_and_comes_back(moat: Moat) -> None:
    [issued] = moat.tokenize([Item("cust-1", "phone", PHONE)], purpose="delivery")
    assert isinstance(issued, Tokenized)
    assert issued.created
    [shown] = moat.detokenize([issued.token], purpose="delivery", view="plain")
    assert shown == Revealed("phone", "cust-1", "plain", PHONE)
    [masked] = moat.detokenize([TokenUse(issued.token, ref="order:o-1")], purpose="delivery")
    assert isinstance(masked, Revealed)
    assert (masked.view, masked.value) == ("masked", "1**")


def test_a_refused_item_stands_in_its_place(moat: Moat) -> None:
    items = [Item("cust-1", "phone", PHONE), Item("cust-2", "phone", "12"), Item("cust-3", "phone", "13800138001")]
    first, second, third = moat.tokenize(items, purpose="delivery")
    assert isinstance(first, Tokenized)
    assert isinstance(third, Tokenized)
    assert isinstance(second, ItemError)
    assert second.code == "not_a_phone"
    [denied] = moat.detokenize([first.token], purpose="marketing_sms")
    assert denied == ItemError("denied", reason="no_consent")


def test_only_what_was_set_is_sent(moat: Moat) -> None:
    assert Item("cust-1", "phone", PHONE).wire() == {"subject": "cust-1", "kind": "phone", "value": PHONE}
    fresh = Item("cust-1", "phone", PHONE, mode="fresh", expires_in=60, max_uses=1, ref="order:o-1")
    assert fresh.wire()["expires_in"] == 60
    assert "purpose" not in fresh.wire()


def test_a_long_input_is_sent_in_chunks_in_order_and_only_as_it_is_consumed(moat: Moat, service: StandIn) -> None:
    taken = 0

    def endless() -> Iterator[Item]:
        nonlocal taken
        for item in phones(10_000):
            taken += 1
            yield item

    answers = moat.iter_tokenize(endless(), purpose="delivery", chunk=100)
    issued = [next(answers) for _ in range(250)]
    assert taken == 300
    assert len(service.calls) == 3
    subjects = [service.stored[answer.token][0] for answer in issued if isinstance(answer, Tokenized)]
    assert subjects == [f"cust-{number}" for number in range(250)]


def test_every_chunk_has_its_own_idempotency_key(moat: Moat, service: StandIn) -> None:
    moat.tokenize(phones(2_500), purpose="delivery")
    moat.tokenize(phones(2_500), purpose="delivery", idempotency_key="import-7")
    keys = [key for _, _, key in service.calls]
    assert len(keys) == len(set(keys)) == 6
    assert all(re.fullmatch(r"[0-9a-f-]{36}", str(key)) for key in keys[:3])
    assert keys[3:] == ["import-7", "import-7-1", "import-7-2"]


def test_an_atomic_call_is_one_request_and_refused_whole(moat: Moat, service: StandIn) -> None:
    assert len(moat.tokenize(phones(2_500), purpose="delivery", atomic=True)) == 2_500
    assert len(service.calls) == 1
    with pytest.raises(MoatError, match="atomic_batch_failed"):
        moat.tokenize([*phones(2), Item("cust-1", "phone", "12")], purpose="delivery", atomic=True)
    with pytest.raises(ValueError, match="10000"):
        moat.tokenize(phones(10_000) * 2, purpose="delivery", atomic=True)


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError("no"),
        httpx.ReadTimeout("no"),
        httpx.RemoteProtocolError("no"),
        httpx.Response(502, text="<html>proxy</html>"),
        problem(503, "not_ready"),
        httpx.Response(504),
        problem(429, "rate_limited"),
    ],
)
def test_what_may_pass_is_repeated_under_the_same_key(
    moat: Moat, service: StandIn, slept: list[float], fault: httpx.Response | Exception
) -> None:
    service.faults = [fault, fault]
    [issued] = moat.tokenize([Item("cust-1", "phone", PHONE)], purpose="delivery")
    assert isinstance(issued, Tokenized)
    assert len(service.calls) == 3
    assert len({key for _, _, key in service.calls}) == 1
    assert len(slept) == 2


def test_repeats_are_bounded_and_the_last_refusal_is_raised(moat: Moat, service: StandIn, slept: list[float]) -> None:
    service.faults = [problem(503, "not_ready") for _ in range(50)]
    with pytest.raises(MoatError) as raised:
        moat.tokenize(phones(1), purpose="delivery")
    assert (raised.value.code, raised.value.status, raised.value.request_id) == ("not_ready", 503, "req-9")
    assert len(service.calls) == Retries().attempts
    assert all(0 <= pause <= Retries().longest for pause in slept)


def test_retry_after_is_waited_for_unless_it_asks_for_too_long(
    moat: Moat, service: StandIn, slept: list[float]
) -> None:
    soon, late = problem(429, "rate_limited"), problem(429, "rate_limited")
    soon.headers["Retry-After"] = "3"
    late.headers["Retry-After"] = "3600"
    service.faults = [soon]
    moat.tokenize(phones(1), purpose="delivery")
    assert slept == [3.0]
    service.faults = [late]
    with pytest.raises(MoatError, match="rate_limited"):
        moat.tokenize(phones(1), purpose="delivery")
    assert slept == [3.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500])
def test_a_refusal_is_not_repeated(moat: Moat, service: StandIn, status: int) -> None:
    service.faults = [problem(status, "some_code")]
    with pytest.raises(MoatError, match="some_code"):
        moat.tokenize(phones(1), purpose="delivery")
    assert len(service.calls) == 1


def test_a_problem_names_the_fields(moat: Moat, service: StandIn) -> None:
    errors = [{"field": "items.3.value", "code": "too_long", "detail": "at most 40"}]
    service.faults = [problem(400, "invalid_request", errors=errors, request_id="req-5")]
    with pytest.raises(MoatError) as raised:
        moat.tokenize(phones(1), purpose="delivery")
    assert raised.value.errors == (FieldError("items.3.value", "too_long", "at most 40"),)
    assert "items.3.value: too_long" in str(raised.value)
    assert "req-5" in str(raised.value)


@pytest.mark.parametrize("content", [b"[]", b"no json", orjson.dumps({"items": []})])
def test_an_answer_that_is_none_is_an_error(moat: Moat, service: StandIn, content: bytes) -> None:
    service.faults = [httpx.Response(200, content=content)]
    with pytest.raises(MoatError, match="not_an_answer"):
        moat.tokenize(phones(2), purpose="delivery")


def test_search_finds_the_exact_value(moat: Moat) -> None:
    moat.tokenize([Item("cust-1", "phone", PHONE), Item("cust-2", "phone", PHONE)], purpose="delivery")
    both, none = moat.search([("phone", PHONE), ("phone", "13900000000")], purpose="support")
    assert not isinstance(both, ItemError)
    assert not isinstance(none, ItemError)
    assert [match.subject for match in both.matches] == ["cust-1", "cust-2"]
    assert not none.matches
    [first] = moat.search([("phone", PHONE)], purpose="support", limit=1)
    assert not isinstance(first, ItemError)
    assert first.truncated


def test_a_stream_of_lines_is_answered_line_by_line_and_never_short(moat: Moat, service: StandIn) -> None:
    service.faults = [httpx.Response(200, content=b"{1}\n" * 1_000), httpx.Response(200, content=b"{2}\n")]
    lines = [b"{}\n"] * 500 + [b"\n"] + [b"{}"] * 501
    assert list(moat.tokenize_stream(lines, purpose="delivery")) == [b"{1}"] * 1_000 + [b"{2}"]
    assert [path for _, path, _ in service.calls] == ["/v1/tokenize/stream?purpose=delivery"] * 2
    service.faults = [httpx.Response(200, content=b"{1}\n")]
    with pytest.raises(MoatError, match="not_an_answer"):
        list(moat.tokenize_stream([b"{}", b"{}"]))


def test_a_search_of_many_values_is_sent_in_parts(moat: Moat, service: StandIn) -> None:
    assert len(moat.search([("phone", PHONE)] * 250, purpose="support")) == 250
    assert len(service.calls) == 3


def test_lists_are_followed_page_by_page(moat: Moat, service: StandIn) -> None:
    service.faults = [
        httpx.Response(200, json={"items": [{"index": 1}, {"index": 2}], "next_cursor": "c/2"}),
        httpx.Response(200, json={"items": [{"index": 3}], "next_cursor": None}),
    ]
    entries = moat.audit_entries(subject="cust-1", limit=2)
    assert [entry["index"] for entry in entries] == [1, 2, 3]
    assert service.calls[1][1] == "/v1/audit/entries?subject=cust-1&limit=2&cursor=c%2F2"
    assert service.calls[0][2] is None


def test_an_id_cannot_reach_another_path(moat: Moat, service: StandIn) -> None:
    service.faults = [httpx.Response(204)]
    moat.revoke("../subjects/cust-1?x=#y")
    assert service.calls == [("DELETE", "/v1/tokens/..%2Fsubjects%2Fcust-1%3Fx%3D%23y", service.calls[0][2])]
    with pytest.raises(ValueError, match="not an id"):
        moat.revoke("..")


def test_the_service_and_the_credential_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOAT_URL", "http://moat.test/")
    monkeypatch.setenv("MOAT_TOKEN", CREDENTIAL)
    with Moat(transport=httpx.MockTransport(StandIn().handle)) as moat:
        assert moat.url == "http://moat.test"
        assert moat.tokenize(phones(1), purpose="delivery")
    monkeypatch.delenv("MOAT_TOKEN")
    with pytest.raises(ValueError, match="MOAT_TOKEN is not set"):
        Moat()


def test_proxy_variables_do_not_lead_values_elsewhere(monkeypatch: pytest.MonkeyPatch, moat: Moat) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with pytest.raises(MoatError, match="unreachable ConnectError"):
        Moat("http://127.0.0.1:9", CREDENTIAL, retries=Retries(attempts=1)).tokenize(phones(1), purpose="delivery")


def test_no_repr_shows_a_value_or_the_credential(moat: Moat) -> None:
    shown = [
        Item("cust-1", "phone", PHONE),
        Revealed("phone", "cust-1", "plain", PHONE),
        MaskedField("tok_1", PHONE, "2026-09-01T00:00:00Z"),
        moat,
    ]
    assert PHONE not in repr(shown)
    assert CREDENTIAL not in repr(shown)


@pytest.mark.parametrize("fault", [httpx.ConnectError("no"), problem(400, "invalid_request")])
def test_an_error_holds_neither_the_request_nor_its_values(service: StandIn, fault: httpx.Response | Exception) -> None:
    moat = Moat(
        "http://moat.test", CREDENTIAL, transport=httpx.MockTransport(service.handle), retries=Retries(attempts=1)
    )
    service.faults = [fault]
    with pytest.raises(MoatError) as raised:
        moat.tokenize([Item("cust-1", "phone", PHONE)], purpose="delivery")
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None
    written = "".join(traceback.format_exception(raised.value)) + repr(vars(raised.value))
    assert PHONE not in written
    assert CREDENTIAL not in written
