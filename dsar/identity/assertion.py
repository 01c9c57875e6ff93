"""Signed sessions of the platform: what a platform's server says of somebody who has signed in there.

A JWS in compact form (RFC 7515) over the claims of a JWT (RFC 7519):

    header   {"alg": "EdDSA" | "ES256", "kid": "<thumbprint>", "typ"?: "JWT"}
    payload  {"sub", "aud", "iat", "exp", "jti"}

`kid` is the RFC 7638 thumbprint of a key that the tenant's operator has registered; `alg` must be that key's own (RFC 8725,
section 3.1). `sub` is the platform's id of the person, `aud` is `urn:moat:privacy:<tenant>`. `iat` and `exp` are whole seconds at
most 300 apart, and the present lies between them, with 30 seconds for clocks that differ. `jti` is fresh: whoever takes the
assertion must see to it that it is taken once, for as long as `kept_until` says. Other headers and claims are refused, `crit`
with them.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from dsar.identity.errors import NotShownError
from dsar.identity.public_key import PublicKey
from formats.strict_json import read_json

LONGEST_SECONDS = 300
SKEW_SECONDS = 30
LONGEST_TEXT = 4_096

_COMPACT = re.compile(r"([A-Za-z0-9_-]{1,1024})\.([A-Za-z0-9_-]{1,2048})\.([A-Za-z0-9_-]{86})", re.ASCII)
_SUBJECT = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_JTI = re.compile(r"[!-~]{8,128}", re.ASCII)
_HEADERS = {"alg", "kid", "typ"}
_CLAIMS = {"sub", "aud", "iat", "exp", "jti"}


@dataclass(frozen=True, slots=True)
class Assertion:
    """Whom the platform's server has named. `once` must not have been seen before; it need not be kept beyond `kept_until`, in
    milliseconds since the epoch."""

    subject: str
    once: bytes
    kept_until: int


def audience(tenant: str) -> str:
    """What an assertion for the tenant of this name is addressed to."""
    return f"urn:moat:privacy:{tenant}"


def read_assertion(text: str, keys: Mapping[str, PublicKey], *, tenant: str, at: int) -> Assertion:
    """The assertion of a text, signed by one of `keys`, which stand by their thumbprints. `at` is in milliseconds.

    Raises:
        NotShownError: it is none, or not for this tenant, or not for now.
    """
    parts = _COMPACT.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if parts is None:
        raise NotShownError
    header = _object(parts[1])
    kid = header.get("kid")
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None or not set(header) <= _HEADERS or header.get("alg") != key.algorithm.value:
        raise NotShownError
    if header.get("typ", "JWT") != "JWT":
        raise NotShownError
    if not key.signed(f"{parts[1]}.{parts[2]}".encode("ascii"), _octets(parts[3])):
        raise NotShownError
    return _checked(_object(parts[2]), key.thumbprint, tenant=tenant, at=at)


def _checked(claims: Mapping[str, Any], kid: str, *, tenant: str, at: int) -> Assertion:
    if set(claims) != _CLAIMS or claims["aud"] != audience(tenant):
        raise NotShownError
    subject, jti, issued, ends = claims["sub"], claims["jti"], claims["iat"], claims["exp"]
    if not (isinstance(subject, str) and _SUBJECT.fullmatch(subject) and isinstance(jti, str) and _JTI.fullmatch(jti)):
        raise NotShownError
    if type(issued) is not int or type(ends) is not int or not 0 < ends - issued <= LONGEST_SECONDS:
        raise NotShownError
    if not issued - SKEW_SECONDS <= at // 1000 < ends + SKEW_SECONDS:
        raise NotShownError
    return Assertion(subject, sha256(f"{kid}.{jti}".encode("ascii")).digest(), (ends + SKEW_SECONDS) * 1000)


def _object(part: str) -> dict[str, Any]:
    try:
        found = read_json(_octets(part).decode())
    except (ValueError, RecursionError):
        raise NotShownError from None
    if not isinstance(found, dict):
        raise NotShownError
    return found


def _octets(part: str) -> bytes:
    """Base64url of RFC 7515, section 2, in its one spelling."""
    try:
        octets = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise NotShownError from None
    if base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii") != part:
        raise NotShownError
    return octets
