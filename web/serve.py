"""Serving: Granian in front of the application, its worker processes, and what a first start prints.

The process that the operator starts answers nothing itself. It starts the workers, each a fresh interpreter that builds its own
application, because database connections and locks do not survive a fork. Workers that die are replaced; when this process
dies, however it dies, the kernel kills them.
"""

import ctypes
import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import click
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from web.logs import SPEAKING, configure_logging, failure_line, gather_access_lines
from web.memory import protect_memory

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GRACE_SECONDS = 30
"""How long a worker may take to finish the calls that it has, before it is killed."""

SPARE_THREADS = 4
"""Threads beyond those that work on calls: they answer health checks, and 503, while all others are busy."""

HEADER_TIMEOUT_MS = 10_000

COLLECTED_EVERY = (20_000, 20, 50)
"""Thresholds of the garbage collector in a worker. A batch of a thousand makes some ten thousand objects in no cycle; at Python's
own 700 they are walked again and again, with everything that the application and its caches hold."""

READY_WITHIN_SECONDS = 120
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where and how to listen. `metrics` is the host and port of a separate listener for metrics without credentials."""

    bind: str
    port: int
    workers: int
    threads: int
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    metrics: tuple[str, int] | None = None

    @property
    def url(self) -> str:
        """What a client on this host calls."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)  # noqa: S104 - compared with, not bound
        return f"{'https' if self.tls_cert else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Served:
    """A worker's application, and what to do when it has answered its last call."""

    application: "WSGIApplication"
    close: Callable[[], None]


def serve(listener: Listener, load: Callable[[], Served], *, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; calls that are under way then are finished, for up to 30 seconds.

    `load` builds the application in each worker and must be picklable. `ready` is called once, when the port answers.

    Raises:
        click.ClickException: the port is taken, the address is none of this host, or `load` raised one in a worker.
    """
    refuse_taken_port(listener.bind, listener.port)
    configure_logging()
    multiprocessing.set_start_method("spawn", force=True)
    told, tell = multiprocessing.Pipe(duplex=False)
    faults: list[str] = []
    threading.Thread(target=_end_when_told, args=(told, faults), name="faults", daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="moat-metrics-") as directory:
        if listener.workers > 1 or listener.metrics:
            _share_metrics(directory, listener.metrics)
        threading.Thread(target=_announce, args=(listener, ready), name="announce", daemon=True).start()
        _granian(listener).serve(target_loader=partial(_open, load, os.getpid(), tell), wrap_loader=False)
    if faults:
        raise click.ClickException(faults[0])


def refuse_taken_port(bind: str, port: int) -> None:
    """Find out now, with a clear word, what a worker could only log. Granian's sockets share their port, so that two servers
    on one port would both start, and each would get some of the calls.

    Raises:
        click.ClickException: the port is taken, or the address is none of this host.
    """
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {bind} port {port} ({error.strerror}): stop what does (ss -ltnp 'sport = :{port}' names it), "
                "or choose another port by --port"
            ) from None


def metrics_are_shared() -> bool:
    """Whether this process counts together with others."""
    return SHARED_METRICS in os.environ  # noqa: TID251 - set by `serve` for its workers


def first_lines(listener: Listener, *, keys: Path, bootstrap_file: Path | None) -> str:
    """What a start prints: lines to paste, and where the keys are."""
    shown = keys if keys.is_absolute() else f"./{keys}"
    lines = [f"Moat serves at {listener.url} (documentation: {listener.url}/docs).", ""]
    if bootstrap_file is not None:
        token = bootstrap_file if bootstrap_file.is_absolute() else f"./{bootstrap_file}"
        lines += [
            f"  export MOAT_URL={listener.url}",
            f"  export MOAT_TOKEN=$(cat {token})",
            '  curl -s -H "Authorization: Bearer $MOAT_TOKEN" "$MOAT_URL/v1/whoami"',
            "  moat credential create --name orders --role service",
            "",
            "This credential makes other credentials and nothing else. It expires after 24 hours, and ends when you have made an",
            "administrator's: moat credential create --name YOU --role admin",
        ]
    lines.append(
        f"Back {shown} up apart from the data: without the keys nobody can read it, and with both anybody can."
    )
    return "\n".join(lines)


def _granian(listener: Listener) -> MPServer:
    threads = listener.threads + SPARE_THREADS
    loggers = {name: {"level": "INFO", "handlers": [], "propagate": True} for name in SPEAKING}
    return MPServer(
        "web",
        address=listener.bind,
        port=listener.port,
        interface=Interfaces.WSGI,
        workers=listener.workers,
        blocking_threads=threads,
        backpressure=max(128, 4 * threads),
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig={"formatters": {}, "handlers": {}, "loggers": loggers},
        ssl_cert=listener.tls_cert,
        ssl_key=listener.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        ssl_ca=listener.client_ca,
        ssl_client_verify=listener.client_ca is not None,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    )


def _end_when_told(told: Connection, faults: list[str]) -> None:
    """End this process when a worker says why none can ever begin: starting one after the other would not help."""
    with suppress(EOFError):  # all have ended, and had nothing to say
        faults.append(told.recv())
        os.kill(os.getpid(), signal.SIGTERM)


def _open(load: Callable[[], Served], parent: int, tell: Connection) -> Any:
    """Build the application of a worker, in the worker."""
    configure_logging()
    protect_memory()
    _die_with(parent)
    gc.disable()  # little of what a start makes is thrown away: some megabytes, for a tenth of its time
    try:
        served = load()
    except click.ClickException as error:
        tell.send(error.format_message())
        raise SystemExit(1) from None
    except Exception as error:  # a traceback on standard error would carry its message
        failure_line(error, "")
        raise SystemExit(1) from None
    gc.freeze()
    gc.set_threshold(*COLLECTED_EVERY)
    gc.enable()
    Finalize(None, gather_access_lines(), exitpriority=90)  # after the last call was answered
    Finalize(None, served.close, exitpriority=100)  # multiprocessing ends its children without atexit
    return served.application


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when the one that started it ends; it must not go on serving behind a new one."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _share_metrics(directory: str, listen: tuple[str, int] | None) -> None:
    """Let the workers count in files that each of them, and this process, can read."""
    os.environ[SHARED_METRICS] = directory  # noqa: TID251 - the only way that prometheus-client takes it, and workers inherit it
    if listen is not None:
        refuse_taken_port(*listen)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, directory)  # type: ignore[no-untyped-call]  # untyped upstream
        start_http_server(listen[1], addr=listen[0], registry=registry)


def _announce(listener: Listener, ready: Callable[[], None]) -> None:
    """Wait for the port to answer."""
    host, port = listener.url.partition("://")[2].rpartition(":")[::2]
    until = monotonic() + READY_WITHIN_SECONDS
    while monotonic() < until:
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
        except OSError:
            sleep(0.05)
        else:
            ready()
            return
