"""What only a real connection shows: bodies in pieces, connections that go on after a refusal, and calls at once."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from database.engine import Database
from database.statement import Statement
from tests.conftest import BOTH
from tests.drill.load import Load
from tests.support import postgres
from tests.support.server import Server

BATCH = {"purpose": "delivery", "items": [{"subject": "cust-1", "kind": "phone", "value": "13812345678"}]}
PARALLEL = 24
LOAD_SECONDS = 2.0
"""`make drill` loads for longer."""


class Served:
    """A running service, its database and a service's credential."""

    def __init__(self, server: Server, address: str) -> None:
        self.server = server
        self.address = address
        self.credential = server.credential("service", scopes=["vault:preserving"])

    def count(self, text: str) -> int:
        """The one number that a query gives."""
        database = Database(self.address, pool_size=1)
        try:
            return int(database.read(None, lambda tx: tx.all(Statement(text)))[0][0])
        finally:
            database.dispose()

    def headers(self, **further: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credential}", "Content-Type": "application/json", **further}


@pytest.fixture(scope="module", params=BOTH)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`moat serve` on each database."""
    place = tmp_path_factory.mktemp("served")
    if request.param == "sqlite":
        yield from _running(Server(place), f"sqlite:///{place / 'data' / 'moat.db'}")
        return
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    with cluster.fresh() as name:
        yield from _running(Server(place, cluster.url(name), options=("--workers", "2")), cluster.url(name))


def _running(server: Server, address: str) -> Iterator[Served]:
    server.start()
    try:
        yield Served(server, address)
        assert server.stop() == 0
    finally:
        server.kill()


def test_24_parallel_calls_with_one_value_make_one_row(served: Served) -> None:
    before = served.count("SELECT count(*) FROM record")
    answers: list[Any] = []
    start = threading.Barrier(PARALLEL)

    def call() -> None:
        with served.server.client(served.credential) as client:
            start.wait()
            answers.append(client.post("/v1/tokenize", json=BATCH).json()["items"][0])

    _together([call] * PARALLEL)
    assert len(answers) == PARALLEL
    assert len({answer["token"] for answer in answers}) == 1
    assert sum(answer["created"] for answer in answers) == 1
    assert served.count("SELECT count(*) FROM record") == before + 1


def test_24_parallel_repeats_of_one_call_act_once(served: Served) -> None:
    before = served.count("SELECT count(*) FROM record")
    item = {"subject": "cust-2", "kind": "phone", "value": "13812345678", "mode": "fresh"}
    answers: list[Any] = []
    start = threading.Barrier(PARALLEL)

    def call() -> None:
        with served.server.client(served.credential) as client:
            start.wait()
            sent = {"purpose": "delivery", "items": [item]}
            answers.append(
                client.post("/v1/tokenize", json=sent, headers={"Idempotency-Key": "once"}).json()["items"][0]
            )

    _together([call] * PARALLEL)
    assert len({answer["token"] for answer in answers}) == 1
    assert served.count("SELECT count(*) FROM record") == before + 1


def test_sixteen_writers_fail_never(served: Served) -> None:
    load = Load(served.server, served.credential, seed=1)
    load.run(LOAD_SECONDS)
    assert load.failures == []
    assert load.durations


def test_a_body_in_chunks_is_taken_like_any_other(served: Served) -> None:
    body = json.dumps(BATCH).encode()
    with _connection(served) as connection:
        pieces = iter([body[:10], body[10:11], body[11:]])
        connection.request("POST", "/v1/tokenize", pieces, served.headers(), encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, len(json.loads(answer.read())["items"])) == (200, 1)


def test_a_body_in_chunks_is_bounded_too(served: Served) -> None:
    pieces = (b" " * (1 << 20) for _ in range(20))
    with _connection(served) as connection:
        try:
            connection.request("POST", "/v1/tokenize", pieces, served.headers(), encode_chunked=True)
            status = connection.getresponse().status
        except (BrokenPipeError, ConnectionResetError):
            return  # the service may hang up on whoever goes on sending
    assert status in {400, 413}


def test_a_packed_body_is_not_unpacked(served: Served) -> None:
    with served.server.client(served.credential) as client:
        answer = client.post(
            "/v1/tokenize", content=b"\x1f\x8b\x08", headers=served.headers(**{"Content-Encoding": "gzip"})
        )
    assert answer.status_code in {400, 415}
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET /v1/subjects/\xe6\x9d\x8e\xe9\x9b\xb7 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(64)),
    ],
    ids=["no_host", "nonsense", "raw_utf8_path", "negative_length", "length_and_chunks", "long_header", "tls_hello"],
)
def test_what_is_no_http_gets_a_4xx_or_no_answer_and_harms_nothing(served: Served, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.server.port), timeout=10) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65536)
        except OSError:
            answer = b""
    assert answer == b"" or answer.split(b" ", 2)[1][:1] in {b"2", b"4"}
    with served.server.client() as client:
        assert client.get("/healthz").status_code == 200


def test_a_refusal_that_leaves_the_body_unread_says_that_the_connection_ends(served: Served) -> None:
    body = json.dumps(BATCH).encode()
    with _connection(served) as connection:
        for headers in ({}, {"Authorization": "Bearer no"}, served.headers(**{"Content-Type": "text/plain"})):
            for path in ("/v1/tokenize", "/v1/nothing", "/healthz"):
                connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
                answer = connection.getresponse()
                answer.read()
                assert 400 <= answer.status < 500
                assert answer.will_close  # the client then makes a new connection by itself
        connection.request("POST", "/v1/tokenize", body, served.headers())
        assert connection.getresponse().status == 200


def test_a_second_service_on_the_same_port_is_refused(served: Served, tmp_path: Path) -> None:
    other = Server(tmp_path / "other")
    ended = other.moat("serve", "--data", str(other.data), "--keys", str(other.keys), "--port", str(served.server.port))
    assert ended.returncode != 0
    assert b"cannot listen" in ended.stderr


def _connection(served: Served) -> "closing[http.client.HTTPConnection]":
    return closing(http.client.HTTPConnection("127.0.0.1", served.server.port, timeout=20))


def _together(calls: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_program_that_cannot_be_composed_ends_the_start_in_one_line(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles.yaml"
    profiles.write_text("profiles: {default: {own: {phone: plain}}}")
    server = Server(tmp_path / "place", options=["--masking-profiles", str(profiles)])
    server.spawn()
    assert server.wait_ended() == 1
    said = [line for line in server.log.read_text().splitlines() if line.startswith("Error: ")]
    assert len(said) == 1
    assert said[0].endswith("profiles.default.own.phone: there is no such mask of this kind")
