"""`moat relay` about records, cases, rules and the sealed stream, over the application itself and at its host."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyrage
import pytest
from click.testing import CliRunner, Result
from httpx import WSGITransport
from moat_client.client import Moat

import commands.sealed_calls
import work.cli
from commands.relay import relay
from database.columns import millis
from masking.relay.calls import store
from masking.relay.calls.legal_record import BEGIN, CallBegun, Place, month_name, month_of, seal
from masking.relay.calls.rules_text import default_text
from tests.api.conftest import Api, composed
from web.principal import Role

Run = Callable[..., Result]
LEG = bytes(15) + b"\x07"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with composed(tmp_path_factory.mktemp("cli"), None) as made:
        yield made


@pytest.fixture
def run(api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command as a privacy officer, in a directory of its own."""
    officer = api.credential(Role.PRIVACY_OFFICER)
    monkeypatch.setattr(
        work.cli, "Moat", lambda: Moat("http://moat.test", officer, transport=WSGITransport(api.moat.app))
    )
    monkeypatch.setattr(commands.sealed_calls, "opened_database", lambda *_: _Left(api))
    monkeypatch.setattr(commands.sealed_calls, "utc_now", api.clock)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first").write_text(officer + "\n")
    (tmp_path / "second").write_text(api.credential(Role.RISK) + "\n")
    (tmp_path / "service").write_text(api.credential(Role.SERVICE) + "\n")
    return lambda *words: CliRunner().invoke(relay, list(words))


class _Left:
    """The deployment's database, which a command does not close."""

    def __init__(self, api: Api) -> None:
        self._database = api.moat.database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def dispose(self) -> None:
        """Somebody else's."""


def test_lists_and_rules_are_printed_and_applied(run: Run, tmp_path: Path) -> None:
    for words in (("calls",), ("cases",), ("cases", "--closed"), ("legal-keys",)):
        assert run(*words).exit_code == 0
    assert run("statistics", "2026-11-01", "2026-11-02").exit_code == 0
    assert run("statistics", "2026-11-02", "2026-11-01").exit_code == 1
    assert run("rules").output == default_text() + "\n"
    (tmp_path / "rules.yaml").write_text(default_text())
    assert "version 1 is in force" in run("rules", "--apply", "rules.yaml").output
    assert run("close-case", "1", "--reason", "abuse").exit_code == 2
    assert run("close-case", "1", "--reason", "abuse", "--keep").exit_code == 1


def test_keys_are_made_added_used_by_two_persons_and_destroyed_with_evidence(
    api: Api, run: Run, tmp_path: Path
) -> None:
    keepers = [pyrage.x25519.Identity.generate() for _ in range(2)]
    for name, keeper in zip(("k1", "k2"), keepers, strict=True):
        (tmp_path / name).write_text(f"# keeper\n{keeper}\n")
    month = month_of(millis(api.clock()))
    name = month_name(month)
    to = ("--first", str(keepers[0].to_public()), "--second", str(keepers[1].to_public()))
    assert run("legal-key", "create", name, *to, "--months", "2").exit_code == 0
    assert run("legal-key", "create", name, *to).exit_code == 1, "no key is written over"
    assert (tmp_path / f"{name}.first.age").stat().st_mode & 0o077 == 0
    assert run("legal-key", "add", f"{name}.public.json", "--credential", "service").exit_code == 1
    assert run("legal-key", "add", f"{name}.first.age", "--credential", "first").exit_code == 1
    assert run("legal-key", "add", f"{name}.public.json", "--credential", "first").exit_code == 0
    assert name in run("legal-keys").output
    public = bytes.fromhex(orjson.loads((tmp_path / f"{name}.public.json").read_bytes())["public"])
    call = CallBegun(at=1, kind="voice", caller="+8613812345678", callee="+8613987654321", dialled="+8617000000001")
    row = (1, month, LEG, BEGIN, seal(public, Place(1, month, LEG, BEGIN), call))
    api.moat.database.write(1, lambda tx: tx.insert(store.INSERT_SEALED, [row]))
    take = ("legal", "take", name, "--case", "c-17", "--reason", "court_order", "--out", "taken")
    assert run(*take, "--first", "first", "--second", "first").exit_code == 1
    assert run(*take, "--first", "first", "--second", "second").exit_code == 0
    assert call.caller[1:].encode() not in (tmp_path / "taken").read_bytes()
    halves = ("legal", "open", "taken", f"{name}.first.age", f"{name}.second.age")
    opened = run(*halves, "--identity", "k1", "--identity", "k2")
    assert orjson.loads(opened.output)["caller"] == call.caller
    assert run(*halves, "--identity", "k1", "--identity", "k2", "--number", "+8613800000000").output == ""
    assert run(*halves, "--identity", "k1").exit_code == 2
    assert run(*halves, "--identity", "k1", "--identity", "k1").exit_code == 1
    destroy = ("legal-key", "destroy", name, f"{name}.second.age", "--credential", "second")
    assert run(*destroy).exit_code == 1
    assert (tmp_path / f"{name}.second.age").exists(), "a half that may not be destroyed yet stays"
    api.clock.advance(days=40)
    destroyed = run(*destroy)
    assert destroyed.exit_code == 0, destroyed.output
    assert "second half is destroyed" in destroyed.output
    assert not (tmp_path / f"{name}.second.age").exists()
    (left,) = api.moat.database.read(1, lambda tx: tx.all(store.COUNT_SEALED, tenant=1, month=month))
    assert left == (0,)
