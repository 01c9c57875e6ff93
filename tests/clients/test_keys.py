"""The client and `moat keys` against the real application, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from moat_client.answers import Item
from moat_client.client import Moat
from moat_client.errors import MoatError

from commands.demo import DemoService, DemoStart
from demo.cast import Place
from vault import keys_cli


@pytest.fixture(scope="module")
def moat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moat]:
    """The service as an operator sees it, with one person in it."""
    place: Path = tmp_path_factory.mktemp("keys")
    with DemoStart().opened(Place(place), port=8080) as service:
        connect(service, "service").tokenize([Item("cust-1", "phone", "13800138000")], purpose="delivery")
        yield connect(service, "operator")


def connect(service: DemoService, role: str) -> Moat:
    return Moat("http://moat.test", service.credential(role, role, ()), transport=service.transport)


def run(moat: Moat, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    @contextmanager
    def connected() -> Iterator[Moat]:
        yield moat

    monkeypatch.setattr(keys_cli, "connected", connected)
    return CliRunner(env={"COLUMNS": "200"}).invoke(keys_cli.keys_group(), arguments)


def test_the_client_tells_how_keys_stand_and_asks_for_rotations(moat: Moat) -> None:
    status = moat.keys()
    kek = next(one for one in status.versions if one.usage == "kek")
    assert (kek.version, kek.state, kek.wraps, kek.due, kek.age_days) == (1, "active", 1, None, 0)
    assert (status.deks, status.worn_deks) == (1, 0)
    job = moat.job(moat.rotate_key("dek", subject="cust-1", throttle=10))
    assert (job.kind, job.state) == ("rotate_dek", "queued")
    assert moat.job(moat.rotate_key("root", destroy=True)).state == "awaiting_approval"
    with pytest.raises(MoatError, match="key_is_active"):
        moat.destroy_key_version("search", 1, kind="phone")


def test_the_command_shows_every_version_and_asks_for_rotations(moat: Moat, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(moat, monkeypatch, "status")
    assert shown.exit_code == 0, shown.output
    assert "data keys: 1, the oldest of 20" in shown.output
    rows = [line.split() for line in shown.output.splitlines()]
    assert [row[:3] for row in rows if row[:1] == ["kek"]] == [["kek", "1", "active"]]
    asked = run(moat, monkeypatch, "rotate", "kek", "--throttle", "5")
    assert asked.exit_code == 0, asked.output
    assert "rotate_kek" in asked.output


@pytest.mark.parametrize(
    "wrong",
    [
        ["rotate", "kek", "--subject", "cust-1"],
        ["rotate", "dek", "--subject", "cust-1", "--older-than", "3"],
        ["destroy", "kek", "1", "--kind", "phone"],
        ["destroy", "search", "1"],
        ["rotate", "lock"],
    ],
)
def test_options_that_do_not_go_together_are_refused_before_anything_is_asked(
    moat: Moat, monkeypatch: pytest.MonkeyPatch, wrong: list[str]
) -> None:
    assert run(moat, monkeypatch, *wrong).exit_code == 2
