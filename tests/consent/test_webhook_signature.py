"""Signatures of deliveries, against the published vector, and the waits between attempts."""

import base64
import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.webhook.signature import Secret, signed_headers
from work.backoff import ATTEMPTS_AT_MOST, FIRST_MS, LONGEST_MS, delay_ms

# The example of the Standard Webhooks reference libraries.
SECRET = Secret(base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
MESSAGE, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_signature_of_the_published_example_is_the_published_one() -> None:
    assert SECRET.sign(MESSAGE, TIMESTAMP, BODY) == SIGNATURE


def test_a_delivery_bears_a_signature_of_every_secret_in_force() -> None:
    other = Secret.generate()
    headers = signed_headers([other, SECRET], MESSAGE, TIMESTAMP, BODY)
    assert headers["webhook-signature"].split(" ") == [other.sign(MESSAGE, TIMESTAMP, BODY), SIGNATURE]
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (MESSAGE, str(TIMESTAMP))


@given(st.text("abc_0", min_size=1), st.integers(0, 2**40), st.binary())
def test_a_signature_is_over_id_time_and_body(message: str, timestamp: int, body: bytes) -> None:
    signature = SECRET.sign(message, timestamp, body)
    assert signature != SECRET.sign(message + "x", timestamp, body)
    assert signature != SECRET.sign(message, timestamp + 1, body)
    assert signature != SECRET.sign(message, timestamp, body + b" ")
    assert signature != Secret.generate().sign(message, timestamp, body)


def test_a_secret_is_shown_once_and_cannot_be_printed_or_copied() -> None:
    secret = Secret.generate()
    text = secret.reveal()
    assert text.startswith("whsec_")
    assert len(base64.b64decode(text.removeprefix("whsec_"))) == 32
    assert text.removeprefix("whsec_") not in f"{secret!r} {secret}"
    for out in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            out(secret)


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_the_wait_grows_exponentially_with_a_random_half_and_within_a_bound(attempts: int, luck: float) -> None:
    whole = min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1))
    assert delay_ms(attempts, lambda _: 0) == whole // 2
    assert whole // 2 <= delay_ms(attempts, lambda below: int(luck * below)) <= whole
    assert delay_ms(attempts, lambda below: below - 1) == whole


def test_all_attempts_together_take_about_a_day() -> None:
    longest = sum(delay_ms(attempt, lambda below: below - 1) for attempt in range(1, ATTEMPTS_AT_MOST))
    assert 12 * 3_600_000 < longest < 36 * 3_600_000


def test_a_receiver_that_asks_for_a_later_attempt_gets_it_within_the_bound() -> None:
    assert delay_ms(1, lambda _: 0, asked_ms=60_000) == 60_000
    assert delay_ms(1, lambda _: 0, asked_ms=10**9) == LONGEST_MS
