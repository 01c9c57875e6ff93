"""A real service, a real switch before it, and two telephones."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.server import Server, free_port
from tests.wire.conversation import Wire
from tests.wire.ends import End
from tests.wire.front import Front
from tests.wire.switch import Control, Switch, udp_port
from tests.wire.world import World

CALLER_HOST, CALLEE_HOST = "127.0.0.11", "127.0.0.12"


@dataclass(frozen=True, slots=True)
class Started:
    """A switch that runs, and what speaks through it."""

    wire: Wire


@pytest.fixture(scope="session")
def callers() -> End:
    """Where those who call are."""
    port, voice = udp_port(CALLER_HOST), udp_port(CALLER_HOST)
    return End(number="", name="", host=CALLER_HOST, port=port, voice=voice)


@pytest.fixture(scope="session")
def callees() -> End:
    """Where those who are called are."""
    port, voice = udp_port(CALLEE_HOST), udp_port(CALLEE_HOST)
    return End(number="", name="", host=CALLEE_HOST, port=port, voice=voice)


@pytest.fixture(scope="session")
def control(tmp_path_factory: pytest.TempPathFactory) -> Control:
    """Where the service tells the switch that most tests share to end calls."""
    secret = tmp_path_factory.mktemp("control") / "secret"
    secret.write_text(secrets.token_hex(24))
    return Control(free_port(), secret)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, control: Control) -> Iterator[Server]:
    """The service, as an operator starts it on an empty directory."""
    named = ("--switch-url", control.url, "--switch-secret-file", str(control.secret))
    running = Server(tmp_path_factory.mktemp("service"), options=named)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def front(server: Server) -> Iterator[Front]:
    standing = Front(server.url)
    yield standing
    standing.close()


@pytest.fixture(scope="session")
def world(server: Server, callers: End, callees: End) -> Iterator[World]:
    peopled = World(server, callers, callees)
    yield peopled
    peopled.close()


@pytest.fixture(scope="session")
def wire(
    tmp_path_factory: pytest.TempPathFactory, front: Front, world: World, callees: End, control: Control
) -> Iterator[Wire]:
    """The switch that most tests share."""
    with _started(tmp_path_factory.mktemp("wire"), front, world.switch, callees, hangup=control) as started:
        yield started.wire


@pytest.fixture
def another(tmp_path: Path, front: Front, world: World, callees: End) -> Iterator[Started]:
    """A switch of the test's own, to break."""
    with _started(tmp_path, front, world.switch, callees) as started:
        yield started


@pytest.fixture
def open_switch(tmp_path: Path, front: Front, world: World, callees: End) -> Iterator[Started]:
    """A switch that hides nothing."""
    with _started(tmp_path, front, world.switch, callees, hidden=False) as started:
        yield started


@contextmanager
def _started(
    place: Path, front: Front, credential: str, callees: End, *, hidden: bool = True, hangup: Control | None = None
) -> Iterator[Started]:
    trunk = f"{callees.host}:{callees.port}"
    peers = [CALLER_HOST]
    switch = Switch(place / "switch", front.url, credential, trunk=trunk, peers=peers, hidden=hidden, hangup=hangup)
    try:
        yield Started(Wire(place, switch))
    finally:
        switch.stop()
