"""Assertions as a platform's server signs them."""

import base64
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dsar.identity.public_key import Algorithm, PublicKey

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


class Platform:
    """A platform's server with a key of its own."""

    def __init__(self, algorithm: Algorithm = Algorithm.EDDSA) -> None:
        eddsa = algorithm is Algorithm.EDDSA
        self.key: Private = ed25519.Ed25519PrivateKey.generate() if eddsa else ec.generate_private_key(ec.SECP256R1())
        public = self.key.public_key()
        self.pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.public = PublicKey.of_pem(self.pem)

    def signed(self, claims: Any, **header: Any) -> str:
        """The compact form; `header` changes the header, None leaves a member out."""
        members = {"alg": self.public.algorithm.value, "kid": self.public.thumbprint, **header}
        present = {name: value for name, value in members.items() if value is not None}
        payload = claims if isinstance(claims, bytes) else orjson.dumps(claims)
        signing_input = f"{base64url(orjson.dumps(present))}.{base64url(payload)}"
        return f"{signing_input}.{base64url(self.signature(signing_input.encode()))}"

    def signature(self, message: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(message)
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
