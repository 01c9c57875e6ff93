"""A passkey in software, as a browser would hand on its answers (WebAuthn level 3, sections 6.1 and 6.5)."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def unpadded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One passkey for one site. `signs` is its count, `verifies` whether it verifies its user."""

    origin: str
    rp_id: str = "localhost"
    verifies: bool = True
    signs: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, object]) -> str:
        """What `navigator.credentials.create` would give."""
        public = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        said = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested})
        client = self._client("webauthn.create", options)
        return self._answer({"clientDataJSON": unpadded(client), "attestationObject": unpadded(said)})

    def sign(self, options: dict[str, object]) -> str:
        """What `navigator.credentials.get` would give."""
        self.signs += 1
        data, client = self._data(0), self._client("webauthn.get", options)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({name: unpadded(octets) for name, octets in parts.items()})

    def _data(self, flags: int) -> bytes:
        set_flags = PRESENT | flags | (VERIFIED if self.verifies else 0)
        return sha256(self.rp_id.encode()).digest() + bytes([set_flags]) + self.signs.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, object]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        named = {"id": unpadded(self.id), "rawId": unpadded(self.id), "type": "public-key"}
        return json.dumps({**named, "response": response, "clientExtensionResults": {}})


def challenge_of(options: dict[str, object]) -> bytes:
    """The octets of a challenge."""
    return urlsafe_b64decode(str(options["challenge"]) + "==")
