"""Presentations: octets that say what was shown, and that nobody else can make."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey

from consent.records.messages import TokenText
from consent.records.presentation import (
    NOTICES_AT_MOST,
    TOKEN_AT_MOST,
    NotAPresentationError,
    Presentation,
    Shown,
    bound_subject,
    decode,
    encode,
)

KEY = SigningKey(b"\x07" * 32)
NONCE = bytes(range(16))


def sign(message: bytes) -> bytes:
    return KEY.sign(message).signature


def verify(message: bytes, signature: bytes) -> bool:
    try:
        KEY.verify_key.verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def presentation(*notices: Shown) -> Presentation:
    subject = bound_subject(7, NONCE, "cust-1001")
    return Presentation(7, NONCE, 1_795_320_000_000, 1_795_323_600_000, subject, "zh-Hans", "app", notices)


def test_the_octets_are_those_of_the_drawing() -> None:
    token = encode(presentation(Shown("marketing_sms", 3, b"\xaa" * 32, ticked=False)), sign)
    octets = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    body, signature = octets[:-64], octets[-64:]
    assert body[:9] == b"\x01" + (7).to_bytes(8, "big")
    assert body[9:25] == NONCE
    assert body[25:41] == (1_795_320_000_000).to_bytes(8, "big") + (1_795_323_600_000).to_bytes(8, "big")
    assert body[41:73] == bound_subject(7, NONCE, "cust-1001")
    assert body[73:] == b"\x07zh-Hans\x03app\x01\x0dmarketing_sms\x00\x00\x00\x03" + b"\xaa" * 32 + b"\x00"
    assert verify(b"moat presentation v1\n" + body, signature)


codes = st.from_regex(r"[a-z][a-z0-9_]{0,47}", fullmatch=True)
notices = st.builds(Shown, codes, st.integers(1, 2**31 - 1), st.binary(min_size=32, max_size=32), st.booleans())


@given(st.lists(notices, max_size=NOTICES_AT_MOST))
def test_what_is_encoded_is_read_back(shown: list[Shown]) -> None:
    made = presentation(*shown)
    token = encode(made, sign)
    assert decode(token, verify) == made
    assert len(token) <= TOKEN_AT_MOST


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_octet_can_be_changed(place: int, mask: int) -> None:
    token = encode(presentation(Shown("marketing_sms", 3, b"\xaa" * 32, ticked=True)), sign)
    octets = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    octets[place % len(octets)] ^= mask
    with pytest.raises(NotAPresentationError):
        decode(urlsafe_b64encode(bytes(octets)).rstrip(b"=").decode(), verify)


@given(st.text(max_size=200))
def test_no_other_text_is_a_presentation(text: str) -> None:
    with pytest.raises(NotAPresentationError):
        decode(text, verify)


def test_another_writing_of_the_same_octets_is_refused() -> None:
    token = encode(presentation(), sign)
    for other in (token + "=", token[:10] + "\n" + token[10:], token + " "):
        with pytest.raises(NotAPresentationError):
            decode(other, verify)


def test_the_edge_takes_the_longest_token() -> None:
    assert TokenText.__metadata__[0].max_length == TOKEN_AT_MOST  # type: ignore[attr-defined]
