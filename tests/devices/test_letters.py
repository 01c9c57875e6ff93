"""Messages between devices: carried, acknowledged, ended and reported, and never readable here."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composition.holds import restrictions
from database.statement import Statement
from dsar.holds.restriction import Cause
from tests.api.conftest import refused
from tests.devices.conftest import Order
from vault.base64url import octets_of, text_of
from vault.keys import MacKey
from vault.letters.envelope import BLOCK, OVERHEAD, EnvelopeError, commitment_of, commits
from vault.letters.franking import HOUR_MS, Franked, frank, is_frank
from web.principal import Role

TEXT = "门禁坏了,我在东门等您,谢谢"


class Talk:
    """A courier and a customer, each with a device."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.ids: dict[str, int] = {}
        self.keys: dict[str, str] = {}
        for party in ("courier", "customer"):
            self.ids[party], self.keys[party] = order.device(party)

    def envelope(self, text: str = TEXT, *, of: str = "courier", to: str = "customer", **asked: Any) -> str:
        sealed = self.order.devices.act(
            "seal",
            name=f"{self.order.id}-{of}",
            text=text,
            recipient_key=self.keys[to],
            order=self.order.id,
            now=self.order.now,
            **asked,
        )
        return str(sealed["envelope"])

    def send(self, envelope: str, *, of: str = "courier", to: str = "customer", **asked: Any) -> Any:
        body = {
            "from_party": of,
            "from_device": self.ids[of],
            "to_party": to,
            "to_device": self.ids[to],
            "envelope": envelope,
        }
        options = {"headers": asked.pop("headers")} if "headers" in asked else {}
        return self.order.api.call("POST", f"{self.order.path}/messages", {**body, **asked}, **options)

    def waiting(self, party: str = "customer") -> list[dict[str, Any]]:
        path = f"{self.order.path}/messages?party={party}&device={self.ids[party]}"
        answer = self.order.api.call("GET", path)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json["items"]  # type: ignore[index]  # an object
        return found

    def read(self, message: dict[str, Any], party: str = "customer") -> dict[str, Any]:
        return self.order.devices.act("read", name=f"{self.order.id}-{party}", message=message, order=self.order.id)

    def report(self, message: dict[str, Any]) -> dict[str, Any]:
        name = f"{self.order.id}-customer"
        return self.order.devices.act("report", name=name, message=message, order=self.order.id, party="customer")


@pytest.fixture
def talk(order: Order) -> Talk:
    return Talk(order)


def test_a_message_is_read_by_the_other_device_acknowledged_and_gone(talk: Talk) -> None:
    assert talk.send(talk.envelope()).status_code == 201
    (message,) = talk.waiting()
    assert talk.read(message)["text"] == TEXT
    assert talk.read(message, "courier") == {"refused": "not from that device to this one"}
    ack = f"{talk.order.path}/messages/{message['message']}/ack"
    assert talk.order.api.call("POST", ack, {"party": "customer"}).status_code == 204
    assert talk.waiting() == []
    refused(talk.order.api.call("POST", ack, {"party": "customer"}), 404, "not_found")


def test_what_is_kept_says_neither_order_nor_length_nor_minute(talk: Talk) -> None:
    talk.order.api.clock.advance(minutes=17)
    talk.send(talk.envelope("短"))
    talk.send(talk.envelope("短" * 50))
    statement = Statement("SELECT * FROM letter ORDER BY id")
    rows = talk.order.api.moat.database.read(None, lambda tx: tx.all(statement))[-2:]
    assert talk.order.id not in repr(rows)
    assert len({len(row[7]) for row in rows}) == 1
    assert all(row[8] % HOUR_MS == 0 for row in rows)


def test_only_parties_of_a_running_order_write_and_only_between_their_own_devices(talk: Talk) -> None:
    envelope = talk.envelope()
    reasons = [
        talk.send(envelope, to="courier"),
        talk.send(envelope, to_device=talk.ids["courier"]),
        talk.send(envelope, from_device=talk.ids["customer"]),
        talk.send(envelope, to_party="merchant"),
    ]
    for answer in reasons:
        refused(answer, 403, "denied")
    refused(talk.send(text_of(b"\x02" + octets_of(envelope)[1:])), 422, "invalid_envelope")
    refused(talk.send(envelope[:-4]), 422, "invalid_envelope")
    talk.order.stage("delivered")
    refused(talk.send(envelope), 403, "denied")


