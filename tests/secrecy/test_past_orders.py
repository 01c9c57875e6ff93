"""Whoever has everything of a service after an order, its files, its keys and a dump of its memory, opens neither what was sealed
for the courier's device nor what the parties wrote to each other."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nacl.bindings import crypto_box_seal_open, crypto_scalarmult_base, crypto_secretbox_open
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey

from tests.devices.conftest import Devices
from tests.secrecy.canary import BY_KIND, CUSTOMER, RIDER
from tests.secrecy.memory import candidates, memory_of
from tests.secrecy.traces import Traces
from tests.support.device import answer_of
from tests.support.server import Server
from vault.base64url import octets_of, text_of

slow = pytest.mark.slow

ADDRESS, NOTE = BY_KIND["address"], BY_KIND["note"]
ORDER = "o-past-1"
TEXTS = Traces((*ADDRESS.texts, *NOTE.texts))


@dataclass(frozen=True)
class Past:
    """What is left of an order, and what went over the wire."""

    memory: bytes
    files: list[Path]
    box: bytes
    envelope: bytes
    courier: PrivateKey

    def opens(self, key: bytes) -> bool:
        """Whether a key opens the value or the message: as the secret half of a pair, or as what two halves agree on."""
        public = crypto_scalarmult_base(key)
        if public in {self.courier.public_key.encode(), self.box[:32]}:
            return True
        return _unlocks(key, self.envelope[57:], self.envelope[33:57])


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    place = tmp_path_factory.mktemp("past")
    server, device = Server(place / "moat", options=("--names-processes", "0")), Devices()
    try:
        yield _lived(server, device, place / "memory")
    finally:
        device.end()
        server.kill()


def _lived(server: Server, device: Devices, dump: Path) -> Past:
    server.start()
    service = server.credential("service", scopes=["act_as:courier"])
    token = _call(server, service, "POST", "/v1/tokenize", _address())["items"][0]["token"]
    server.stop()
    server.start()  # What is looked at is the memory of a process that never took the value in.
    courier = PrivateKey.generate()
    keys = {RIDER: text_of(courier.public_key.encode()), CUSTOMER: device.act("keys", name="customer")["public_key"]}
    sender = device.act("keys", name="courier")["public_key"]

    def register(subject: str, key: str, answered: Callable[[str], str]) -> int:
        path = f"/v1/subjects/{subject}/devices"
        asked = _call(server, service, "POST", f"{path}/challenges", {"public_key": key})
        offer = {"public_key": key, "challenge": asked["challenge"], "answer": answered(asked["sealed"])}
        return int(_call(server, service, "POST", path, offer)["device"])

    def in_node(name: str, subject: str) -> Callable[[str], str]:
        now = time.time_ns() // 1_000_000
        return lambda sealed: str(device.act("answer", name=name, sealed=sealed, subject=subject, now=now)["answer"])

    register(RIDER, keys[RIDER], lambda sealed: answer_of(courier, sealed))
    sends = register(RIDER, sender, in_node("courier", RIDER))
    receives = register(CUSTOMER, keys[CUSTOMER], in_node("customer", CUSTOMER))
    _stage(server, service, "picked_up")
    (item,) = _call(server, service, "POST", "/v1/detokenize", _asked(token, keys[RIDER]))["items"]
    order, now = f"/v1/orders/{ORDER}", 1_700_000_000_000
    sealed = device.act(
        "seal", name="courier", text=NOTE.writings[0], recipient_key=keys[CUSTOMER], order=ORDER, now=now, anyway=True
    )
    parties = {"from_party": "courier", "to_party": "customer"}
    devices = {"from_device": sends, "to_device": receives}
    _call(server, service, "POST", f"{order}/messages", {**parties, **devices, "envelope": sealed["envelope"]})
    path = f"{order}/messages?party=customer&device={receives}"
    (message,) = _call(server, service, "GET", path)["items"]
    assert device.act("read", name="customer", message=message, order=ORDER)["text"] == NOTE.writings[0]
    _stage(server, service, "delivered")
    (worker,) = server.workers()
    memory = memory_of(worker, dump)
    files = [path for path in server.files() if path.is_file()]
    return Past(memory, files, octets_of(item["sealed"]), octets_of(sealed["envelope"]), courier)


@slow
def test_no_text_is_in_memory_or_in_any_file(past: Past) -> None:
    assert len(past.memory) > 1 << 24
    assert TEXTS.within(past.memory) == set()
    assert TEXTS.in_files(past.files) == []


@slow
def test_no_key_in_memory_or_in_any_file_opens_what_was_sealed(past: Past) -> None:
    tried = 0
    for key in _keys([past.memory, *(path.read_bytes() for path in past.files)]):
        assert not past.opens(key), "a key was found"
        tried += 1
    assert tried > 100


@slow
def test_the_search_would_find_a_key_if_it_were_there(past: Past) -> None:
    secret = past.courier.encode()
    assert past.opens(secret)
    plain = crypto_box_seal_open(past.box, past.courier.public_key.encode(), secret)
    assert TEXTS.within(plain)
    planted = bytearray(past.memory[: 1 << 20])
    planted[4096 : 4096 + 32] = secret
    assert secret in set(candidates(bytes(planted)))


def _keys(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Every candidate once."""
    seen = set[bytes]()
    for piece in pieces:
        for key in candidates(piece):
            if key not in seen:
                seen.add(key)
                yield key


def _unlocks(key: bytes, box: bytes, nonce: bytes) -> bool:
    try:
        crypto_secretbox_open(box, nonce, key)
    except CryptoError:
        return False
    return True


def _address() -> dict[str, Any]:
    item = {"subject": CUSTOMER, "kind": "address", "value": ADDRESS.writings[0]}
    return {"purpose": "delivery", "ref": f"order:{ORDER}", "items": [item]}


def _asked(token: str, key: str) -> dict[str, Any]:
    acting = {"role": "courier", "subject": RIDER}
    place = {"purpose": "delivery", "ref": f"order:{ORDER}", "view": "plain"}
    return {**place, "on_behalf_of": acting, "seal_to": key, "items": [{"token": token}]}


def _stage(server: Server, credential: str, stage: str) -> None:
    body = {"courier": RIDER, "customer": CUSTOMER, "stage": stage}
    _call(server, credential, "PUT", f"/v1/orders/{ORDER}/assignment", body)


def _call(server: Server, credential: str, method: str, path: str, body: object = None) -> Any:
    with server.client(credential) as client:
        answer = client.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()
