"""The alarm of a honey token at a real receiver: signed, without anything personal, made again until it is taken, and not lost
when the service is killed in between."""

import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from moat_client.webhook_signature import WebhookError, verified

from consent.webhook.signature import Secret
from settings import load
from tests.support.receiver import Receiver, receiving
from tests.support.server import Server

SUBJECT, PHONE = "cust-alarmed", "13812345678"


def until(told: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.xdist_group("dbos")
def test_an_alarm_is_signed_repeated_until_it_is_taken_and_outlives_the_service(tmp_path: Path) -> None:
    secret = Secret.generate().reveal()
    file = tmp_path / "alarm-secret"
    file.write_text(f"{secret}\n", encoding="ascii")
    with receiving() as receiver:
        told = ("--alarm-url", f"{receiver.origin}/alarm", "--alarm-secret-file", str(file))
        server = Server(tmp_path / "moat", options=(*told, "--egress-internal", receiver.origin))
        try:
            _tripped(server, receiver)
            server.kill()
            receiver.answer = lambda _: 200
            server.start()
            (taken,) = receiver.wait(1)
        finally:
            server.kill()
    now = time.time()
    assert {one.headers["webhook-id"] for one in receiver.calls} == {taken.headers["webhook-id"]}
    for one in receiver.calls:
        assert set(verified(one.body, one.headers, [secret], now)) == {"event", "tenant", "credential", "count", "at"}
    assert (taken.path, taken.told["event"], taken.told["count"]) == ("/alarm", "honey_token.presented", 1)
    with pytest.raises(WebhookError):
        verified(taken.body, taken.headers, [Secret.generate().reveal()], now)
    sent = b"".join(one.body + repr(sorted(one.headers.items())).encode() for one in receiver.calls)
    assert not [word for word in (SUBJECT, PHONE, "tok_") if word.encode() in sent]


def _tripped(server: Server, receiver: Receiver) -> None:
    """Somebody presents a honey token beside one of a person, and the receiver does not take the alarm."""
    receiver.answer = lambda _: 503
    server.start()
    with server.client(server.credential("privacy_officer")) as officer:
        honey = officer.post("/v1/honey-tokens", json={"kind": "phone", "place": "crm_export"}).json()["token"]
    with server.client(server.credential("service")) as service:
        item = {"subject": SUBJECT, "kind": "phone", "value": PHONE}
        asked = {"purpose": "delivery", "ref": "order:o-1"}
        token = service.post("/v1/tokenize", json={**asked, "items": [item]}).json()["items"][0]["token"]
        shown = service.post("/v1/detokenize", json={**asked, "items": [{"token": token}, {"token": honey}]}).json()
    assert shown["items"][1]["error"]["code"] == "not_found"
    until(lambda: len(receiver.calls) >= 2)


@pytest.mark.parametrize(
    "told",
    [
        {"alarm_url": "https://alarm.example/hook"},
        {"alarm_secret_file": "no-such-file"},
        {"alarm_url": "https://alarm.example/hook", "alarm_secret_file": "no-such-file"},
        {
            "alarm_url": "https://alarm.example/hook",
            "alarm_secret_file": "no-such-file",
            "egress_allow": ["https://alarm.example"],
        },
    ],
    ids=["without_a_secret", "without_an_address", "not_to_be_called", "without_the_file"],
)
def test_an_alarm_that_could_not_go_out_stops_the_start(told: dict[str, object]) -> None:
    with pytest.raises(click.UsageError, match=r"alarm|no-such-file"):
        load(**told)


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_AAAA", "whsec_%%%", "AAAA" * 8])
def test_what_is_no_secret_is_refused_without_being_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"secret|base64|padding|Only|characters"):
        Secret.of(text)
