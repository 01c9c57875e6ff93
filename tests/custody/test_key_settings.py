"""Settings of key providers: what cannot work, or would show a secret, is refused in one line before anything is touched."""

from pathlib import Path
from typing import Any

import click
import pkcs11
import pytest

import settings
from audit.log import AuditLog
from composition.keys import proved_roots
from database.engine import Database
from database.statement import Statement
from tests.support.clock import Clock
from tests.support.soft_token import MODULE, SoftToken
from vault.keyring import Keyring
from vault.providers.file import create_root_key

URL = "https://vault.example.com:8200"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def module(tmp_path: Path) -> Path:
    file = tmp_path / "module.so"
    file.touch()
    return file


def load(tmp_path: Path, **options: Any) -> settings.Settings:
    return settings.load(data=tmp_path / "data", keys=tmp_path / "keys", **options)


def test_the_file_needs_nothing(tmp_path: Path) -> None:
    assert load(tmp_path).key_providers == ("file",)


def test_a_token_and_transit_are_named_by_their_options(tmp_path: Path, module: Path, secret: Path) -> None:
    chosen = load(
        tmp_path,
        key_provider="transit",
        key_provider_from="pkcs11",
        pkcs11_module=module,
        pkcs11_token="moat",
        pkcs11_pin_file=secret,
        transit_url=URL,
        transit_role_id="role",
        transit_secret_id_file=secret,
    )
    assert chosen.key_providers == ("transit", "pkcs11")
    assert (chosen.read_pin(), chosen.read_secret_id()) == ("s3cret", "s3cret")


