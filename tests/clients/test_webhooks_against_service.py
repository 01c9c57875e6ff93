"""The client's calls about webhooks, receipts and signals against the real application, and a receiver's check of deliveries."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moat_client.client import Moat
from moat_client.consent_answers import Recorded, Said
from moat_client.errors import MoatError
from moat_client.webhook_signature import WebhookError, verified

from commands.demo import DemoService, DemoStart
from consent.webhook.signature import Secret, signed_headers
from demo.cast import Place

# The example of the Standard Webhooks reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY, AT = b'{"test": 2432232314}', 1614265330
HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": str(AT),
    "Webhook-Signature": "v1,AAAA v2,unknown v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[DemoService]:
    with DemoStart().opened(Place(tmp_path), port=8080) as opened:
        yield opened


def connected(service: DemoService, role: str) -> Moat:
    return Moat("http://moat.test", service.credential(role, role, ()), transport=service.transport)


def test_the_published_example_is_believed_within_its_tolerance() -> None:
    assert verified(BODY, HEADERS, [SECRET], AT + 299) == {"test": 2432232314}
    other = Secret.generate().reveal()
    assert verified(BODY, HEADERS, [other, SECRET], AT - 299) == {"test": 2432232314}
    for secrets, body, now, code in (
        ([SECRET], BODY, AT + 301, "stale"),
        ([SECRET], BODY, AT - 301, "stale"),
        ([SECRET], BODY + b" ", AT, "forged"),
        ([other], BODY, AT, "forged"),
        ([], BODY, AT, "forged"),
    ):
        with pytest.raises(WebhookError, match=code):
            verified(body, HEADERS, secrets, now)
    for name in HEADERS:
        with pytest.raises(WebhookError):
            verified(BODY, {key: value for key, value in HEADERS.items() if key != name}, [SECRET], AT)
    with pytest.raises(ValueError, match="base64"):
        verified(BODY, HEADERS, ["whsec_!"], AT)


@given(st.dictionaries(st.text(max_size=5), st.integers(0, 9)), st.integers(0, 10**10))
def test_what_the_service_signs_the_receiver_believes(told: dict[str, int], at: int) -> None:
    secret, body = Secret.generate(), orjson.dumps(told)
    assert verified(body, signed_headers([secret], "msg_1", at, body), [secret.reveal()], at) == told


def test_subscriptions_are_refused_where_the_operator_allows_no_origin(service: DemoService) -> None:
    moat = connected(service, "operator")
    with pytest.raises(MoatError, match="origin_not_allowed"):
        moat.subscribe("https://hooks.example.com/consents", ["consent.withdrawn"])
    assert list(moat.webhooks()) == []
    for call in (
        lambda: moat.pause_webhook(1),
        lambda: moat.resume_webhook(1),
        lambda: moat.rotate_webhook_secret(1),
        lambda: moat.unsubscribe(1),
        lambda: moat.replay_deliveries(1),
        lambda: list(moat.deliveries(1, state="dead")),
    ):
        with pytest.raises(MoatError, match="not_found"):
            call()


def test_receipts_records_and_signals_have_the_shapes_that_the_client_reads(service: DemoService) -> None:
    moat = connected(service, "service")
    (refused,) = moat.consent([Said("cust-1", "marketing_sms", "refused")])
    assert isinstance(refused, Recorded)
    receipt = moat.receipt("cust-1", refused.consent)
    assert (receipt["about"], isinstance(receipt["signature"], str)) == (refused.consent, True)
    assert moat.receipt("cust-1", refused.consent, form="jsonld")["@type"] == "dpv:ConsentReceipt"
    assert len(moat.consent_records("cust-1")) == 1
    assert moat.signal_gpc("cust-1", channel="web") == {
        "marketing_sms": "already",
        "marketing_call": "opted_out",
        "merchant_sharing": "opted_out",
        "cross_border": "opted_out",
    }
