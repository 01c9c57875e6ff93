"""Numbers in any writing, and callers whom nobody should put through, on the adapters: connected alike, or refused."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.masking.relay.adapters.house import Bound, House
from tests.masking.relay.adapters.test_leaks import written
from web.principal import Role

WRITINGS = ("{n}", "86{n}", "0086 {n}", "{dashed}", "{wide}", " {e} ", "sip:{n}@net;user=phone", "tel:{e}")
REFUSED: Sequence[tuple[str | None, str | None, str]] = (
    (None, "110", "emergency_number"),
    (None, "+86 120", "emergency_number"),
    (None, "１１９", "emergency_number"),
    (None, "call me", "invalid_number"),
    (None, "1" * 39, "invalid_number"),
    (None, "+8617099999999", "no_binding"),
    ("110", None, "anonymous_caller"),
    ("anonymous", None, "anonymous_caller"),
    ("", None, "anonymous_caller"),
    ("+266696687", None, "anonymous_caller"),
    ("<script>", None, "anonymous_caller"),
    ("+8613900007777", None, "no_binding"),
)


@pytest.fixture(scope="module")
def pair(house: House) -> Bound:
    return house.bound()


@pytest.fixture(scope="module")
def switch(house: House) -> Callable[..., Any]:
    """Asks what becomes of a call, or of a text, as a switch does."""
    bearer = house.credential(Role.SWITCH)

    def asked(path: str, **body: str) -> Any:
        house.clock.advance(seconds=90)
        answer = house.call("POST", f"/v1/relay/{path}", body, bearer=bearer)
        assert answer.status_code == 200, answer.text
        return answer.json

    return asked


@pytest.mark.parametrize("how", WRITINGS)
def test_both_numbers_are_known_in_every_writing(
    house: House, pair: Bound, switch: Callable[..., Any], how: str
) -> None:
    caller, called = written(pair.a, how), written(pair.x, how)
    assert switch("route", called=called, caller=caller)["to"] == pair.b
    assert switch("messages", called=called, caller=caller, text="到了")["present"] == pair.x
    (dial,) = house.voice(called, caller)
    assert (dial.tag, dial.get("callerId")) == ("Dial", pair.x)


@pytest.mark.parametrize(("caller", "called", "reason"), REFUSED)
def test_whoever_or_whatever_nobody_is_put_through_to_is_refused_with_the_reason(
    house: House, pair: Bound, switch: Callable[..., Any], caller: str | None, called: str | None, reason: str
) -> None:
    came, dialled = pair.a if caller is None else caller, pair.x if called is None else called
    for answer in (
        switch("route", called=dialled, caller=came),
        switch("messages", called=dialled, caller=came, text="到了"),
    ):
        assert (answer["action"], answer["reason"]) == ("reject", reason)
    document = house.voice(dialled, came)
    assert "Dial" not in {verb.tag for verb in document.iter()}
