"""What is answered without the framework, and that everything else goes the ordinary way untouched."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from web.context import KEY, RequestContext
from web.direct import BODY_AT_MOST, DirectAnswers, DirectCall, DirectOperation
from web.limits import Slots
from web.principal import Principal, Role, Scope
from web.recent_callers import Caller

PATH = "/v1/parcels"
KNOWN = "Bearer known"
CALLER = Principal(1, 2, "orders", Role.SERVICE, frozenset({Scope.CONSENT_DECIDE}), False)


class Ordinary:
    """The ordinary way: keeps the bodies that it is given."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.bodies.append(environ["wsgi.input"].read())
        start_response("418 I'M A TEAPOT", [])
        return [b"ordinary"]


def answered(
    body: bytes, *, changed: Mapping[str, str] | None = None, works: bool = False, slots: Slots | None = None
) -> tuple[bytes, list[bytes], RequestContext]:
    """What a call is answered, the bodies that went the ordinary way, and what is known of the call afterwards."""

    def recall(header: str, scope: Scope, at: int) -> Caller | None:
        return Caller(CALLER, b"digest", 0.0, 1e18) if (header, scope, at) == (KNOWN, Scope.CONSENT_DECIDE, 7) else None

    def answer(call: DirectCall) -> bytes | None:
        return None if call.body == b"unknown" else b"%d:" % call.principal.credential + call.body

    ordinary = Ordinary()
    operation = DirectOperation(path=PATH, scope=Scope.CONSENT_DECIDE, answer=answer, works=works)
    direct = DirectAnswers(ordinary, [operation], recall, slots or Slots(1, patience=0))
    context = RequestContext("id", datetime.now(UTC), 7, "POST", 0.0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": KNOWN,
        "wsgi.input": BytesIO(body),
        KEY: context,
        **(changed or {}),
    }
    statuses: list[str] = []
    octets = b"".join(direct(environ, lambda status, _headers, _exc=None: statuses.append(status)))  # type: ignore[arg-type]  # the least that a server is
    assert statuses == (["418 I'M A TEAPOT"] if ordinary.bodies else ["200 OK"])
    return octets, ordinary.bodies, context


def test_an_ordinary_call_of_a_known_caller_is_answered_at_once() -> None:
    octets, ordinary, context = answered(b"{}")
    assert (octets, ordinary) == (b"2:{}", [])
    assert (context.route, context.principal) == (PATH, CALLER)


def test_a_call_that_works_on_it_takes_a_slot_while_it_does_and_goes_the_ordinary_way_where_none_is_free() -> None:
    slots = Slots(1, patience=0)
    for _ in range(2):
        assert answered(b"{}", works=True, slots=slots)[0] == b"2:{}"
    assert slots.enter()
    assert answered(b"{}", works=True, slots=slots)[0] == b"ordinary"
    assert answered(b"{}", slots=slots)[0] == b"2:{}"


@pytest.mark.parametrize(
    "changed",
    [
        {"REQUEST_METHOD": "PUT"},
        {"PATH_INFO": "/v1/parcels/"},
        {"QUERY_STRING": "a=1"},
        {"CONTENT_TYPE": "text/plain"},
        {"CONTENT_TYPE": "application/json; charset=gbk"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "²"},
        {"CONTENT_LENGTH": "9" * 5_000},
        {"CONTENT_LENGTH": str(BODY_AT_MOST + 1)},
        {"CONTENT_LENGTH": "3"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"HTTP_AUTHORIZATION": ""},
        {"HTTP_AUTHORIZATION": "Bearer other"},
    ],
)
def test_whatever_is_not_ordinary_goes_the_way_of_all_calls_with_its_whole_body(changed: dict[str, str]) -> None:
    octets, ordinary, context = answered(b"{}", changed=changed)
    assert (octets, ordinary) == (b"ordinary", [b"{}"])
    assert context.principal is None


def test_what_is_not_in_memory_goes_the_way_of_all_calls_with_its_whole_body() -> None:
    assert answered(b"unknown")[:2] == (b"ordinary", [b"unknown"])
