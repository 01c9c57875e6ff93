"""Settings, and what they refuse."""

import os
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from settings import UNLISTED, Settings, load, options


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:

    for name in list(os.environ):
        if name.startswith(("MOAT_", "PG")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cert.pem").touch()
    (tmp_path / "key.pem").touch()


def test_the_defaults_are_sqlite_on_loopback() -> None:
    settings = load()
    assert (settings.bind, settings.port, settings.default_region) == ("127.0.0.1", 8080, "CN")
    assert settings.database_url == "sqlite:///data/moat.db"
    assert settings.worker_count == 1
    assert settings.bootstrap_file == Path("keys/bootstrap-credential")


def test_variables_are_read_and_options_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOAT_PORT", "9000")
    monkeypatch.setenv("MOAT_THREADS", "8")
    monkeypatch.setenv("MOAT_EGRESS_ALLOW", "https://a.example, https://b.example")
    monkeypatch.setenv("MOAT_BEHIND_PROXY", "10.0.0.0/8,fd00::/8")
    monkeypatch.setenv("MOAT_URL", "http://elsewhere")
    settings = load(port="9001", threads=None)
    assert (settings.port, settings.threads) == (9001, 8)
    assert settings.egress_allow == ("https://a.example", "https://b.example")
    assert [str(network) for network in settings.behind_proxy] == ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"port": "eighty"}, "--port (MOAT_PORT)"),
        ({"port": 0}, "--port"),
        ({"default_region": "China"}, "--default-region"),
        ({"behind_proxy": ["10.0.0.1/8"]}, "--behind-proxy"),
        ({"bind": "0.0.0.0"}, "without TLS"),
        ({"bind": "192.168.1.5"}, "without TLS"),
        ({"bind": "moat.example.com"}, "without TLS"),
        ({"tls_cert": "cert.pem"}, "go together"),
        ({"client_ca": "cert.pem"}, "--client-ca needs"),
        ({"tls_cert": "none.pem", "tls_key": "key.pem"}, "there is no file none.pem"),
        ({"keys": "data/keys"}, "must lie apart"),
        ({"keys": "data"}, "must lie apart"),
        ({"data": "keys/data"}, "must lie apart"),
        ({"data": "x/../keys"}, "must lie apart"),
        ({"shred_ledger": "data"}, "must lie apart"),
        ({"shred_ledger": "data/ledger"}, "must lie apart"),
        ({"policy_dir": "none"}, "there is no directory"),
        ({"database": "mysql://localhost/x"}, "PostgreSQL"),
        ({"database": "no url"}, "--database is a URL"),
        ({"database": "postgresql://moat:pass@db.example.com/moat"}, "verify-full"),
        ({"database": "postgresql://moat:pass@db.example.com/moat?sslmode=require"}, "verify-full"),
        ({"database": "postgresql:///moat?host=db.example.com"}, "verify-full"),
        ({"database": "postgresql://localhost/moat?hostaddr=203.0.113.9"}, "verify-full"),
        ({"database": "postgresql:///moat?service=prod"}, "service file"),
        ({"workers": 2}, "one worker"),
        ({"metrics_listen": "9100"}, "HOST:PORT"),
    ],
)
def test_what_is_wrong_or_unsafe_is_refused_in_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(click.UsageError) as refused:
        load(**given)
    assert said in refused.value.message
    assert "\n" not in refused.value.message
    assert "pass" not in refused.value.message


@pytest.mark.parametrize(
    "given",
    [
        {"bind": "0.0.0.0", "tls_cert": "cert.pem", "tls_key": "key.pem"},
        {"bind": "0.0.0.0", "behind_proxy": ["10.0.0.0/8"]},
        {"bind": "::1"},
        {"bind": "localhost"},
        {"keys": "data-keys"},
        {"database": "postgresql://moat@localhost/moat", "workers": 4},
        {"database": "postgresql:///moat?host=/run/postgresql"},
        {"database": "postgresql://moat@db.example.com/moat?sslmode=verify-full"},
        {"metrics_listen": "[::1]:9100"},
    ],
)
def test_what_is_safe_is_accepted(given: dict[str, Any]) -> None:
    load(**given)


def test_a_remote_host_from_the_environment_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example.com")
    with pytest.raises(click.UsageError, match="verify-full"):
        load(database="postgresql:///moat")


def test_postgresql_gets_a_worker_for_each_core_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    assert load(database="postgresql:///moat").worker_count == 6
    assert load(database="postgresql:///moat", workers=2).worker_count == 2


def test_a_password_in_the_database_url_is_not_printed() -> None:
    settings = load(database="postgresql://moat:hunter2@localhost/moat")
    assert "hunter2" not in f"{settings!r} {settings}"
    assert "hunter2" in settings.database_url


def test_every_setting_that_is_no_secret_is_an_option_with_a_help_text() -> None:
    @click.command()
    @options
    def serve(**given: Any) -> None:
        click.echo(load(**given).model_dump_json())

    shown = CliRunner().invoke(serve, ["--help"]).output
    for name, field in Settings.model_fields.items():
        assert (f"--{name.replace('_', '-')} " in shown) == (name not in UNLISTED)
        assert field.description
    run = CliRunner().invoke(
        serve, ["--port", "81", "--behind-proxy", "10.0.0.0/8", "--behind-proxy", "192.168.0.0/16"]
    )
    assert '"port":81' in run.output
    assert '"192.168.0.0/16"' in run.output
    refused = CliRunner().invoke(serve, ["--bind", "0.0.0.0"])
    assert refused.exit_code == 2
    assert "Error: listening on 0.0.0.0 without TLS" in refused.output
