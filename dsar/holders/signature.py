"""Signatures of what goes to systems beside this one, and of what they answer.

What we send carries `X-Moat-Signature`: JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), detached and unencoded (RFC 7797):

    header     BASE64URL(protected) ".." BASE64URL(Ed25519(protected "." body))
    protected  {"alg":"EdDSA","b64":false,"crit":["b64"],"htm":<method>,"htu":<address>,"iat":<seconds>,"kid":<thumbprint>,
               "typ":"moat-holder-request-v1"}, canonical JSON

so that a signature is good for one call to one address about one time. A receiver takes an `iat` within `TOLERANCE_SECONDS` of
its clock; what a request does it does once, by its subject_request_id. `kid` is the RFC 7638 thumbprint of the key.

What they answer carries `X-OpenDSR-Signature`, the base64 of a signature over the SHA-256 of the body (OpenDSR 2.0, "Processor
signature"): PKCS #1 v1.5 of an RSA key, ECDSA in DER, or, of the body as it is, Ed25519. The key is the one that the operator has
pinned, never one that an answer names.
"""

import base64
import binascii
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from audit.ports import Signer
from dsar.holders.errors import ConnectorFileError, ProcessorRefusedError

TYPE = "moat-holder-request-v1"
HEADER = "X-Moat-Signature"
TOLERANCE_SECONDS = 300
RSA_BITS_AT_LEAST = 2048

_BEGINS_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


def signed(signer: Signer, *, method: str, url: str, body: bytes, at: int) -> str:
    """The header of a call at `at`, in seconds since the Unix epoch."""
    header = {
        "alg": "EdDSA",
        "b64": False,
        "crit": ["b64"],
        "htm": method,
        "htu": url,
        "iat": at,
        "kid": thumbprint(signer.public),
        "typ": TYPE,
    }
    protected = _base64url(_canonical(header))
    return f"{protected}..{_base64url(signer.sign(protected.encode('ascii') + b'.' + body))}"


def jwk(public: bytes) -> dict[str, str]:
    """An Ed25519 public key as a JWK with its thumbprint as `kid`."""
    return {**_members(public), "kid": thumbprint(public), "alg": "EdDSA", "use": "sig"}


def thumbprint(public: bytes) -> str:
    """The RFC 7638 thumbprint of an Ed25519 public key."""
    return _base64url(sha256(_canonical(_members(public))).digest())


class ProcessorKey:
    """The pinned key of a system beside this one. A certificate is one only within its time.

    Raises:
        ConnectorFileError: the text is no certificate and no public key of a kind that is known and strong enough.
    """

    def __init__(self, pem: bytes) -> None:
        self._until: datetime | None = None
        self._since: datetime | None = None
        try:
            if _BEGINS_CERTIFICATE in pem:
                certificate = load_pem_x509_certificate(pem)
                self._since, self._until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
                key: object = certificate.public_key()
            else:
                key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise ConnectorFileError("certificate: neither a certificate nor a public key (PEM)") from None
        if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
            raise ConnectorFileError("certificate: its key is not of RSA, of an elliptic curve or of Ed25519")
        if isinstance(key, rsa.RSAPublicKey) and key.key_size < RSA_BITS_AT_LEAST:
            raise ConnectorFileError(f"certificate: an RSA key has at least {RSA_BITS_AT_LEAST} bits")
        self._key = key

    def verify(self, body: bytes, presented: str | None, now: datetime) -> None:
        """Hold an answer against the key.

        Raises:
            ProcessorRefusedError: the signature is missing or is not of this key and these octets, or the certificate's time has
                not begun or is over.
        """
        if self._since is not None and self._until is not None and not self._since <= now <= self._until:
            raise ProcessorRefusedError("certificate_expired")
        try:
            octets = base64.b64decode(presented or "", validate=True)
            self._check(octets, body)
        except (binascii.Error, ValueError, InvalidSignature):
            raise ProcessorRefusedError("bad_signature") from None

    def _check(self, octets: bytes, body: bytes) -> None:
        match self._key:
            case rsa.RSAPublicKey():
                self._key.verify(octets, body, padding.PKCS1v15(), SHA256())
            case ec.EllipticCurvePublicKey():
                self._key.verify(octets, body, ec.ECDSA(SHA256()))
            case _:
                self._key.verify(octets, body)


def _canonical(document: dict[str, Any]) -> bytes:
    """RFC 8785 of what has ASCII names and texts and integers alone."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _members(public: bytes) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
