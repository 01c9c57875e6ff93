"""The yardstick of single calls: a bare Flask endpoint on the product's server, with its settings.

`POST /echo` parses the body and returns the same JSON. `POST /commit` does the same after one durable insert into an
audit-like table of the same kind of database: on SQLite with one connection behind a lock, on PostgreSQL with a connection
for each thread.

    python -m bench.echo PORT WORKERS THREADS DATABASE      DATABASE is a SQLite file or a PostgreSQL address
"""

import sqlite3
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, request

from web.serve import Listener, Served, serve

TABLE = {
    "sqlite": "CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY, body BLOB)",
    "postgresql": "CREATE TABLE audit (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body BYTEA)",
}


def load(database: str) -> Served:
    """The application of one worker."""
    commit = _postgresql(database) if database.startswith("postgresql:") else _sqlite(database)
    app = Flask("echo")

    @app.post("/echo")
    def echo() -> Response:
        return _answer(orjson.loads(request.get_data()))

    @app.post("/commit")
    def commit_and_echo() -> Response:
        body = request.get_data()
        parsed = orjson.loads(body)
        commit(body)
        return _answer(parsed)

    return Served(app, lambda: None)


def _answer(parsed: Any) -> Response:
    return Response(orjson.dumps(parsed), content_type="application/json")


def _sqlite(path: str) -> Callable[[bytes], None]:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(TABLE["sqlite"])
    lock = threading.Lock()

    def commit(body: bytes) -> None:
        with lock:
            connection.execute("INSERT INTO audit (body) VALUES (?)", (body,))

    return commit


def _postgresql(url: str) -> Callable[[bytes], None]:
    own = threading.local()

    def commit(body: bytes) -> None:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(url, autocommit=True)
        own.connection.execute("INSERT INTO audit (body) VALUES (%b)", (body,))

    return commit


def main(port: str, workers: str, threads: str, database: str) -> None:
    """Serve until ended."""
    listener = Listener(bind="127.0.0.1", port=int(port), workers=int(workers), threads=int(threads))
    serve(listener, partial(load, database), ready=lambda: None)


if __name__ == "__main__":
    # Granian's workers are spawned and import `load` by this name, which __main__ would not be there.
    from bench.echo import main as served_by_name

    served_by_name(*sys.argv[1:])
