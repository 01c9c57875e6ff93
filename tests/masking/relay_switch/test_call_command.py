"""`moat relay call` and the events of switches, with the vault behind them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from click.testing import CliRunner, Result
from httpx import WSGITransport
from moat_client.client import Moat
from pydantic import SecretStr

import work.cli
from commands.relay import relay
from tests.api.conftest import Api, composed
from tests.conftest import BOTH
from web.principal import Role

A, B, STRANGER = "+8613951847263", "+8613720496185", "+8613588881999"
X = "+8617012340000"
NOBODY = "01a20411-0122-7019-a795-4fdce43ec14b"

Run = Callable[..., Result]


class Exchange:
    """Two people bound to each other, and a switch."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.switch = api.credential(Role.SWITCH)
        self.post("/v1/relay/pools", {"pool": "default", "modes": ["axb"]}, 201)
        self.post("/v1/relay/numbers", {"pool": "default", "items": [{"number": X}]}, 200)
        parties = {
            side: {"token": api.token(number, subject=f"exchange-{side}")} for side, number in (("a", A), ("b", B))
        }
        self.post("/v1/relay/bindings", {"mode": "axb", "order": "o-1", **parties}, 201)

    def post(self, path: str, body: object, status: int, **options: Any) -> Any:
        answer = self.api.call("POST", path, body, **options)
        assert answer.status_code == status, answer.text
        return answer.json

    def book(self) -> dict[str, dict[str, Any]]:
        """The records of the book, by their legs."""
        page: Any = self.api.call("GET", "/v1/relay/calls", credential=self.api.role(Role.PRIVACY_OFFICER)).json
        return {call["leg"]: call for call in page["items"]}


@pytest.fixture(scope="module", params=BOTH)
def exchange(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield Exchange(held.enter_context(composed(tmp_path_factory.mktemp("exchange"), url)))


@pytest.fixture
def run(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as a switch, over the application itself."""

    def moat() -> Moat:
        return Moat("http://moat.test", exchange.switch, transport=WSGITransport(exchange.api.moat.app))

    monkeypatch.setattr(work.cli, "Moat", moat)
    return lambda *words: CliRunner().invoke(relay, ["call", *words])


def test_both_screens_show_the_relay_number_and_nobodys_own(exchange: Exchange, run: Run) -> None:
    shown = run(A, X)
    assert shown.exit_code == 0, shown.output
    assert f"calling {X}" in shown.output
    assert f"call from {X}" in shown.output
    assert A[-8:] not in shown.output
    assert B[-8:] not in shown.output
    assert B[-4:] in shown.output
    assert [(call["status"], call["failure"]) for call in exchange.book().values()] == [("failed", "cancelled")]


def test_who_is_bound_to_nobody_is_told_why(run: Run) -> None:
    shown = run(STRANGER, X)
    assert (shown.exit_code, "refused: no_binding" in shown.output) == (0, True)


def test_a_text_is_shown_as_it_arrives(run: Run) -> None:
    shown = run(A, X, "--message", f"at the gate, ring {A[3:]}")
    assert shown.exit_code == 0, shown.output
    assert f"from {X}: at the gate" in shown.output
    assert shown.output.count(A[3:]) == 1, "the caller's own words stand on the caller's side only"
    assert run(A, X, "--message", "hello", "--digits", "1").exit_code == 2


def test_the_length_of_a_call_stands_in_the_book(exchange: Exchange) -> None:
    body = {"called": X, "caller": B}
    leg = exchange.post("/v1/relay/route", body, 200, credential=exchange.switch)["leg"]
    ended = {"leg": leg, "event": "ended", "seconds": 42, "released": "callee"}
    for _ in range(2):
        exchange.post("/v1/relay/events", ended, 204, credential=exchange.switch)
    call = exchange.book()[leg]
    assert (call["status"], call["released"]) == ("completed", "callee")


def test_an_event_of_a_call_that_nobody_knows_is_refused_and_changes_nothing(exchange: Exchange) -> None:
    before = exchange.book()
    exchange.post("/v1/relay/events", {"leg": NOBODY, "event": "answered"}, 404, credential=exchange.switch)
    assert exchange.book() == before


def test_a_switch_may_ask_where_calls_go_and_nothing_else(exchange: Exchange) -> None:
    api = exchange.api
    for path in ("/v1/detokenize", "/v1/relay/bindings", "/v1/tokenize"):
        assert api.call("POST", path, {}, credential=exchange.switch).status_code == 403
    for path in ("/v1/relay/route", "/v1/relay/events"):
        assert api.call("POST", path, {}).status_code == 403
