"""Public keys by which assertions of a platform are verified: Ed25519 (RFC 8032), and ECDSA on P-256 with SHA-256 (FIPS 186-5).

Given as PEM (SubjectPublicKeyInfo, RFC 7468) and stored as DER. Signatures of ES256 are r ‖ s, 64 octets (RFC 7518, section 3.4).
"""

import base64
import json
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from dsar.identity.errors import PublicKeyError

SIGNATURE_OCTETS = 64


class Algorithm(StrEnum):
    """As RFC 7518 and RFC 8037 name them."""

    EDDSA = "EdDSA"
    ES256 = "ES256"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key; `thumbprint` (RFC 7638) names it."""

    algorithm: Algorithm
    thumbprint: str
    der: bytes = field(repr=False)
    _key: Ed25519PublicKey | EllipticCurvePublicKey = field(repr=False, compare=False)

    @classmethod
    def of_pem(cls, text: str) -> "PublicKey":
        """The key of a PEM text.

        Raises:
            PublicKeyError: it is none, or of another kind.
        """
        try:
            return cls._of(load_pem_public_key(text.encode()))
        except (ValueError, UnsupportedAlgorithm):
            raise PublicKeyError from None

    @classmethod
    def of_der(cls, octets: bytes) -> "PublicKey":
        """The key of stored octets."""
        return cls._of(load_der_public_key(octets))

    @classmethod
    def _of(cls, key: object) -> "PublicKey":
        if isinstance(key, Ed25519PublicKey):
            public = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
            members = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
            algorithm = Algorithm.EDDSA
        elif isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
            point = key.public_numbers()
            x, y = (_base64url(number.to_bytes(32, "big")) for number in (point.x, point.y))
            members = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
            algorithm = Algorithm.ES256
        else:
            raise PublicKeyError
        canonical = json.dumps(members, separators=(",", ":"), sort_keys=True).encode("ascii")
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(algorithm, _base64url(sha256(canonical).digest()), der, key)

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        if len(signature) != SIGNATURE_OCTETS:
            return False
        try:
            if isinstance(self._key, Ed25519PublicKey):
                self._key.verify(signature, message)
            else:
                r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
                self._key.verify(encode_dss_signature(r, s), message, ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
