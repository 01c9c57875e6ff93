"""Detached JWS (RFC 7515, appendix F) with EdDSA over Ed25519 (RFC 8037), of one form only.

signature   BASE64URL(header) ".." BASE64URL(Ed25519 signature[64])
header      {"alg": "EdDSA", "kid": RFC 7638 thumbprint, "typ": "moat-consent-receipt-v1"} and nothing else
input       BASE64URL(header) "." BASE64URL(RFC 8785 octets of the document without its signature)

The header cannot choose how it is checked: any other algorithm, type or member is refused (RFC 8725, section 3.1).
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from moat_verifier.canonical import canonical
from moat_verifier.errors import CannotCheckError, TamperedError

TYPE = "moat-consent-receipt-v1"
WHERE = "signature"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key and its thumbprint."""

    octets: bytes
    kid: str

    @classmethod
    def of(cls, jwk: Mapping[str, Any]) -> "PublicKey":
        """Read a JWK.

        Raises:
            CannotCheckError: it is no public key of Ed25519, or its `kid` is not its thumbprint.
        """
        try:
            octets = unbase64url(jwk["x"]) if (jwk["kty"], jwk["crv"]) == ("OKP", "Ed25519") else b""
        except (KeyError, TypeError, ValueError):
            octets = b""
        if len(octets) != 32:
            raise CannotCheckError("a key is no JWK of Ed25519")
        members = {"crv": "Ed25519", "kty": "OKP", "x": base64url(octets)}
        kid = base64url(sha256(canonical(members)).digest())
        if jwk.get("kid", kid) != kid:
            raise CannotCheckError("the id of a key is not its thumbprint")
        return cls(octets, kid)

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.octets).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def keys_of(text: str) -> list[PublicKey]:
    """The keys of a JWK or of a JWK set (RFC 7517).

    Raises:
        CannotCheckError: it is neither.
    """
    try:
        read = json.loads(text)
        listed = read.get("keys", [read])
        return [PublicKey.of(one) for one in listed]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise CannotCheckError("a key is no JWK") from None


def check(document: Mapping[str, Any], signature: str, keys: Sequence[PublicKey]) -> bool:
    """Make sure that one of `keys` signed the document; False where no key was given, so that only its form is known to be right.

    Raises:
        TamperedError: the signature is malformed, or it is one of these keys' and does not hold.
        CannotCheckError: another key made it.
    """
    protected, octets, kid = _parts(signature)
    try:
        payload = base64url(canonical(document))
    except ValueError:
        raise TamperedError(WHERE, "what is signed has no one spelling") from None
    if not keys:
        return False
    for key in keys:
        if key.kid == kid:
            if not key.accepts(f"{protected}.{payload}".encode("ascii"), octets):
                raise TamperedError(WHERE, "does not fit what is signed")
            return True
    raise CannotCheckError("another key than those that were given signed it")


def base64url(octets: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    """What was encoded. Raises ValueError for any other spelling."""
    octets = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64url(octets) != text:
        raise ValueError("not the one spelling")
    return octets


def _parts(signature: str) -> tuple[str, bytes, str]:
    """The encoded header, the signature's octets and the key's id."""
    pieces = signature.split(".")
    try:
        if len(pieces) != 3 or pieces[1]:
            raise ValueError("not detached")
        header, octets = json.loads(unbase64url(pieces[0])), unbase64url(pieces[2])
        if set(header) != {"alg", "kid", "typ"} or not isinstance(header["kid"], str) or len(octets) != 64:
            raise ValueError("not of this form")
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise TamperedError(WHERE, "is malformed") from None
    if (header["alg"], header["typ"]) != ("EdDSA", TYPE):
        raise TamperedError(WHERE, "is of another algorithm or form")
    return pieces[0], octets, header["kid"]
