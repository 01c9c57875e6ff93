"""The search itself: what it must find, and what it must not."""

from base64 import b64encode, urlsafe_b64encode

import pytest

from tests.wire.ends import End
from tests.wire.leaks import leaks

SOMEBODY = End(number="+8613951847263", name="Zhang San", host="127.0.0.11", port=5061, voice=20000)
NUMBER = "13951847263"


@pytest.mark.parametrize(
    "written",
    [
        NUMBER,
        "+86 139-5184-7263",
        "(139) 5184.7263",
        "１３９５１８４７２６３",
        "%31%33%39%35%31%38%34%37%32%36%33",
        "tel:%2B86%2D139%2D51847263",
        NUMBER[::-1],
        NUMBER.encode().hex(),
        NUMBER.encode().hex(":"),
        b64encode(b"sip:+8613951847263@x").decode(),
        "x" + b64encode(b"+8613951847263").decode(),
        urlsafe_b64encode(b"??>" + NUMBER.encode()).decode(),
        "*51847263",
        "ZHANG SAN",
        "127.0.0.11",
    ],
)
def test_whatever_says_who_it_is_is_found(written: str) -> None:
    assert leaks(f"X-Header: a {written} b\r\n".encode(), SOMEBODY.needles)


def test_what_says_nothing_of_it_passes() -> None:
    message = b"INVITE sip:+8613720496185@127.0.0.12 SIP/2.0\r\nCall-ID: 6b030ee2-7c76-4d4d-9a5b-2c83e4de00da\r\n"
    assert leaks(message, SOMEBODY.needles) == set()
