"""Signatures of Alibaba Cloud's OpenAPI, version 3 (ACS3-HMAC-SHA256), as its help pages publish them ("Request syntax and
signature method V3"). Version 2 (HMAC-SHA1 in the query) is deprecated there, and would put numbers of people into addresses.

    canonical request = method, path, query, signed headers with their values, their names, SHA-256 of the body: a line each
    signature         = hex(HMAC-SHA256(secret, "ACS3-HMAC-SHA256\\n" + hex(SHA-256(canonical request))))
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def encoded(text: str) -> str:
    """As RFC 3986 has it, where only letters, digits and -_.~ stand for themselves."""
    return quote(text, safe="-_.~")


def written(fields: Mapping[str, str]) -> str:
    """Fields as a query or a form, in the order of their names."""
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in sorted(fields.items()))


def signed(
    method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, login: str, secret: bytes
) -> dict[str, str]:
    """The headers of a call to the path `/` with what signs them. `headers` have small letters as names, and host, x-acs-action,
    x-acs-version, x-acs-date and x-acs-signature-nonce are among them."""
    digest = sha256(body).hexdigest()
    whole = {**headers, "x-acs-content-sha256": digest}
    names = sorted(name for name in whole if name in {"host", "content-type"} or name.startswith("x-acs-"))
    lines = "".join(f"{name}:{whole[name].strip()}\n" for name in names)
    listed = ";".join(names)
    request = "\n".join((method, "/", written(query), lines, listed, digest))
    message = f"{ALGORITHM}\n{sha256(request.encode()).hexdigest()}"
    mac = hmac.digest(secret, message.encode(), "sha256").hex()
    whole["authorization"] = f"{ALGORITHM} Credential={login},SignedHeaders={listed},Signature={mac}"
    return whole