def test_a_secret_comes_from_the_environment_and_is_no_option(
    tmp_path: Path, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOAT_PKCS11_PIN", "canary-77")
    chosen = load(tmp_path, key_provider="pkcs11", pkcs11_module=module, pkcs11_token="moat")
    assert chosen.read_pin() == "canary-77"
    assert "canary-77" not in repr(chosen) + str(chosen)
    command = click.command()(settings.options(lambda **_: None))
    known = {option for parameter in command.params for option in parameter.opts}
    assert {"--pkcs11-pin-file", "--transit-token-file", "--transit-secret-id-file"} < known
    assert known.isdisjoint({"--pkcs11-pin", "--transit-token", "--transit-secret-id"})


PKCS11 = {"key_provider": "pkcs11", "pkcs11_token": "moat"}
TRANSIT = {"key_provider": "transit", "transit_url": URL}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another provider": ({"key_provider": "kms"}, "--key-provider"),
    "the same twice": ({"key_provider_from": "file"}, "names another provider"),
    "no module": ({"key_provider": "pkcs11"}, "needs --pkcs11-module and --pkcs11-token"),
    "a module that is not there": ({**PKCS11, "pkcs11_module": "/nowhere/x.so"}, "no PKCS#11 library"),
    "no PIN": ({**PKCS11, "pkcs11_module": "MODULE"}, "--pkcs11-pin-file"),
    "a PIN file that is not there": ({**PKCS11, "pkcs11_module": "MODULE", "pkcs11_pin_file": "/no/pin"}, "there is no file"),
    "two PINs": ({**PKCS11, "pkcs11_module": "MODULE", "pkcs11_pin_file": "SECRET", "pkcs11_pin": "1"}, "either in a file"),
    "no address": ({"key_provider": "transit"}, "needs --transit-url"),
    "an address with a password": ({**TRANSIT, "transit_url": "https://u:p@vault.example.com"}, "needs --transit-url"),
    "http to another host": (
        {**TRANSIT, "transit_url": "http://vault.example.com", "transit_token_file": "SECRET"},
        "over http would show its token",
    ),
    "no login": (TRANSIT, "either a token"),
    "two logins": ({**TRANSIT, "transit_token_file": "SECRET", "transit_role_id": "role"}, "either a token"),
    "a role without its secret": ({**TRANSIT, "transit_role_id": "role"}, "--transit-secret-id-file"),
    "no authority": ({**TRANSIT, "transit_token_file": "SECRET", "transit_ca_file": "/nowhere/ca"}, "there is no file"),
    "a key that is a path": ({**TRANSIT, "transit_token_file": "SECRET", "transit_key": "a/b"}, "--transit-key"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_refused_in_one_line(case: str, tmp_path: Path, module: Path, secret: Path) -> None:
    options, words = REFUSED[case]
    files = {"MODULE": module, "SECRET": secret}
    given = {name: files.get(value, value) for name, value in options.items()}
    with pytest.raises(click.UsageError) as refused:
        load(tmp_path, **given)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("mode", [0o604, 0o644])
def test_a_secret_that_everybody_may_read_is_refused(tmp_path: Path, module: Path, secret: Path, mode: int) -> None:
    secret.chmod(mode)
    with pytest.raises(click.UsageError, match="chmod 600"):
        load(tmp_path, **PKCS11, pkcs11_module=module, pkcs11_pin_file=secret)


def test_a_root_key_file_that_cannot_be_used_is_named_with_its_remedy(
    database: Database, tmp_path: Path, clock: Clock
) -> None:
    chosen = settings.load(data=tmp_path / "d", keys=tmp_path / "keys")
    proved_roots(chosen, database, clock)
    file = tmp_path / "keys" / "root.key"
    kept = file.read_text()

    def said() -> str:
        with pytest.raises(click.ClickException) as refused:
            proved_roots(chosen, database, clock)
        return str(refused.value)

    file.chmod(0o640)
    assert "chmod 600" in said()
    file.chmod(0o600)
    file.write_text("moat-root-key-v1 zz\n")
    assert "cannot be read as a root key" in said()
    file.unlink()
    assert "is missing, and the database was sealed under it" in said()
    assert not file.exists()
    create_root_key(tmp_path / "keys")
    assert "nothing was changed" in said()
    file.write_text(kept)
    proved_roots(chosen, database, clock)


def test_a_database_is_opened_with_its_own_token_only_and_a_refusal_changes_nothing(
    database: Database, tmp_path: Path, clock: Clock, token: SoftToken, secret: Path
) -> None:
    named: dict[str, Any] = {
        "key_provider": "pkcs11",
        "pkcs11_module": MODULE,
        "pkcs11_token": token.label,
        "pkcs11_pin_file": token.pin_file,
    }
    pkcs11.lib(str(MODULE)).reinitialize()
    roots = proved_roots(load(tmp_path, **named), database, clock)
    Keyring(database, roots, AuditLog(), clock).of(1)
    made = roots.provider("pkcs11").newest()
    before = dump(database)
    transit = {**TRANSIT, "transit_url": "https://localhost:1", "transit_token_file": secret}
    refusals: list[tuple[dict[str, Any], str]] = [
        ({}, "the key provider pkcs11, which is not configured; nothing was changed"),
        (transit, "give --key-provider pkcs11, or --key-provider-from pkcs11"),
        ({**named, "pkcs11_label": "another"}, "has no root key labelled another"),
        ({**named, "pkcs11_pin_file": secret}, "the token refuses the PIN"),
    ]
    for options, words in refusals:
        pkcs11.lib(str(MODULE)).reinitialize()
        with pytest.raises(click.ClickException) as refused:
            proved_roots(load(tmp_path, **options), database, clock)
        assert words in str(refused.value)
    assert dump(database) == before
    assert not (tmp_path / "keys" / "root.key").exists()
    again = proved_roots(load(tmp_path, **named), database, clock)
    assert again.provider("pkcs11").newest() == made
    assert Keyring(database, again, AuditLog(), clock).of(1).keks


def dump(database: Database) -> list[Any]:
    """Everything that the database knows of keys."""
    tables = ("keyring_root", "keyring_epoch", "kek", "purpose_key")
    read = [Statement(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]
    return [database.read(None, lambda tx, one=one: tx.all(one)) for one in read]  # type: ignore[misc]
