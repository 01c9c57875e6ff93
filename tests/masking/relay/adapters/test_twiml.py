"""TwiML webhooks: calls connected and refused, who may post, and what a post may hold."""

import re

import pytest

from masking.relay.accounts.account import SharedSecret
from masking.relay.decision import Collect
from masking.relay.twiml.answering import Addresses, answered
from masking.relay.twiml.signature import is_signed, signature
from tests.masking.relay.adapters.house import House

PUBLISHED_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PUBLISHED_FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
PUBLISHED_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_the_published_example_has_the_published_signature() -> None:
    assert signature(b"12345", PUBLISHED_URL, PUBLISHED_FIELDS) == PUBLISHED_SIGNATURE
    assert signature(b"12345", PUBLISHED_URL, reversed(PUBLISHED_FIELDS)) == PUBLISHED_SIGNATURE


def test_a_signature_counts_with_and_without_the_port_of_the_scheme_and_with_no_other() -> None:
    for url, right in (
        (PUBLISHED_URL, True),
        (PUBLISHED_URL.replace(".com/", ".com:443/"), True),
        (PUBLISHED_URL.replace(".com/", ".com:8443/"), False),
        (PUBLISHED_URL.replace("https", "http"), False),
    ):
        assert is_signed(b"12345", url, PUBLISHED_FIELDS, PUBLISHED_SIGNATURE) is right
    assert not is_signed(b"12345", PUBLISHED_URL, PUBLISHED_FIELDS[1:], PUBLISHED_SIGNATURE)
    assert not is_signed(b"12346", PUBLISHED_URL, PUBLISHED_FIELDS, PUBLISHED_SIGNATURE)
    assert not is_signed(b"12345", PUBLISHED_URL, PUBLISHED_FIELDS, "")
    assert not is_signed(b"12345", PUBLISHED_URL, PUBLISHED_FIELDS, "签名")


def test_a_secret_shows_nothing_of_itself() -> None:
    secret = SharedSecret(b"a-made-up-auth-token")
    assert "made" not in repr(secret)
    with pytest.raises(TypeError):
        assert secret == secret  # noqa: PLR0124 - what is tested


def test_both_are_connected_and_each_sees_the_number_between_them(house: House) -> None:
    pair = house.bound()
    for caller, other in ((pair.a, pair.b), (pair.b, pair.a)):
        (dial,) = house.voice(pair.x, caller)
        (number,) = dial
        assert (dial.tag, number.tag, number.text) == ("Dial", "Number", other)
        assert dial.get("callerId") == pair.x
        assert dial.get("record") is None


def test_what_became_of_a_call_reaches_the_book_of_calls(house: House) -> None:
    pair = house.bound()
    (dial,) = house.voice(pair.x, pair.a)
    after, status = dial.get("action") or "", dial[0].get("statusCallback") or ""
    query = after.partition("?")[2]
    assert query == status.partition("?")[2]
    house.post("status", {"CallSid": "CAchild", "CallStatus": "in-progress"}, query=query)
    house.clock.advance(seconds=75)
    told = {"CallSid": "CAx", "DialCallStatus": "completed", "DialCallDuration": "70"}
    assert house.post("after", told, query=query).status_code == 200
    calls = house.ok("GET", f"/v1/relay/calls?binding={pair.binding}", bearer=house.officer)["items"]
    assert calls[0]["status"] == "completed", calls[0]
    assert calls[0]["seconds"] in {70, 75}, calls[0]


def test_an_ended_order_is_told_in_the_language_of_the_account(house: House) -> None:
    pair = house.bound()
    house.ok("DELETE", f"/v1/relay/bindings/{pair.binding}", bearer=house.service)
    said, hung = house.voice(pair.x, pair.a)
    assert said.get("language") == "zh-CN"
    assert "订单已结束" in (said.text or "")
    assert hung.tag == "Hangup"


@pytest.mark.parametrize(
    "caller",
    [
        "",
        "anonymous",
        "+266696687",
        "+86282452253",
        "110",
        "120",
        "+8613900009999",
        "not a number",
        "١٢٣",
        "' OR 1=1",
        "9" * 400,
    ],
)
def test_whoever_is_not_bound_is_refused_without_a_word(house: House, caller: str) -> None:
    pair = house.bound()
    (reject,) = house.voice(pair.x, caller)
    assert (reject.tag, reject.get("reason")) == ("Reject", "rejected")


@pytest.mark.parametrize("called", ["110", "+86110", "112", "999"])
def test_an_emergency_number_is_never_routed_and_its_caller_is_told_to_dial_it(house: House, called: str) -> None:
    said, _ = house.voice(called, house.bound().a)
    assert "直接拨打" in (said.text or "")


@pytest.mark.parametrize("called", ["+8617099999999", "12", "x", "7" * 300, "+1 (2) 3"])
def test_a_number_that_is_not_ours_is_refused(house: House, called: str) -> None:
    (reject,) = house.voice(called, house.bound().a)
    assert reject.tag == "Reject"


