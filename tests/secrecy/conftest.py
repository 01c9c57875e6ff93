"""One deployment on each database that has been through everything: the tour, the sweep, failures, the command line, a crash."""

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from database.columns import metadata
from database.engine import Database
from database.statement import Statement
from database.transaction import Row, Transaction
from tests.conftest import BOTH
from tests.secrecy.adapter_tour import RELAY_URL
from tests.secrecy.canary import CANARIES, CUSTOMER
from tests.secrecy.command_line import run_clients, run_on_host
from tests.secrecy.exchange import Exchange, Recorder, raw
from tests.secrecy.sweep import Sweep
from tests.secrecy.tour import Tour
from tests.support import postgres
from tests.support.receiver import Receiver, receiving
from tests.support.server import Server

MESSAGES = "messages.jsonl"
"""Where messages go: to the people, and so no part of what the service keeps."""


@dataclass
class Remains:
    """What is left: answers, places on disk, rows, what commands printed, and which operations were called."""

    server: Server
    address: str
    exchanges: list[Exchange]
    operations: set[str]
    toured: set[str]
    swept: set[str]
    failed_inside: int
    printed: bytes
    others: list[Path] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def files(self) -> Iterator[Path]:
        """Everything that the service, its database and its commands keep."""
        yield from self.server.files()
        for place in self.others:
            yield from (path for path in sorted(place.rglob("*")) if path.is_file())

    def rows(self) -> bytes:
        """Every row of every table as text: a database may store compressed what it gives out as it was."""
        database = Database(self.address, pool_size=1)
        try:
            tables = [database.read(None, partial(_all_of, name)) for name in sorted(metadata.tables)]
        finally:
            database.dispose()
        return b"\n".join(
            bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
            for rows in tables
            for row in rows
            for cell in row
        )


@pytest.fixture(scope="module", params=BOTH)
def remains(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remains]:
    """A deployment after everything, killed in the middle of writing, started again and stopped."""
    place = tmp_path_factory.mktemp("secrecy")
    with receiving() as receiver:
        yield from _remains(request.param, place, receiver)


def _remains(dialect: str, place: Path, receiver: Receiver) -> Iterator[Remains]:
    options = (
        "--egress-internal",
        receiver.origin,
        "--messenger",
        f"file:{place / MESSAGES}",
        "--relay-url",
        RELAY_URL,
    )
    if dialect == "sqlite":
        server = Server(place / "moat", options=options)
        file = server.data / "moat.db"
        yield _live(server, receiver, f"sqlite:///{file}", place, [], partial(_in_sqlite, file))
        return
    cluster = postgres.start(watched=os.getpid())
    with cluster.fresh() as name:
        server = Server(place / "moat", cluster.url(name), options=("--workers", "2", *options))
        with cluster.as_superuser(name) as superuser:
            alter = partial(_in_postgresql, superuser)
            remains = _live(server, receiver, cluster.url(name), place, [Path(cluster.directory)], alter)
            superuser.execute("CHECKPOINT")
        yield remains


def _in_sqlite(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.execute(statement)


def _in_postgresql(superuser: "psycopg.Connection[Any]", statement: str) -> None:
    superuser.execute(statement.encode())


def _live(
    server: Server, receiver: Receiver, address: str, place: Path, others: list[Path], alter: Callable[[str], object]
) -> Remains:
    server.start()
    try:
        with server.client(timeout=60, limits=httpx.Limits(max_keepalive_connections=0)) as client:
            recorder = Recorder(client)
            document: dict[str, Any] = client.get("/openapi.json").json()
            tour = Tour(server, recorder, receiver.origin, place / MESSAGES)
            tour.go()
            toured = _operations(document, recorder.exchanges)
            sweep = Sweep(recorder, document, tour.credentials)
            sweep.go()
            failed = _fail_inside(recorder, alter, tour.credentials)
            recorder.call("GET", "/metrics", credential=tour.credentials["operator"])
            printed = run_on_host(server, place / "host")
            if server.database is None:
                printed += run_clients(server, place / "files", tour)
        _crash(server, tour.credentials["service"])
        server.start()
        server.stop()
    finally:
        server.kill()
    operations = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    remains = Remains(server, address, recorder.exchanges, operations, toured, sweep.swept, failed, printed, [*others])
    remains.secrets += [*tour.person.secrets, *tour.staff.secrets, *tour.consoles.secrets]
    return remains


def _operations(document: dict[str, Any], exchanges: list[Exchange]) -> set[str]:
    """The operations that were called by somebody who may."""
    found = set()
    for template, methods in document["paths"].items():
        named = re.escape(template).replace(r"\{path\}", ".+")
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", named))
        for exchange in exchanges:
            method, _, path = exchange.call.partition(" ")
            called = pattern.fullmatch(path.partition("?")[0]) and method.lower() in methods
            if called and exchange.status not in {401, 403}:
                found.add(methods[method.lower()]["operationId"])
    return found


def _fail_inside(recorder: Recorder, alter: Callable[[str], object], credentials: dict[str, str]) -> int:
    """Calls while a table is missing: every one ends in an error that nobody foresaw. How many did."""
    before = len(recorder.exchanges)
    alter("ALTER TABLE record_use RENAME TO record_use_away")
    try:
        for canary in CANARIES:
            item = {"subject": CUSTOMER, "kind": canary.kind, "value": canary.writings[0]}
            headers = {"Content-Type": "application/json", "Idempotency-Key": f"inside-{canary.kind}"}
            sent = {
                "tokenize": {"purpose": canary.purpose, "items": [item]},
                "tokenize/stream": {**item, "purpose": canary.purpose},
            }
            for path, body in sent.items():
                service = credentials["service"]
                recorder.attempt("POST", f"/v1/{path}", credential=service, headers=headers, content=raw(body))
    finally:
        alter("ALTER TABLE record_use_away RENAME TO record_use")
    return sum(exchange.status >= 500 for exchange in recorder.exchanges[before:])


def _crash(server: Server, credential: str) -> None:
    """SIGKILL while eight writers send canaries."""
    stopped = threading.Event()
    acknowledged = threading.Semaphore(0)

    def write(number: int) -> None:
        with server.client(credential) as client:
            while not stopped.is_set():
                canary = CANARIES[number % len(CANARIES)]
                item = {"subject": CUSTOMER, "kind": canary.kind, "value": canary.writings[0], "mode": "fresh"}
                try:
                    client.post("/v1/tokenize", json={"purpose": canary.purpose, "items": [item] * 20})
                except httpx.TransportError:
                    return
                acknowledged.release()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for _ in range(20):
        acknowledged.acquire(timeout=10)
    server.kill()
    stopped.set()
    for writer in writers:
        writer.join()


def _all_of(table: str, tx: Transaction) -> list[Row]:
    return tx.all(Statement(f"SELECT * FROM {table}"))