def test_messages_can_be_fetched_for_hours_after_the_order_and_are_swept_then(talk: Talk) -> None:
    talk.send(talk.envelope())
    talk.order.stage("delivered")
    assert len(talk.waiting()) == 1
    talk.order.api.clock.advance(hours=2, minutes=1)
    path = f"{talk.order.path}/messages?party=customer&device={talk.ids['customer']}"
    refused(talk.order.api.call("GET", path), 403, "denied")
    talk.order.api.moat.sweeper.sweep()
    assert _letters(talk) == 0


def test_an_unfetched_message_ends_after_a_day_though_the_order_runs(talk: Talk) -> None:
    talk.send(talk.envelope())
    talk.order.api.clock.advance(hours=25)
    talk.order.api.moat.sweeper.sweep()
    assert _letters(talk) == 0


@pytest.mark.parametrize("party", ["courier", "customer"])
def test_messages_go_with_the_erasure_of_either_person(talk: Talk, party: str) -> None:
    talk.send(talk.envelope())
    assert _letters(talk) == 1
    officer = talk.order.api.role(Role.PRIVACY_OFFICER)
    path = f"/v1/subjects/{talk.order.subject(party)}/shred"
    assert talk.order.api.call("POST", path, {"reason": "test"}, credential=officer).status_code == 200
    assert _letters(talk) == 0


def test_messages_go_when_the_use_of_either_persons_data_is_restricted(talk: Talk) -> None:
    talk.send(talk.envelope())
    statement = Statement("SELECT recipient FROM letter WHERE id = (SELECT max(id) FROM letter)")
    database, tenant = talk.order.api.moat.database, talk.order.api.tenant
    ((number,),) = database.read(None, lambda tx: tx.all(statement))
    database.write(tenant, lambda tx: restrictions().set(tx, tenant, number, Cause.PERSON, talk.order.now))
    assert _letters(talk) == 0
    refused(talk.send(talk.envelope()), 403, "denied")


def test_a_repeated_call_sends_one_message(talk: Talk) -> None:
    envelope, headers = talk.envelope(), {"Idempotency-Key": f"{talk.order.id}-1"}
    first, again = (talk.send(envelope, headers=headers).json for _ in range(2))
    assert first == again
    assert len(talk.waiting()) == 1


def test_a_report_hands_over_a_copy_that_support_can_be_shown(talk: Talk) -> None:
    talk.send(talk.envelope("你等着,我知道你住哪里"))
    (message,) = talk.waiting()
    report = talk.report(message)
    talk.order.api.call("POST", f"{talk.order.path}/messages/{message['message']}/ack", {"party": "customer"})
    answer = talk.order.api.call("POST", f"{talk.order.path}/messages/report", report)
    assert answer.status_code == 200, answer.text
    told: Any = answer.json
    assert (told["verified"], told["sender"]) == (True, "courier")
    shown: Any = talk.order.api.call("GET", f"/v1/tokens/{told['token']}").json
    assert (shown["kind"], shown["subject"]) == ("note", talk.order.customer)


@pytest.mark.parametrize("field", ["text", "opening", "frank", "commitment", "sender_key", "hour", "sent_at"])
def test_a_report_that_was_changed_proves_nothing(talk: Talk, field: str) -> None:
    talk.send(talk.envelope())
    (message,) = talk.waiting()
    report = talk.report(message)
    other = "A" * 42 + "E"
    report[field] = {"text": "something else", "hour": report["hour"] + HOUR_MS, "sent_at": 1}.get(field, other)
    refused(talk.order.api.call("POST", f"{talk.order.path}/messages/report", report), 422, "report_not_proved")


def test_a_message_that_could_not_be_reported_is_not_shown(talk: Talk) -> None:
    envelope = bytearray(octets_of(talk.envelope()))
    envelope[5] ^= 1
    talk.send(text_of(bytes(envelope)))
    (message,) = talk.waiting()
    assert talk.read(message) == {"refused": "a message that could not be reported"}


