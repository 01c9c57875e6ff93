"""Ending calls by telling the switch."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from composition.relay_switch import switch_lines
from masking.relay.ports import HungUp, Left, Reach
from masking.relay.switch.hanging import PAUSES, Fate, SwitchLines
from settings import load
from tests.support.clock import Clock

LEGS = ("01a20411-0122-7019-a795-4fdce43ec14b", "01a20411-0122-7019-a795-4fdce43ec14c")
SECRET = "s" * 48


@dataclass
class Desk:
    """A switch that answers as a test says (None: not at all), and a book with two calls."""

    answers: Sequence[int | None]
    asked: list[str] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)

    def legs_of(self, tenant: int, binding: int) -> Sequence[str]:
        return LEGS if (tenant, binding) == (1, 7) else ()

    def post(self, path: str) -> int:
        self.asked.append(path)
        status = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if status is None:
            raise OSError
        return status

    def hang_up(self, binding: int = 7) -> HungUp:
        return SwitchLines(self, [self.post], self.fates.append, self.paused.append).hang_up(1, binding)


def test_each_call_of_the_binding_is_ended() -> None:
    desk = Desk([204])
    assert desk.hang_up() == HungUp(2, Reach.TOLD)
    assert desk.asked == [f"/hangup/{leg}" for leg in LEGS]
    assert desk.hang_up(8) == HungUp(0, Reach.TOLD)


def test_a_call_that_the_switch_does_not_know_does_not_count() -> None:
    desk = Desk([404, 204])
    assert desk.hang_up() == HungUp(1, Reach.TOLD)
    assert (desk.fates, desk.paused) == ([Fate.UNKNOWN, Fate.ENDED], [])


@pytest.mark.parametrize("gone", [None, 500, 302])
def test_a_switch_that_is_away_is_asked_again_for_a_short_time(gone: int | None) -> None:
    desk = Desk([gone])
    assert desk.hang_up() == HungUp(0, Reach.FAILED)
    assert desk.asked == [f"/hangup/{LEGS[0]}"] * (len(PAUSES) + 1)
    assert (desk.fates, desk.paused) == ([Fate.AWAY] * 2, list(PAUSES))


def test_a_switch_that_comes_back_meanwhile_ends_the_call() -> None:
    desk = Desk([None, None, 204])
    assert desk.hang_up() == HungUp(2, Reach.TOLD)
    assert desk.paused == list(PAUSES)


def test_a_wrong_secret_is_not_shown_again() -> None:
    desk = Desk([403])
    assert desk.hang_up() == HungUp(0, Reach.FAILED)
    assert (len(desk.asked), desk.fates) == (1, [Fate.REFUSED] * 2)


def test_each_switch_is_asked_until_one_has_the_call() -> None:
    first, second = Desk([404]), Desk([None, None, None, 204])
    lines = SwitchLines(first, [first.post, second.post], first.fates.append, first.paused.append)
    assert lines.end(LEGS) == Left([], list(LEGS))
    assert (len(first.asked), len(second.asked)) == (2, 3)
    assert lines.end(LEGS) == Left([], [])


class Heard(ThreadingHTTPServer):
    """A server that keeps what it is asked."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Heard

    def log_message(self, *_: Any) -> None:
        return

    def do_POST(self) -> None:
        self.server.requests.append((self.path, self.headers["Authorization"]))
        self.send_response(204)
        self.end_headers()


@pytest.fixture
def heard() -> Iterator[Heard]:
    server = Heard()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_switch_that_the_operator_named_is_told_with_the_secret(heard: Heard, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    chosen = load(
        data=tmp_path / "data",
        keys=tmp_path / "keys",
        switch_url=f"http://127.0.0.1:{heard.server_port}",
        switch_secret_file=secret,
    )
    registry = CollectorRegistry()
    base: Any = SimpleNamespace(chosen=chosen, registry=registry, now=Clock())
    calls: Any = SimpleNamespace(events=SimpleNamespace(under_way=lambda *_: [LEGS[0]]))
    lines = switch_lines(base, calls)
    assert lines is not None
    assert lines.hang_up(1, 7) == HungUp(1, Reach.TOLD)
    assert heard.requests == [(f"/hangup/{LEGS[0]}", f"Bearer {SECRET}")]
    assert registry.get_sample_value("moat_relay_hangups_total", {"fate": "ended"}) == 1


def test_without_a_switch_nobody_is_told(tmp_path: Path) -> None:
    base: Any = SimpleNamespace(chosen=load(data=tmp_path / "data", keys=tmp_path / "keys"))
    assert switch_lines(base, base) is None


@pytest.mark.parametrize(
    ("url", "named"),
    [("http://127.0.0.1:1", False), (None, True), ("http://switch.example:5070", True), ("http://127.0.0.1:1/x", True)],
)
def test_a_secret_goes_nowhere_unsafe(tmp_path: Path, url: str | None, named: bool) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    with pytest.raises(Exception, match="switch-"):
        load(switch_url=url, switch_secret_file=secret if named else None)
