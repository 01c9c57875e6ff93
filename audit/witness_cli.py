"""`moat audit witness`: the small service of a witness, for a host that its log's operator does not hold."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
from moat_verifier.errors import CannotCheckError
from moat_verifier.note import ED25519, VerifierKey
from nacl.utils import random

from audit.errors import MalformedError
from audit.witness import BODY_BYTES_AT_MOST, Reply, Witness, WitnessKey
from audit.witness_state import WitnessState

IDLE_SECONDS = 15
_CHECKPOINT = "/checkpoint"


def witness_command(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> click.Command:  # noqa: TID251 - the clock's edge
    """The command that serves a witness."""

    @click.command("witness")
    @click.option(
        "--state", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where it remembers."
    )
    @click.option("--key", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File of its key.")
    @click.option("--name", help="Name of the key, such as witness.example.com/w1; makes the key if there is none.")
    @click.option("--log", "logs", multiple=True, required=True, help="Key (vkey) of a log to cosign. Repeatable.")
    @click.option("--listen", default="127.0.0.1:8090", show_default=True, help="HOST:PORT.")
    def witness(state: Path, key: Path, name: str | None, logs: tuple[str, ...], listen: str) -> None:
        """Cosign the checkpoints of logs, each of one history only (c2sp.org/tlog-witness)."""
        try:
            own = _own_key(key, name)
            trusted = [_log_key(text) for text in logs]
        except (MalformedError, CannotCheckError) as refused:
            raise click.ClickException(str(refused)) from None
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        served = Witness(key=own, logs=trusted, state=WitnessState(state), now=now)
        with WitnessServer(served, _address(listen)) as server:
            click.echo(f"witness {own.verifier}\nlistening on http://{listen}")
            server.serve_forever()

    return witness


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness, a thread for each connection. Addresses of both prefixes are the root."""

    daemon_threads = True

    def __init__(self, witness: Witness, address: tuple[str, int]) -> None:
        self.witness = witness
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "moat-witness"
    sys_version = ""
    timeout = IDLE_SECONDS
    server: WitnessServer

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_AT_MOST:
            self.close_connection = True
            self._answer(Reply(400))
            return
        body = self.rfile.read(int(length))
        if self.path != "/add-checkpoint":
            self._answer(Reply(404))
            return
        try:
            reply = self.server.witness.add_checkpoint(body)
        except OSError:
            reply = Reply(500)
        self._answer(reply)

    def do_GET(self) -> None:
        known = self.path.startswith("/") and self.path.endswith(_CHECKPOINT)
        self._answer(self.server.witness.checkpoint(self.path[1 : -len(_CHECKPOINT)]) if known else Reply(404))

    def _answer(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        """Nothing: a witness keeps what it signed, not who asked."""


def _own_key(path: Path, name: str | None) -> WitnessKey:
    """The key of the file, made under `name` if there is none.

    Raises:
        MalformedError: the file holds no key, or another name's, or there is none and no name.
    """
    if path.exists():
        key = WitnessKey.parse(path.read_text("utf-8"))
        if name is not None and key.verifier.name != name:
            raise MalformedError("the key's file is of another name")
        return key
    if name is None:
        raise MalformedError("there is no key: give it a --name to make one")
    key = WitnessKey(name, random(32))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(key.written())
        file.flush()
        os.fsync(handle)
    return key


def _log_key(text: str) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.kind != ED25519:
        raise MalformedError("a log's key is of type 0x01")
    return key


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter("is HOST:PORT", param_hint="--listen")
    return host.strip("[]"), int(port)
