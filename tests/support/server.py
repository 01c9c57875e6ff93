"""A real `moat serve` of a test's own: its directories, its processes and credentials for every role.

Everything that the service may write lies in `place`: data, keys, temporary files and what it says. It runs in a process group
of its own, so that it can be killed as a whole, and its processes can be killed one by one.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import httpx

READY_WITHIN_SECONDS = 60.0
ENDED_WITHIN_SECONDS = 40.0
MOAT = Path(sys.executable).with_name("moat")


UNBOUNDED = ("--failure-rate", "0", "--visitor-rate", "0")
"""Tests come from one address, and more often than anybody else."""


class NotServingError(AssertionError):
    """The service did not come up, or did not go down; what it said is in its log."""


class Server:
    """A deployment and, while it runs, its service. Without `database` it is on SQLite, in `place`."""

    def __init__(self, place: Path, database: str | None = None, *, options: Sequence[str] = ()) -> None:
        self.place = place
        self.database = database
        self.data, self.keys, self.temporary = place / "data", place / "keys", place / "tmp"
        self.log = place / "moat.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self._options = tuple(options)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every program of this deployment: nothing of the machine's own settings of Moat."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOAT_", "PYTEST_"))}
        return {**kept, "TMPDIR": str(self.temporary)}

    @property
    def where(self) -> list[str]:
        """The options that name this deployment to `moat audit verify` and its like."""
        return ["--data", str(self.data)] if self.database is None else ["--database", self.database]

    def spawn(self) -> None:
        """Start the service and do not wait for it."""
        stored = ["--data", str(self.data), "--keys", str(self.keys)]
        named = [] if self.database is None else ["--database", self.database]
        command = [str(MOAT), "serve", *stored, *named, "--port", str(self.port), *UNBOUNDED, *self._options]
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(
                command, stdout=said, stderr=said, env=self.environment, cwd=self.place, start_new_session=True
            )

    def start(self) -> None:
        """Start the service and return when it is ready. PostgreSQL is migrated first, as an operator does it."""
        if self.database is not None and not self.log.exists():
            migrated = self.moat("migrate", "--data", str(self.data), "--database", self.database)
            assert migrated.returncode == 0, migrated.stderr.decode()
        self.spawn()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Return when the service says that it can do its work.

        Raises:
            NotServingError: it ended, or was not ready in time.
        """
        until = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=10, trust_env=False).status_code == 200:
                    return
            if not self.running:
                break
            time.sleep(0.02)
        raise NotServingError(f"moat serve is not ready: {self.log.read_text(errors='replace')[-2000:]}")

    @property
    def running(self) -> bool:
        """Whether the process that was started is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def main(self) -> int:
        """Process id of `moat serve` itself."""
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """Process ids of the workers, which are the children that hold the port."""
        found = []
        for child in _children(self.main):
            with suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
        return found

    def kill(self) -> None:
        """SIGKILL to the whole process group: what a power cut is to it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(ENDED_WITHIN_SECONDS)
            self._wait_for_group()

    def kill_main(self) -> None:
        """SIGKILL to `moat serve` alone; its workers must end with it."""
        os.kill(self.main, signal.SIGKILL)
        assert self._process is not None
        self._process.wait(ENDED_WITHIN_SECONDS)
        self._wait_for_group()

    def kill_workers(self) -> int:
        """SIGKILL to the workers; tells how many there were."""
        ended = self.workers()
        for worker in ended:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        return len(ended)

    def kill_worker(self, random: Random) -> None:
        """SIGKILL to one of the workers."""
        with suppress(ProcessLookupError, IndexError):
            os.kill(random.choice(self.workers()), signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, as an operator stops it; the exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(ENDED_WITHIN_SECONDS)

    def wait_ended(self) -> int:
        """The exit status, when the service has ended by itself."""
        assert self._process is not None
        return self._process.wait(READY_WITHIN_SECONDS)

    def credential(self, role: str, **grant: Any) -> str:
        """A new credential of a role, made over HTTP with the one of the first start."""
        first = (self.keys / "bootstrap-credential").read_text().strip()
        body = {"name": f"{role}-{secrets.token_hex(4)}", "role": role, **grant}
        with self.client(first) as client:
            answer = client.post("/v1/credentials", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["credential"])

    def client(self, credential: str | None = None, **options: Any) -> httpx.Client:
        """A client of this service that carries a credential."""
        headers = {} if credential is None else {"Authorization": f"Bearer {credential}"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, **{"timeout": 30, **options})

    def moat(self, *arguments: str, credential: str | None = None) -> "subprocess.CompletedProcess[bytes]":
        """Run a command of `moat` beside the service, in `place`."""
        named = {} if credential is None else {"MOAT_URL": self.url, "MOAT_TOKEN": credential}
        command = [str(MOAT), *arguments]
        environment = {**self.environment, **named}
        return subprocess.run(command, env=environment, cwd=self.place, capture_output=True, check=False, timeout=120)

    def files(self) -> Iterator[Path]:
        """Every file that the deployment left behind."""
        return (path for path in sorted(self.place.rglob("*")) if path.is_file())

    def _wait_for_group(self) -> None:
        """Return when no process of the group is left; killed ones may take a moment to let go of files and port."""
        until = time.monotonic() + ENDED_WITHIN_SECONDS
        while time.monotonic() < until:
            try:
                os.killpg(self.main, 0)
            except ProcessLookupError:
                return
            if all(_is_dead(member) for member in _members(self.main)):
                return
            time.sleep(0.005)
        raise NotServingError("processes of a killed service live on")


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _members(group: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, IndexError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[2]) == group:
                    found.append(int(entry.name))
    return found


def _is_dead(process: int) -> bool:
    """Ended and only waiting for its parent to notice, which in a container may never happen."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True
