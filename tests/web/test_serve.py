"""The real server: start, stop, kill, TLS, a taken port."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.web.certificates import Authority
from tests.web.served import SLOW_CALL
from web.serve import Listener, first_lines

STARTED_WITHIN_SECONDS = 60


class Running:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str, lines: str) -> None:
        self.process = process
        self.url = url
        self.lines = lines

    def workers(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        named = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in listed}
        return [pid for pid, command in named.items() if "spawn_main" in command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(directory: Path, *options: str, port: int | None = None) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOAT_")}
    with (directory / "log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.web.served", "--port", str(port or free_port()), *options],
            cwd=directory,
            env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


@contextmanager
def serving(directory: Path, *options: str) -> Iterator[Running]:
    port = free_port()
    process = start(directory, *options, port=port)
    assert process.stdout is not None
    lines = ""
    begun = time.monotonic()
    try:
        while "Back " not in lines:
            line = process.stdout.readline()
            assert line, (directory / "log").read_text()
            assert time.monotonic() - begun < STARTED_WITHIN_SECONDS
            lines += line
        yield Running(process, lines.split()[3], lines)
    finally:
        process.terminate()
        process.wait(timeout=60)
        process.stdout.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("serve")) as started:
        yield started


def gone(pid: int, within: float = 10) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_the_printed_lines_work_as_they_stand(running: Running) -> None:
    pasted = [line for line in running.lines.splitlines() if line.startswith(("  export", "  curl"))]
    assert len(pasted) == 3
    directory = Path(f"/proc/{running.process.pid}/cwd").resolve()
    done = subprocess.run(["bash", "-c", "\n".join(pasted)], cwd=directory, capture_output=True, text=True, check=True)
    assert '"name":"bootstrap"' in done.stdout


def test_a_first_start_keeps_its_files_to_its_owner(running: Running) -> None:
    directory = Path(f"/proc/{running.process.pid}/cwd").resolve()
    assert {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir() if path.is_dir()} == {
        "data": 0o700,
        "keys": 0o700,
    }
    assert (directory / "keys" / "bootstrap-credential").stat().st_mode & 0o077 == 0


def test_a_taken_port_is_named_with_its_remedy(running: Running, tmp_path: Path) -> None:
    port = running.url.rpartition(":")[2]
    second = start(tmp_path, port=int(port))
    out, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    said = (tmp_path / "log").read_text()
    assert f"cannot listen on 127.0.0.1 port {port}" in said
    assert "--port" in said
    assert out == ""


def test_a_served_data_directory_is_not_served_again(running: Running) -> None:
    directory = Path(f"/proc/{running.process.pid}/cwd").resolve()
    second = start(directory)
    second.communicate(timeout=60)
    assert second.returncode == 1
    assert "another moat serve uses data" in (directory / "log").read_text()


def test_a_large_body_of_unknown_length_is_refused(running: Running) -> None:
    token = bootstrap(running)
    made = httpx.post(f"{running.url}/v1/credentials", json={"name": "big", "role": "service"}, headers=token).json()
    headers = {"Authorization": f"Bearer {made['credential']}", "Content-Type": "application/json"}

    def pieces() -> Iterator[bytes]:
        yield b'{"items": ['
        for _ in range(17):
            yield b" " * 1024 * 1024

    answer = httpx.post(f"{running.url}/v1/parcels", content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert httpx.post(f"{running.url}/v1/parcels", json={"items": []}, headers=headers).json() == {
        "count": 0,
        "tenant": 1,
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /healthz HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
        b"GET /\xe4\xb8\xad\xff%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET //nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://other/healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"FROB /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/parcels HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/parcels HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /v1/whoami HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"not http at all\r\n\r\n",
    ],
)
def test_broken_http_never_makes_the_server_fail(running: Running, raw: bytes) -> None:
    port = int(running.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        answer = connection.recv(65536)
    assert answer == b"" or not answer.startswith(b"HTTP/1.1 5")
    assert httpx.get(f"{running.url}/healthz").status_code == 200


def test_slow_bodies_without_a_credential_hold_up_nobody(running: Running) -> None:
    port = int(running.url.rpartition(":")[2])
    head = b"POST /v1/parcels HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    try:
        for connection in connections:
            connection.sendall(head)
        assert httpx.get(f"{running.url}/healthz", timeout=5).status_code == 200
    finally:
        for connection in connections:
            connection.close()


def test_sigterm_finishes_the_calls_that_are_under_way_and_writes_counted_refusals(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        answers: list[int] = []
        slow = threading.Thread(
            target=lambda: answers.append(httpx.get(f"{running.url}/slow/1.5", timeout=20).status_code)
        )
        slow.start()
        httpx.get(f"{running.url}/v1/whoami")
        until = time.monotonic() + STARTED_WITHIN_SECONDS
        while not (tmp_path / SLOW_CALL).exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        running.process.terminate()
        slow.join(timeout=20)
        assert answers == [200]
        assert running.process.wait(timeout=20) == 0
    assert '"error"' not in (tmp_path / "log").read_text()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.url}/healthz")
    assert b"credential.refused" in (tmp_path / "data" / "moat.db").read_bytes()


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_workers_die_with_the_process_that_started_them(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        (killed,) = running.workers()
        os.kill(killed, signal.SIGKILL)
        assert gone(killed)
        assert answered_at_last(running.url), "no new worker"
        workers = running.workers()
        assert len(workers) == 1
        assert workers != [killed]
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        assert all(gone(pid) for pid in workers)
        assert refused_at_last(running.url)


def answered_at_last(url: str) -> bool:
    """Whether somebody answers again."""
    until = time.monotonic() + STARTED_WITHIN_SECONDS
    while time.monotonic() < until:
        try:
            return httpx.get(f"{url}/healthz").status_code == 200
        except httpx.TransportError:
            time.sleep(0.1)
    return False


def refused_at_last(url: str) -> bool:
    """Whether nobody listens any more; a thread that outlives its process's first one may still reset a call."""
    until = time.monotonic() + STARTED_WITHIN_SECONDS
    while time.monotonic() < until:
        try:
            httpx.get(f"{url}/healthz")
        except httpx.ConnectError:
            return True
        except httpx.TransportError:
            time.sleep(0.05)
    return False


