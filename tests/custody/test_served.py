"""`moat serve` with its root key in a software token and in transit: through restarts, moves and outages."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from audit.entry import Actor, ActorKind
from database.engine import Database
from database.statement import Statement
from tests.custody.conftest import token_provider
from tests.support import postgres
from tests.support.server import Server
from tests.support.soft_token import SoftToken
from tests.support.transit_stand_in import TransitStandIn
from tests.web.certificates import Authority
from vault.errors import RootKeyError
from vault.provider_cli import MoveHost

KEPT_SECONDS = 3
IN_A_ROW = 20
PATIENCE_SECONDS = 120.0


class Deployment:
    """A service that is started again with other options, on one database, and what it holds."""

    def __init__(self, place: Path, database: str | None) -> None:
        self._place = place
        self._database = database
        self.server = Server(place, database)
        self.credential = ""
        self.people: list[Path] = []
        self.tokens: dict[str, str] = {}

    def start(self, *options: str, ready: bool = True) -> None:
        """Start with the options given; wait until it is ready, or only until it lives."""
        made = self.server.log.exists()
        self.server = Server(self._place, self._database, options=options)
        if self._database is not None and not made:
            self.server.moat("migrate", "--data", str(self.server.data), "--database", self._database)
        self.server.spawn()
        until(self._answers)
        if ready:
            self.server.wait_ready()
            self.introduce_people()

    def introduce_people(self) -> None:
        """Make credentials, once: of a service, and of two people who may decide."""
        if not self.credential:
            self.credential = self.server.credential("service")
            self.people = [self._person("operator"), self._person("admin")]

    def stop(self) -> None:
        assert self.server.stop() == 0

    def tokenize(self, value: str) -> httpx.Response:
        item = {"subject": f"cust-{value[-4:]}", "kind": "phone", "value": value}
        with self.server.client(self.credential) as client:
            answer = client.post("/v1/tokenize", json={"purpose": "delivery", "ref": "order:o-1", "items": [item]})
        if answer.status_code == 200:
            self.tokens[value] = answer.json()["items"][0]["token"]
        return answer

    def detokenize(self) -> httpx.Response:
        body = {"purpose": "delivery", "ref": "order:o-1", "view": "plain", "items": [*self._items()]}
        with self.server.client(self.credential) as client:
            return client.post("/v1/detokenize", json=body)

    def reads_all(self) -> bool:
        """Whether everything that was ever stored is read."""
        answer = self.detokenize()
        assert answer.status_code == 200, answer.text
        return [item.get("value") for item in answer.json()["items"]] == list(self.tokens)

    def readiness(self) -> tuple[int, Any]:
        with self.server.client() as client:
            assert client.get("/healthz").status_code == 200
            answer = client.get("/readyz")
        if answer.status_code == 200:
            return 200, answer.json()["warnings"]
        return answer.status_code, {error["field"]: error["code"] for error in answer.json()["errors"]}

    @property
    def where(self) -> list[str]:
        """The options that name this deployment to a command on its host."""
        named = [] if self._database is None else ["--database", self._database]
        return ["--data", str(self.server.data), "--keys", str(self.server.keys), *named]

    def migrate(self, to: str, options: list[str]) -> str:
        """`moat keys provider migrate`, again until it has gone through; what it said at last."""
        both = ["--first", str(self.people[0]), "--second", str(self.people[1]), "--destroy-old"]
        said = ""

        def moved() -> bool:
            nonlocal said
            ran = self.server.moat("keys", "provider", "migrate", "--to", to, *both, *self.where, *options)
            said = (ran.stdout + ran.stderr).decode()
            return ran.returncode == 0 or "run this again" not in said

        until(moved)
        return said

    def _person(self, role: str) -> Path:
        file = self._place / f"{role}.credential"
        file.write_text(self.server.credential(role))
        return file

    def _items(self) -> Iterator[dict[str, str]]:
        return ({"token": token} for token in self.tokens.values())

    def _answers(self) -> bool:
        assert self.server.running, self.server.log.read_text(errors="replace")[-2000:]
        try:
            with self.server.client() as client:
                return client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False


def until(happened: Callable[[], bool]) -> None:
    """Return when it has happened; fail when it does not within two minutes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def until_everywhere(happened: Callable[[], bool]) -> None:
    """Return when it happens whichever worker is asked."""
    until(lambda: all(happened() for _ in range(IN_A_ROW)))


@pytest.fixture
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """A deployment that has not been started, on the database that the test is marked with."""
    with ExitStack() as held:
        database = None
        if request.param == "postgresql":
            cluster: postgres.Cluster = request.getfixturevalue("cluster")
            database = cluster.url(held.enter_context(cluster.fresh("template1")))
        made = Deployment(tmp_path / "service", database)
        yield made
        made.server.kill()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[TransitStandIn]:
    """A transit engine over TLS, in a namespace."""
    authority = Authority(tmp_path, "authority")
    with TransitStandIn(authority.issue("localhost"), namespace="moat") as running:
        yield running