def test_an_extension_is_asked_for_and_mistyped_three_times_at_most(house: House) -> None:
    pool = f"desk-{house.bound().binding}"
    house.pool(pool, modes=["axe"], count=1, digits=3)
    a = house.phone()
    asked = {"mode": "axe", "pool": pool, "order": "o-ext", "a": {"subject": house.person(a)}}
    made = house.ok("POST", "/v1/relay/bindings", asked, bearer=house.service)
    stranger, fields = house.phone(), {"CallSid": "CAext", "CallStatus": "ringing"}
    (gather, _) = house.voice(made["x"], stranger, **fields)
    assert (gather.tag, gather.get("numDigits")) == ("Gather", "3")
    query = (gather.get("action") or "").partition("?")[2]
    wrong = "000" if made["extension"] != "000" else "001"
    come = {**fields, "From": stranger, "To": made["x"]}
    again = house.post("voice", {**come, "Digits": wrong}, query=query)
    assert b"<Gather" in again.data
    (third,) = re.findall(rb'action="[^"?]*\?([^"]*)"', again.data)
    right = house.post("voice", {**come, "Digits": made["extension"]}, query=third.decode())
    assert f">{a}</Number>".encode() in right.data


def test_a_forged_webhook_is_refused_whatever_it_says(house: House) -> None:
    pair = house.bound()
    fields = {"CallSid": "CAforged", "From": pair.a, "To": pair.x}
    for forged in ("", "AAAA", "RSOYDt4T1cUTdK1PDd93/VVr8B8="):
        answer = house.post("voice", fields, signature=forged)
        assert answer.status_code == 401
        assert pair.b not in answer.text
    assert house.post("voice", fields, account=99_999).status_code == 401
    assert house.post("voice", {**fields, "AccountSid": "ACother"}).status_code == 401


def test_a_webhook_counts_once(house: House) -> None:
    pair = house.bound()
    fields = {"CallSid": "CAonce", "From": pair.a, "To": pair.x}
    assert pair.b in house.post("voice", fields).text
    again = house.post("voice", fields)
    assert (again.status_code, pair.b in again.text) == (409, False)


def test_a_form_that_is_none_is_refused(house: House) -> None:
    client, path = house.moat.app.test_client(), f"/v1/relay/twiml/{house.account}/voice"
    for body in (b"", b"%ff=%fe", b"a=1&a=2", b"x" * 20_000, b"=&" * 5_000, b"\x00\xff"):
        answer = client.post(path, data=body, headers={"X-Twilio-Signature": "AAAA"})
        assert answer.status_code == 401, body[:10]
    assert house.post("voice", {"From": "+8613900000000"}).status_code == 400
    assert house.post("voice", {"CallSid": "CA1", "To": "x"}, query="try=9").status_code == 400
    long = client.post(path, data=b"a=" + b"b" * 70_000, headers={"X-Twilio-Signature": "AAAA"})
    assert long.status_code == 413


def test_a_secret_is_sealed_and_an_account_without_it_lets_nobody_in(house: House) -> None:
    assert "a-made-up-auth-token" not in house.rows()
    made = house.ok(
        "POST",
        "/v1/relay/accounts",
        {"kind": "twiml", "name": "second", "login": "AC2", "secret": "another-token"},
        bearer=house.operator,
    )
    assert made["webhooks"]["voice"] == f"https://relay.example.com/v1/relay/twiml/{made['account']}/voice"
    fields = {"CallSid": "CA2", "From": "+8613900000000", "To": "+8617000000000", "AccountSid": "AC2"}
    assert house.post("voice", fields, account=made["account"]).status_code == 401
    path = f"/v1/relay/accounts/{made['account']}"
    new = {"secret": "a-made-up-auth-token"}
    assert house.call("POST", f"{path}/secret", new, bearer=house.operator).status_code == 204
    assert house.post("voice", fields, account=made["account"]).status_code == 200
    assert house.call("DELETE", path, bearer=house.operator).status_code == 204
    assert house.post("voice", fields, account=made["account"]).status_code == 401
    assert house.call("DELETE", path, bearer=house.operator).status_code == 404


def test_only_an_operator_makes_accounts_and_by_the_fields_of_their_kind(house: House) -> None:
    body = {"kind": "twiml", "name": "x", "login": "AC", "secret": "12345678"}
    assert house.call("POST", "/v1/relay/accounts", body, bearer=house.service).status_code == 403
    for wrong in ({"url": "http://127.0.0.1:9"}, {"pool": "orders"}, {"kind": "alibaba"}, {"name": "voice"}):
        answer = house.call("POST", "/v1/relay/accounts", {**body, **wrong}, bearer=house.operator)
        assert answer.status_code in {409, 422}, answer.text
    away = {**body, "kind": "simulator", "url": "https://evil.example", "pool": "orders"}
    answer = house.call("POST", "/v1/relay/accounts", away, bearer=house.operator)
    assert answer.json["code"] == "relay_provider_not_allowed"  # type: ignore[index]  # a JSON object


@pytest.mark.parametrize(("shows_care", "words"), [(False, "分机号"), (True, "最后四位")])
def test_who_is_asked_for_digits_is_told_which(shows_care: bool, words: str) -> None:
    answer = Collect(4, shows_care=shows_care)
    assert words in answered(answer, "zh-CN", Addresses("/v1/relay/twiml/1"), tries=0, keyed=0).decode()
