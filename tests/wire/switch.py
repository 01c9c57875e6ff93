"""A real switch of a test's own: kamailio, rtpengine and redis as `deploy/kamailio/install --prefix` writes them and `run` runs
them, on ports that nobody else uses."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy" / "kamailio"
READY_WITHIN_SECONDS = 20.0
ENDED_WITHIN_SECONDS = 15.0
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Control:
    """Where a switch takes orders to end calls, and the file of the secret for it."""

    port: int
    secret: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


class Switch:
    """A running switch. `peers` may bring calls, which go on to `trunk`. With `hangup` it can be told to end them."""

    def __init__(
        self,
        place: Path,
        service: str,
        credential: str,
        *,
        trunk: str,
        peers: Sequence[str],
        hidden: bool = True,
        hangup: Control | None = None,
    ) -> None:
        self.place, self.port = place, udp_port(HOST)
        self.address = f"{HOST}:{self.port}"
        first = media_ports()
        self.media = range(first, first + 200)
        place.mkdir(parents=True)
        secret = place / "credential"
        secret.write_text(credential)
        named = {"--service": service, "--credential": str(secret), "--listen": self.address, "--trunk": trunk}
        named |= {"--rtpengine": f"{HOST}:{udp_port(HOST)}", "--media-ports": f"{first}-{first + 199}"}
        named |= {"--per-caller": "100", "--prefix": str(place)}
        if hangup is not None:
            named |= {"--hangup": str(hangup.port), "--hangup-secret": str(hangup.secret)}
        options = [word for option in named.items() for word in option]
        further = [word for peer in peers for word in ("--peer", peer)]
        subprocess.run([DEPLOY / "install", "--no-start", *options, *further], check=True, stdout=subprocess.DEVNULL)
        secret.unlink()
        defined = [] if hidden else ["-A", "NOT_HIDDEN"]
        with (place / "run.log").open("wb") as said:
            self._process = subprocess.Popen(
                [DEPLOY / "run", place, *defined], stdout=said, stderr=said, start_new_session=True
            )
        self._wait_ready()

    @property
    def host(self) -> str:
        """Where it is."""
        return HOST

    @property
    def running(self) -> bool:
        """Whether all of it is."""
        return self._process.poll() is None

    def said(self) -> str:
        """All that the three programs have logged."""
        logs = [*(self.place / "run").glob("*.log"), self.place / "run.log"]
        return "\n".join(log.read_text(errors="replace") for log in logs)

    def kill(self, program: str) -> None:
        """SIGKILL to one of the three."""
        os.kill(int((self.place / "run" / f"{program}.pid").read_text()), signal.SIGKILL)

    def stop(self) -> None:
        """End all of it."""
        self._process.terminate()
        try:
            self._process.wait(ENDED_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _wait_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN_SECONDS
        while not bound(HOST, self.port):
            running = self._process.poll() is None
            assert running, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.05)


def bound(host: str, port: int) -> bool:
    """Whether a UDP port is taken, by the kernel's own list: to try it would be to take it from somebody for a moment."""
    address = int.from_bytes(socket.inet_aton(host), sys.byteorder)
    wanted = {f"{one:08X}:{port:04X}" for one in (address, 0)}
    return any(line.split()[1] in wanted for line in Path("/proc/net/udp").read_text().splitlines()[1:])


def udp_port(host: str) -> int:
    """A UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def media_ports() -> int:
    """The first of 200 UDP ports in a row, below those that systems give out by themselves; an even one."""
    for first in range(20_000, 32_000, 200):
        if not any(bound(HOST, first + offset) for offset in (0, 1, 2, 3, 100, 198)):
            return first
    raise AssertionError("no ports for voice are free")