def test_the_sender_is_warned_on_the_device_and_the_server_cannot_know(talk: Talk) -> None:
    act = talk.order.devices.act
    phones = ["13812345678", "138 1234 5678", "打 一三八 12三四-5678", "１３８１２３４５６７８", "1\u200b3812345678"]
    assert [act("check", text=text)["found"] for text in phones] == [["phone"]] * len(phones)
    assert act("check", text="see https://a.example/b")["found"] == ["link"]
    assert act("check", text="加微信:moat2026")["found"] == ["account"]
    assert act("check", text="在3号楼2单元1201,麻烦放门口,到了敲门,订单尾号5678")["found"] == []
    name = {"name": f"{talk.order.id}-courier", "recipient_key": talk.keys["customer"], "order": talk.order.id}
    assert "refused" in act("seal", text=phones[0], now=talk.order.now, **name)
    assert talk.send(talk.envelope(phones[0], anyway=True)).status_code == 201


def test_both_devices_show_the_same_number_to_compare(talk: Talk) -> None:
    one, other = talk.keys["courier"], talk.keys["customer"]
    act = talk.order.devices.act
    assert act("safety", one=one, other=other) == act("safety", one=other, other=one)
    assert act("safety", one=one, other=other) != act("safety", one=one, other=one)


def test_the_keys_of_the_other_party_are_told_by_its_role(talk: Talk) -> None:
    answer: Any = talk.order.api.call("GET", f"{talk.order.path}/devices?party=customer").json
    assert [(one["device"], one["public_key"]) for one in answer["items"]] == [
        (talk.ids["customer"], talk.keys["customer"])
    ]
    assert talk.order.customer not in repr(answer)
    refused(talk.order.api.call("GET", "/v1/orders/o-nobody/devices?party=customer"), 403, "denied")


def test_what_is_done_with_messages_is_logged_by_pseudonyms(talk: Talk) -> None:
    answer = talk.send(talk.envelope())
    request = answer.headers["X-Request-Id"]
    statement = Statement("SELECT body FROM audit_entry ORDER BY id")
    bodies = [bytes(row[0]) for row in talk.order.api.moat.database.read(None, lambda tx: tx.all(statement))]
    (entry,) = [body for body in bodies if request.encode() in body]
    assert b'"message.send"' in entry
    assert talk.order.id.encode() not in entry
    assert talk.order.customer.encode() not in entry


@given(octets=st.binary(max_size=OVERHEAD + 3 * BLOCK))
def test_any_octets_are_an_envelope_or_refused(octets: bytes) -> None:
    try:
        commitment = commitment_of(octets)
    except EnvelopeError:
        return
    assert octets[0] == 1
    assert commitment == octets[1:33]


@given(text=st.binary(max_size=64), other=st.binary(max_size=64), at=st.integers(0, 2**40))
def test_a_commitment_is_of_one_text_and_place(text: bytes, other: bytes, at: int) -> None:
    place: dict[str, Any] = {"sender": b"s" * 32, "recipient": b"r" * 32, "order": "o-1", "sent_at": at}
    message = b"moat-letter-1" + b"s" * 32 + b"r" * 32 + b"\x03o-1" + at.to_bytes(8, "big") + text
    made = hashlib.blake2b(message, digest_size=32, key=b"k" * 32).digest()
    assert commits(made, b"k" * 32, text, **place)
    assert commits(made, b"k" * 32, other, **place) == (text == other)
    assert not commits(made, b"j" * 32, text, **place)
    assert not commits(made, b"k" * 32, text, **{**place, "order": "o-2"})


def test_a_frank_is_of_one_message_and_tenant() -> None:
    key = MacKey(b"k" * 32)
    of = Franked(b"o" * 16, b"s" * 32, b"r" * 32, 0, b"c" * 32)
    assert is_frank(key, 1, of, frank(key, 1, of))
    assert not is_frank(key, 2, of, frank(key, 1, of))
    assert not is_frank(key, 1, of._replace(commitment=b"d" * 32), frank(key, 1, of))


def _letters(talk: Talk) -> int:
    """How many messages are between the two."""
    statement = Statement("SELECT count(*) FROM letter WHERE sender_device = :one OR recipient_device = :one")
    rows = talk.order.api.moat.database.read(None, lambda tx: tx.one(statement, one=talk.ids["courier"]))
    assert rows is not None
    return int(rows[0])
