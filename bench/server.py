"""Servers that a benchmark starts in processes of their own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.http_load import Connection, Target

BENCH_SCOPES = ["vault:preserving", "act_as:courier", "relay:route", "relay:calls"]
_START_SECONDS = 60
_STOP_SECONDS = 40


@dataclass(frozen=True, slots=True)
class Product:
    """A served deployment and credentials of the roles `service`, `operator` and `admin`."""

    port: int
    token: str
    operator: str
    admin: str

    def operation(self, path: str) -> Target:
        return Target(self.port, path, self.token)


@contextmanager
def product(directory: Path, database: str | None) -> Iterator[Product]:
    """`moat serve` with its own settings, on SQLite in `directory` or on the PostgreSQL database at `database`."""
    port = free_port()
    directory.mkdir()
    moat = Path(sys.executable).with_name("moat")
    options = ["--data", "data", "--keys", "keys", *(["--database", database] if database else [])]
    if database:
        subprocess.run([moat, "migrate", "--database", database], cwd=directory, check=True, stdout=subprocess.DEVNULL)
    with served([str(moat), "serve", "--port", str(port), *options], port, directory):
        bootstrap = directory / "keys" / "bootstrap-credential"
        service = _credential(port, bootstrap, {"name": "bench", "role": "service", "scopes": BENCH_SCOPES})
        operator = _credential(port, bootstrap, {"name": "bench-operator", "role": "operator"})
        yield Product(port, service, operator, _credential(port, bootstrap, {"name": "bench-admin", "role": "admin"}))


@contextmanager
def echo(directory: Path, *, database: str, workers: int, threads: int) -> Iterator[int]:
    """The yardstick's server (bench.echo), and its port. An empty `database` is none."""
    port = free_port()
    directory.mkdir()
    command = [sys.executable, "-m", "bench.echo", str(port), str(workers), str(threads), database]
    with served(command, port, directory, python_path=Path(__file__).parents[1]):
        yield port


@contextmanager
def served(command: Sequence[str], port: int, directory: Path, python_path: Path | None = None) -> Iterator[None]:
    """Run a server until its port answers, and end it afterwards. Its lines go to files in `directory`."""
    surroundings = None if python_path is None else {"PYTHONPATH": str(python_path), "PATH": ""}
    with (directory / "out.log").open("wb") as out, (directory / "err.log").open("wb") as err:
        process = subprocess.Popen(command, cwd=directory, stdout=out, stderr=err, env=surroundings)
    try:
        _await(port, process, directory)
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _await(port: int, process: "subprocess.Popen[bytes]", directory: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError((directory / "err.log").read_text(errors="replace")[-2000:])


def _credential(port: int, bootstrap: Path, asked: dict[str, object]) -> str:
    """Make a credential that the benchmark calls with, as an administrator would."""
    target = Target(port, "/v1/credentials", bootstrap.read_text().strip())
    connection = Connection(port)
    try:
        answer = orjson.loads(connection.call(target.request(orjson.dumps(asked))))
    finally:
        connection.close()
    return str(answer["credential"])
