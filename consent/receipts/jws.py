"""Signatures of receipts: JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), detached (RFC 7515, appendix F).

    signature  BASE64URL(header) ".." BASE64URL(Ed25519(signing input))
    header     {"alg":"EdDSA","kid":"<thumbprint>","typ":"moat-consent-receipt-v1"}, canonical; `typ` is the version of the form
    input      BASE64URL(header) "." BASE64URL(canonical JSON of the receipt without its `signature`)
    kid        RFC 7638 thumbprint of the public key as a JWK (RFC 8037, section 2)

Base64url is without padding.
"""

import base64
from hashlib import sha256
from typing import Any

from audit.ports import Signer
from consent.receipts.canonical import canonical

TYPE = "moat-consent-receipt-v1"


def sign(document: dict[str, Any], signer: Signer) -> str:
    """The signature that goes into the document as `signature`."""
    header = {"alg": "EdDSA", "kid": thumbprint(signer.public), "typ": TYPE}
    protected = base64url(canonical(header))
    signing_input = f"{protected}.{base64url(canonical(document))}"
    return f"{protected}..{base64url(signer.sign(signing_input.encode('ascii')))}"


def jwk(public: bytes) -> dict[str, str]:
    """An Ed25519 public key as a JWK with its thumbprint as `kid`."""
    return {**_members(public), "kid": thumbprint(public), "alg": "EdDSA", "use": "sig"}


def thumbprint(public: bytes) -> str:
    """The RFC 7638 thumbprint of an Ed25519 public key."""
    return base64url(sha256(canonical(_members(public))).digest())


def base64url(octets: bytes) -> str:
    """BASE64URL of RFC 7515, section 2."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _members(public: bytes) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": base64url(public)}
