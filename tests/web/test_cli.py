"""`moat credential`, `moat tenant` and `moat explain`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result
from moat_client.client import Moat

from tests.web.house import House, bearer
from web import cli
from web.local import LocalDesks
from web.principal import Role

Run = Callable[..., Result]


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands on the sample application's database; over HTTP they reach the application in this process."""

    @contextmanager
    def open_locally(*, data: Path | None, keys: Path | None, database: str | None) -> Iterator[LocalDesks]:
        assert data == Path("here") or database is not None
        yield LocalDesks(credentials=house.desk, tenants=house.tenants, occasion=house.occasion)

    wsgi = httpx.WSGITransport(app=house.edge.app)
    monkeypatch.setattr(cli, "Moat", lambda: Moat(transport=wsgi))
    monkeypatch.delenv("MOAT_URL", raising=False)
    monkeypatch.delenv("MOAT_TOKEN", raising=False)
    group = click.Group("moat")
    for command in cli.commands(open_locally):
        group.add_command(command)

    def run(*arguments: str, token: str | None = None) -> Result:
        environment = {} if token is None else {"MOAT_URL": "http://moat.test", "MOAT_TOKEN": token}
        return CliRunner().invoke(group, arguments, env=environment)

    return run


LOCAL = ("--data", "here")


def test_a_credential_is_printed_alone_so_that_a_shell_can_take_it(house: House, run: Run) -> None:
    made = run("credential", "create", "--name", "orders", "--role", "service", *LOCAL)
    assert made.exit_code == 0
    assert house.client.get("/v1/whoami", headers=bearer(made.stdout.strip())).json["name"] == "orders"
    assert "not shown again" in made.stderr


@pytest.mark.parametrize("remote", [False, True])
def test_credentials_are_made_listed_rotated_and_revoked_on_both_ways(house: House, run: Run, remote: bool) -> None:
    token = house.credential(Role.ADMIN, name="root") if remote else None
    where = () if remote else LOCAL
    options = ["--scope", "act_as:courier", "--expires-in", "90d", "--test"]
    first = run(
        "credential", "create", "--name", "orders", "--role", "service", *options, *where, token=token
    ).stdout.strip()
    assert first.startswith("moat_test_")
    who = house.client.get("/v1/whoami", headers=bearer(first)).json
    assert "act_as:courier" in who["scopes"]
    number = str(who["credential"])
    second = run("credential", "rotate", number, "--overlap", "0", *where, token=token).stdout.strip()
    listed = run("credential", "list", *where, token=token)
    assert "orders" in listed.output
    assert "2027-01-31" in listed.output
    assert "moat_" not in listed.output
    assert house.client.get("/v1/whoami", headers=bearer(first)).status_code == 401
    assert house.client.get("/v1/whoami", headers=bearer(second)).status_code == 200
    assert run("credential", "revoke", number, *where, token=token).exit_code == 0
    assert house.client.get("/v1/whoami", headers=bearer(second)).status_code == 401


def test_what_the_operator_does_locally_is_recorded_as_the_operators(house: House, run: Run) -> None:
    run("credential", "create", "--name", "orders", "--role", "service", *LOCAL)
    assert house.entries(tenant=1)[-1]["actor"] == {"kind": "operator", "id": 0, "role": ""}


def test_refusals_are_one_line(house: House, run: Run) -> None:
    root = house.credential(Role.ADMIN, name="root")
    for where, token in ((LOCAL, None), ((), root)):
        refused = run("credential", "create", "--name", "root", "--role", "service", *where, token=token)
        assert refused.exit_code == 1
        assert refused.stdout == ""
        assert len(refused.stderr.splitlines()) == 1
    assert run("credential", "revoke", "99", *LOCAL).exit_code == 1
    assert run("credential", "list", "--tenant", "nobody", *LOCAL).exit_code == 2


def test_without_a_way_the_command_names_both(run: Run) -> None:
    said = run("credential", "list")
    assert said.exit_code == 2
    assert "MOAT_URL" in said.stderr
    assert "--data" in said.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("--name", "a b", "--role", "service"),
        ("--name", "a", "--role", "king"),
        ("--name", "a", "--role", "service", "--scope", "everything"),
        ("--name", "a", "--role", "service", "--expires-in", "soon"),
        ("--name", "a", "--role", "service", "--expires-in", "1s"),
    ],
)
def test_wrong_options_are_usage_errors(run: Run, wrong: tuple[str, ...]) -> None:
    assert run("credential", "create", *wrong, *LOCAL).exit_code == 2


def test_a_tenant_is_made_on_the_host(house: House, run: Run) -> None:
    assert run("tenant", "create", "north", "--region", "HK", *LOCAL).exit_code == 0
    north = house.tenants.number_of("north")
    assert run("credential", "create", "--name", "a", "--role", "admin", "--tenant", "north", *LOCAL).exit_code == 0
    assert [one.name for one in house.desk.page(north or 0, house.occasion(), after=0, limit=9)] == ["a"]
    assert run("tenant", "create", "north", *LOCAL).exit_code == 1
    assert run("tenant", "create", "North Side", *LOCAL).exit_code == 2


def test_explain_asks_the_service_about_a_request(house: House, run: Run) -> None:
    said = run("explain", "01a19b45-b800-7e60-bd8a-0e662b04a405", token=house.credential())
    assert said.exit_code == 1
    assert "not_found" in said.stderr
