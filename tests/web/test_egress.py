"""Calls to the outside reach what the operator named and nothing else."""

import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.web.certificates import Authority
from web.egress import Egress, is_public
from web.errors import EgressFailedError, EgressRefusedError

HOST = "hooks.example.com"


class Peer(BaseHTTPRequestHandler):
    """Answers by the path, and notes what it was asked."""

    seen: list[tuple[str, str | None]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Host"]))
        if self.path == "/redirect":
            self.answer(302, b"", Location="http://127.0.0.1:1/")
        elif self.path == "/large":
            self.answer(200, b"x" * 5_000)
        elif self.path == "/compressed":
            self.answer(200, b"x", **{"Content-Encoding": "gzip"})
        elif self.path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(200):
                self.wfile.write(b"X-%d: 1\r\n" % number)
                time.sleep(0.05)
        else:
            self.answer(200, b"hello " + self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_POST = do_GET  # noqa: N815

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


def listen(context: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is expected here
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.fixture
def peer() -> Iterator[int]:
    Peer.seen.clear()
    server = listen()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_an_internal_origin_is_called_under_its_own_name(peer: int) -> None:
    egress = Egress(allowed=[], internal=[f"http://carrier.test:{peer}"], resolve=lambda _host, _port: ["127.0.0.1"])
    answer = egress.call("POST", f"http://carrier.test:{peer}/calls?a=b", body=b"you", headers={"HOST": "other.test"})
    assert (answer.status, answer.body) == (200, b"hello you")
    assert Peer.seen == [("/calls?a=b", f"carrier.test:{peer}")]


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.com/",
        "https://hooks.example.com:8443/",
        "http://hooks.example.com/",
        "https://hooks.example.com@127.0.0.1/",
        "https://user:pass@hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https://[::1/",
        "https://hooks.example.com:99999/",
        "//hooks.example.com/",
        "",
    ],
)
def test_only_an_origin_that_the_operator_named_is_called(url: str) -> None:
    egress = Egress(allowed=[f"https://{HOST}"], resolve=lambda _host, _port: pytest.fail("resolved"))
    with pytest.raises(EgressRefusedError):
        egress.call("GET", url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_a_name_that_leads_to_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    egress = Egress(allowed=[f"https://{HOST}"], resolve=lambda _host, _port: ["8.8.8.8", address])
    with pytest.raises(EgressRefusedError):
        egress.call("GET", f"https://{HOST}/")


def test_public_addresses_are_public() -> None:
    assert is_public(ip_address("8.8.8.8"))
    assert is_public(ip_address("2606:4700::1"))


def test_the_name_is_resolved_once_and_the_connection_goes_to_that_address(peer: int) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

    Egress(allowed=[], internal=[f"http://carrier.test:{peer}"], resolve=rebinding).call(
        "GET", f"http://carrier.test:{peer}"
    )
    assert asked == ["carrier.test"]


def test_a_redirect_is_an_answer_and_not_followed(peer: int) -> None:
    egress = Egress(allowed=[], internal=[f"http://127.0.0.1:{peer}"])
    answer = egress.call("GET", f"http://127.0.0.1:{peer}/redirect")
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/")
    assert len(Peer.seen) == 1


@pytest.mark.parametrize("path", ["/large", "/compressed", "/drip"])
def test_an_answer_that_is_too_large_compressed_or_slow_is_a_failure(peer: int, path: str) -> None:
    egress = Egress(allowed=[], internal=[f"http://127.0.0.1:{peer}"], timeout_seconds=0.5, answer_bytes=4_999)
    begun = time.monotonic()
    with pytest.raises(EgressFailedError):
        egress.call("GET", f"http://127.0.0.1:{peer}{path}")
    assert time.monotonic() - begun < 9  # before the slow peer would have said all


def test_a_resolver_that_hangs_or_fails_is_a_failure() -> None:
    def fail(_host: str, _port: int) -> list[str]:
        raise OSError

    def hang(_host: str, _port: int) -> list[str]:
        time.sleep(2)
        return []

    def know_nothing(_host: str, _port: int) -> list[str]:
        return []

    for resolve in (fail, know_nothing, hang):
        with pytest.raises(EgressFailedError):
            Egress(allowed=[f"https://{HOST}"], resolve=resolve, timeout_seconds=0.2).call("GET", f"https://{HOST}/")


def test_the_certificate_must_be_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "authority")
    cert_file, key_file = authority.issue(HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = listen(context)
    try:
        trust = ssl.create_default_context(cafile=str(authority.file))
        port = server.server_port
        origins = [f"https://{HOST}:{port}", f"https://other.example.com:{port}"]
        egress = Egress(allowed=[], internal=origins, resolve=lambda _host, _port: ["127.0.0.1"], trust=trust)
        assert egress.call("GET", f"https://{HOST}:{port}/").status == 200
        with pytest.raises(EgressFailedError):
            egress.call("GET", f"https://other.example.com:{port}/")
        assert names == [HOST, "other.example.com"]
        with pytest.raises(EgressFailedError):
            Egress(allowed=[], internal=origins, resolve=lambda _host, _port: ["127.0.0.1"]).call(
                "GET", f"https://{HOST}:{port}/"
            )
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "origin", ["http://hooks.example.com", "https://hooks.example.com/path", "hooks.example.com", "https://a?b", ""]
)
def test_a_setting_that_is_no_https_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        Egress(allowed=[origin])
