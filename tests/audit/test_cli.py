"""`moat audit key` and `moat audit restart`, as an operator at the host runs them."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audit.checkpoint import VerifierKey
from commands.program import main
from tests.support.server import Server


class Host:
    def __init__(self, place: Path) -> None:
        self.server = Server(place)

    def run(self, *arguments: str) -> Result:
        located = ["--data", str(self.server.data), "--keys", str(self.server.keys)]
        return CliRunner().invoke(main, [*arguments, *located])

    def credential(self, name: str, role: str) -> str:
        made = self.run("credential", "create", "--name", name, "--role", role)
        assert made.exit_code == 0, made.output
        file = self.server.place / name
        file.write_text(made.stdout)
        return str(file)

    def vkeys(self) -> list[str]:
        shown = self.run("audit", "key")
        assert shown.exit_code == 0, shown.output
        return shown.stdout.splitlines()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    """A deployment that has served once, and has stopped."""
    before = os.umask(0o077)
    try:
        host = Host(tmp_path_factory.mktemp("host"))
        host.server.start()
        host.server.stop()
    finally:
        os.umask(before)
    return host


def test_a_stopped_service_has_published_what_it_did(host: Host) -> None:
    checkpoint = (host.server.data / "audit/1/checkpoint").read_text()
    origin, size, *_ = checkpoint.split("\n")
    assert origin.startswith("localhost/moat/")
    assert int(size) >= 3
    verifier = VerifierKey.parse(host.vkeys()[0])
    assert verifier.name == origin


def test_a_rotation_adds_a_key_and_the_one_before_keeps_signing(host: Host) -> None:
    (first,) = host.vkeys()
    assert host.run("audit", "key", "--rotate").exit_code == 0
    second, *others = host.vkeys()
    assert others == [first]
    assert host.run("audit", "key", "--rotate").exit_code == 0
    assert host.vkeys()[1:] == [second, f"{first}  (retired)"]


def test_a_restart_takes_two_persons_who_may_decide(host: Host) -> None:
    operator, admin = host.credential("ops", "operator"), host.credential("boss", "admin")
    service = host.credential("orders", "service")
    assert "two persons" in host.run("audit", "restart", "--first", operator, "--second", operator).output
    assert "roles" in host.run("audit", "restart", "--first", operator, "--second", service).output
    done = host.run("audit", "restart", "--first", operator, "--second", admin)
    assert done.exit_code == 0, done.output
    assert "/2 continues it" in done.output
    assert host.vkeys()[0].split("+")[0].endswith("/2")
    assert "verified" in CliRunner().invoke(main, ["audit", "verify", "--data", str(host.server.data)]).output
