"""What goes between the devices of an order's parties, with canaries for all that is said and shown."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from nacl.bindings import crypto_box, crypto_box_seal_open
from nacl.public import PrivateKey

from database.columns import rfc3339
from tests.devices.pictures import jpeg
from tests.secrecy.canary import BY_KIND, CUSTOMER, RIDER
from tests.support.device import answer_of

Call = Callable[..., Any]
ORDER = "o-canary-1"
GEO, ADDRESS, NOTE = BY_KIND["geo"], BY_KIND["address"], BY_KIND["note"]


class OrderTour:
    """Every operation of devices, messages, positions and pictures. `call` makes a call as a role."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._keys = {RIDER: PrivateKey.generate(), CUSTOMER: PrivateKey.generate()}
        self._devices: dict[str, int] = {}
        self._tenant = 0

    def go(self, address: str) -> None:
        """Make every call; `address` is the token of one of the customer's."""
        order = f"/v1/orders/{ORDER}"
        assigned = {"courier": RIDER, "customer": CUSTOMER, "stage": "picked_up"}
        self._call("service", "PUT", f"{order}/assignment", assigned)
        for subject in (RIDER, CUSTOMER):
            self._register(subject)
        self._sealed(address)
        self._messages(order)
        self._positions(f"{order}/positions")
        self._pictures(f"{order}/pictures")

    def _register(self, subject: str) -> None:
        path = f"/v1/subjects/{subject}/devices"
        spare = self._registered(path, PrivateKey.generate())
        self._call("service", "DELETE", f"{path}/{spare.json()['device']}")
        made = self._registered(path, self._keys[subject])
        self._devices[subject], self._tenant = made.json()["device"], made.json()["tenant"]
        self._call("service", "GET", path)

    def _registered(self, path: str, secret: PrivateKey) -> Any:
        key = _text(secret.public_key.encode())
        asked = self._call("service", "POST", f"{path}/challenges", {"public_key": key}).json()
        offer = {"public_key": key, "challenge": asked["challenge"], "answer": answer_of(secret, asked["sealed"])}
        return self._call("service", "POST", path, offer)

    def _sealed(self, address: str) -> None:
        key = self._keys[RIDER]
        asked = {
            "purpose": "delivery",
            "ref": f"order:{ORDER}",
            "view": "plain",
            "on_behalf_of": {"role": "courier", "subject": RIDER},
            "seal_to": _text(key.public_key.encode()),
            "items": [{"token": address}],
        }
        item = self._call("service", "POST", "/v1/detokenize", asked).json()["items"][0]
        opened = crypto_box_seal_open(_octets(item["sealed"]), key.public_key.encode(), key.encode())
        assert ADDRESS.writings[0].encode() in opened

    def _messages(self, order: str) -> None:
        devices = self._call("service", "GET", f"{order}/devices?party=customer").json()["items"]
        assert [one["device"] for one in devices] == [self._devices[CUSTOMER]]
        envelope, opening, commitment, now = self._envelope(NOTE.writings[0])
        body = {
            "from_party": "courier",
            "from_device": self._devices[RIDER],
            "to_party": "customer",
            "to_device": self._devices[CUSTOMER],
            "envelope": _text(envelope),
        }
        for _ in range(2):
            self._call("service", "POST", f"{order}/messages", body)
        waiting = f"{order}/messages?party=customer&device={self._devices[CUSTOMER]}"
        first, _ = self._call("service", "GET", waiting).json()["items"]
        report = {
            "party": "customer",
            "text": NOTE.writings[0],
            "opening": _text(opening),
            "sent_at": now,
            "commitment": _text(commitment),
            **{name: first[name] for name in ("sender_key", "recipient_key", "hour", "frank")},
        }
        self._call("service", "POST", f"{order}/messages/report", report)
        self._call("service", "POST", f"{order}/messages/{first['message']}/ack", {"party": "customer"})

    def _envelope(self, text: str) -> tuple[bytes, bytes, bytes, int]:
        """As a device seals it (`vault/letters/envelope.py`): the envelope, the opening, the commitment, and the time."""
        sender, recipient = self._keys[RIDER], self._keys[CUSTOMER].public_key.encode()
        opening, nonce, now = secrets.token_bytes(32), secrets.token_bytes(24), int(time.time() * 1000)
        named = bytes((len(ORDER),)) + ORDER.encode()
        place = b"moat-letter-1" + sender.public_key.encode() + recipient + named + now.to_bytes(8, "big")
        commitment = hashlib.blake2b(place + text.encode(), digest_size=32, key=opening).digest()
        plain = b"\x01" + now.to_bytes(8, "big") + opening + named + text.encode() + b"\x80"
        padded = plain + bytes(-len(plain) % 256)
        return (
            b"\x01" + commitment + nonce + crypto_box(padded, nonce, recipient, sender.encode()),
            opening,
            commitment,
            now,
        )

    def _positions(self, path: str) -> None:
        latitude, longitude = (float(text) for text in GEO.writings[0].split(","))
        position = {"latitude": latitude, "longitude": longitude, "at": rfc3339(int(time.time() * 1000))}
        self._call("service", "POST", path, {"courier": RIDER, "positions": [position]})
        self._call("service", "GET", path)
        self._call("service", "GET", f"{path}?customer={CUSTOMER}", shows=frozenset(GEO.texts))

    def _pictures(self, path: str) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        octets = jpeg(said=f"{GEO.writings[0]} {NOTE.writings[0]}".encode())
        made = [
            self._call("service", "POST", f"{path}?courier={RIDER}", content=octets, headers=headers).json()["picture"]
            for _ in range(2)
        ]
        self._call("service", "GET", path)
        self._call("service", "GET", f"{path}/{made[0]}")
        self._call("service", "DELETE", f"{path}/{made[1]}")


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
