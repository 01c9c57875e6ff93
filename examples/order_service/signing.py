"""The order service's own key, by which Moat knows its answers, and Moat's, by which it knows Moat's requests.

Answers carry `X-OpenDSR-Signature`: base64 of an ECDSA signature (P-256, SHA-256) of the body, by the key of the certificate that
Moat's operator has pinned. Requests carry `X-Moat-Signature`, drawn in Moat's dsar/holders/signature.py; nothing of Moat is
imported here, for a system beside it would not have it.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

TYPE = "moat-holder-request-v1"
TOLERANCE_SECONDS = 300
CERTIFICATE, KEY = "orders.pem", "orders.key"
_YEARS = 10


class NotMoatError(Exception):
    """A request that Moat has not signed, or not for here and now."""


def make_key(place: Path, domain: str) -> None:
    """Make a key and a certificate of it, once."""
    if (place / KEY).exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, domain)])
    now = datetime.now(UTC)  # noqa: TID251 - an example has no settings
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .sign(key, SHA256())
    )
    (place / CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (place / KEY).touch(mode=0o600)
    (place / KEY).write_bytes(secret)


class OwnKey:
    """Signs answers."""

    def __init__(self, place: Path) -> None:
        key = load_pem_private_key((place / KEY).read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    def sign(self, body: bytes) -> str:
        """The header's text."""
        return base64.b64encode(self._key.sign(body, ec.ECDSA(SHA256()))).decode("ascii")


class MoatKeys:
    """Moat's public keys as `GET /v1/holders/keys` gives them, out of a file that the operator has put there."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = {one["kid"]: Ed25519PublicKey.from_public_bytes(_octets(one["x"])) for one in jwks["keys"]}

    @classmethod
    def of(cls, path: Path) -> "MoatKeys":
        """Those of a file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def verify(self, presented: str, *, method: str, url: str, body: bytes, now: int) -> None:
        """Hold a request against the keys. Raises NotMoatError."""
        try:
            protected, detached, signature = presented.split(".")
            header = json.loads(_octets(protected))
            told = header["alg"], header["b64"], header["crit"], header["typ"], header["htm"], header["htu"], detached
            if told != ("EdDSA", False, ["b64"], TYPE, method, url, ""):
                raise NotMoatError
            if abs(now - int(header["iat"])) > TOLERANCE_SECONDS:
                raise NotMoatError
            self._keys[header["kid"]].verify(_octets(signature), protected.encode("ascii") + b"." + body)
        except (ValueError, KeyError, TypeError, InvalidSignature, binascii.Error):
            raise NotMoatError from None


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
