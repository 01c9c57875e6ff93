"""Runs a PostgreSQL server of its own for as long as another process lives.

    python -m tests.support.postgres_keeper WATCHED_PID DIRECTORY BINARIES fast|durable

It makes the cluster in DIRECTORY, starts it on a Unix socket there and returns once connections are taken. What stays
behind watches WATCHED_PID through a pidfd, so that however that process ends — by itself, Ctrl-C, kill -9 — the server
stops and the directory goes. PostgreSQL refuses to run as root: started by root, it runs as the user `postgres`.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SUPERUSER = "postgres"
DEADLINE_SECONDS = 30.0
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""Settings under which a crash loses data, which tests that crash nothing need not fear."""


def main(watched: int, directory: Path, binaries: Path, durability: str) -> None:
    """Start the server; in the process that stays, keep it until `watched` ends."""
    pidfd = os.pidfd_open(watched)
    account = _unprivileged(directory)
    subprocess.run(
        [binaries / "initdb", "-D", directory / "cluster", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-locale",
         "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, **account,
    )  # fmt: skip
    taken, told = os.pipe()
    if os.fork() != 0:
        os.close(told)
        ready = os.read(taken, 1)
        sys.exit(0 if ready else "the PostgreSQL server did not start; see its log")
    os.setsid()
    settings = (
        "listen_addresses=",
        f"unix_socket_directories={directory}",
        "max_connections=300",
        "deadlock_timeout=200ms",
        "log_min_messages=fatal",
    )
    flags = [flag for setting in (*settings, *(FAST if durability == "fast" else ())) for flag in ("-c", setting)]
    server = subprocess.Popen([binaries / "postgres", "-D", directory / "cluster", *flags], **account)
    try:
        if _accepts(binaries, directory, server):
            os.write(told, b"1")
        os.close(told)
        while server.poll() is None and not select.select([pidfd], [], [], 1.0)[0]:
            pass
    finally:
        _stop(server)
        shutil.rmtree(directory, ignore_errors=True)


def _unprivileged(directory: Path) -> dict[str, Any]:
    """What makes subprocess drop root's rights; nothing for anybody else."""
    if os.getuid() != 0:
        return {}
    shutil.chown(directory, SUPERUSER, SUPERUSER)
    return {"user": SUPERUSER, "group": SUPERUSER, "extra_groups": [], "cwd": directory}


def _accepts(binaries: Path, directory: Path, server: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + DEADLINE_SECONDS
    probe = [str(binaries / "pg_isready"), "-q", "-h", str(directory), "-U", SUPERUSER]
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(probe, check=False).returncode == 0:
            return True
        time.sleep(0.05)
    return False


def _stop(server: "subprocess.Popen[bytes]") -> None:
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(request)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                continue


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