@pytest.fixture
def transit(engine: TransitStandIn, tmp_path: Path) -> list[str]:
    """The options of transit, with a login of its own."""
    role, secret = engine.role()
    file = tmp_path / "secret-id"
    file.write_text(secret)
    file.chmod(0o600)
    where = ["--transit-url", engine.url, "--transit-ca-file", str(tmp_path / "authority.pem")]
    login = ["--transit-role-id", role, "--transit-secret-id-file", str(file)]
    return ["--key-provider", "transit", *where, "--transit-namespace", "moat", *login]


@contextmanager
def readers(deployment: Deployment) -> Iterator[list[str]]:
    """Somebody who reads and writes all the while; what went wrong."""
    stop, wrong = threading.Event(), list[str]()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            written = deployment.tokenize(f"139{number:08d}")
            read = deployment.detokenize()
            for answer in (written, read):
                if answer.status_code != 200 or "error" in json.dumps(answer.json()):
                    wrong.append(answer.text)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield wrong
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_a_deployment_moves_from_a_file_to_a_token_to_transit_while_it_is_used(
    deployment: Deployment, token: SoftToken, engine: TransitStandIn, transit: list[str]
) -> None:
    named = token.options[2:]
    deployment.start(*named, "--key-provider", "file", "--key-provider-from", "pkcs11")
    assert deployment.tokenize("13812345678").status_code == 200
    with readers(deployment) as wrong:
        said = deployment.migrate("pkcs11", [*token.options, "--key-provider-from", "file"])
    assert "every key is wrapped by root key" in said, said
    assert "of file was destroyed" in said
    assert not (deployment.server.keys / "root.key").exists()
    deployment.stop()
    both = [*named, *transit, "--key-provider-from", "pkcs11"]
    deployment.start(*both)
    assert deployment.reads_all()
    with readers(deployment) as also_wrong:
        said = deployment.migrate("transit", both)
    assert "of pkcs11 was destroyed" in said, said
    deployment.stop()
    with pytest.raises(RootKeyError):
        token_provider(token).newest()
    deployment.start(*transit)
    assert deployment.reads_all()
    assert [*wrong, *also_wrong] == []
    assert sorted(engine.engine.keys) == ["moat"]
    deployment.stop()


@pytest.mark.parametrize("deployment", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_service_whose_provider_is_away_says_so_uses_what_it_has_for_a_while_and_opens_by_itself(
    deployment: Deployment, engine: TransitStandIn, transit: list[str]
) -> None:
    engine.state = "sealed"
    deployment.start(*transit, ready=False)
    assert deployment.readiness()[1]["key_provider"] == "sealed"
    assert not engine.engine.keys
    engine.state = "active"
    until_everywhere(lambda: deployment.readiness()[0] == 200)
    deployment.introduce_people()
    assert deployment.tokenize("13812345678").status_code == 200
    deployment.stop()

    engine.down()
    deployment.start(*transit, "--keys-kept-seconds", str(KEPT_SECONDS), ready=False)
    assert deployment.readiness()[1]["key_provider"] == "unreachable"
    for answer in (deployment.detokenize(), deployment.tokenize("13987654321")):
        assert (answer.status_code, answer.json()["code"]) == (503, "keys_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    before = token_versions(deployment)
    engine.up()
    until_everywhere(lambda: deployment.readiness()[0] == 200)
    until_everywhere(lambda: deployment.tokenize("13987654321").status_code == 200)
    until_everywhere(lambda: deployment.detokenize().status_code == 200)
    assert deployment.reads_all()
    assert token_versions(deployment) == before + 1

    engine.down()
    until(lambda: "key_provider_away" in deployment.readiness()[1])
    until_everywhere(lambda: deployment.detokenize().status_code == 503)
    assert deployment.detokenize().json()["code"] == "keys_unavailable"
    until_everywhere(lambda: deployment.readiness()[0] == 503)
    engine.up()
    engine.roles.clear()
    engine.tokens.clear()
    until(lambda: "denied" in deployment.readiness()[1].values())
    deployment.stop()


def token_versions(deployment: Deployment) -> int:
    """How many versions the token key of the tenant has."""
    database = Database(deployment.server.database or "")
    try:
        rows = database.read(None, lambda tx: tx.all(Statement("SELECT id FROM purpose_key WHERE usage = 'token'")))
        return len(rows)
    finally:
        database.dispose()


def test_a_move_takes_two_persons_whose_roles_may_decide_it() -> None:
    holders = {
        name: Actor(ActorKind.CREDENTIAL, number, role)
        for number, (name, role) in enumerate([("alice", "admin"), ("bob", "operator"), ("orders", "service")])
    }
    host = MoveHost(move=None, holder=holders.get, why=lambda _: "")  # type: ignore[arg-type]
    assert host.decision("alice\n", "bob").by_two
    for first, second, words in (
        ("alice", "alice", "two persons"),
        ("alice", "orders", "roles admin or operator"),
        ("nobody", "bob", "roles admin or operator"),
    ):
        with pytest.raises(click.ClickException, match=words):
            host.decision(first, second)