@pytest.mark.slow
def test_tls_asks_for_a_client_certificate_where_told(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "authority")
    cert, key = authority.issue("localhost")
    client_cert, client_key = authority.issue("client")
    with serving(
        tmp_path,
        "--tls-cert",
        str(cert),
        "--tls-key",
        str(key),
        "--client-ca",
        str(authority.file),
        "--bind",
        "127.0.0.1",
    ) as running:
        url = running.url.replace("127.0.0.1", "localhost")
        assert url.startswith("https://")
        trust = ssl.create_default_context(cafile=str(authority.file))
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/healthz", verify=trust)
        trust.load_cert_chain(client_cert, client_key)
        answer = httpx.get(f"{url}/healthz", verify=trust)
        assert answer.status_code == 200
        assert "Strict-Transport-Security" in answer.headers


@pytest.mark.slow
def test_metrics_have_a_listener_of_their_own_where_told(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, "--metrics-listen", f"127.0.0.1:{port}") as running:
        httpx.get(f"{running.url}/healthz")
        shown = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert 'moat_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in shown


def test_a_later_start_prints_no_credential_when_there_is_none() -> None:
    lines = first_lines(Listener(bind="::", port=1, workers=1, threads=1), keys=Path("/k"), bootstrap_file=None)
    assert "MOAT_TOKEN" not in lines
    assert "http://[::1]:1" in lines
    assert "Back /k up" in lines


def bootstrap(running: Running) -> dict[str, str]:
    file = Path(f"/proc/{running.process.pid}/cwd").resolve() / "keys" / "bootstrap-credential"
    return {"Authorization": f"Bearer {file.read_text().strip()}"}
