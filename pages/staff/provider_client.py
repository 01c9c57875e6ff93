"""OpenID Connect with a provider (Core 1.0, section 3.1; code flow with PKCE, RFC 7636), by Authlib, over the one way out.

Steps of the argument that whoever comes back is whom the provider says:
 1. `state`, `nonce` and the code verifier are drawn for one attempt, and stay in a cookie of the browser that began it.
 2. What comes back names the same state, and the issuer where it names one (RFC 9207), so that nobody's answer is slipped in.
 3. The code is exchanged by this server, with its own secret and the verifier: a stolen code is worth nothing.
 4. The ID token is signed by a key of the issuer, by an algorithm of public keys, for this client, now, with the nonce.
 5. Addresses and keys come from the issuer's own discovery document, which names the issuer exactly as the operator wrote it.
"""

import hmac
import secrets
import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc6749.parameters import (
    parse_authorization_code_response,
    prepare_grant_uri,
    prepare_token_request,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pages.staff.errors import ProviderError
from pages.staff.provider import Provider
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError

SCOPE = "openid profile"
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "RS384", "RS512", "EdDSA"]
LEEWAY_SECONDS = 60
KEPT_MS = 3_600_000

_REFUSED = (
    AuthlibBaseError,
    JoseError,
    EgressFailedError,
    EgressRefusedError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in remembers in its browser."""

    provider: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def draw(cls, provider: str) -> "Attempt":
        """A fresh one."""
        return cls(provider, *(secrets.token_urlsafe(32) for _ in range(3)))

    def text(self) -> str:
        """For the cookie."""
        return ".".join((self.provider, self.state, self.nonce, self.verifier))

    @classmethod
    def read(cls, text: str | None) -> "Attempt":
        """Out of the cookie. Raises ProviderError where it is none."""
        parts = (text or "").split(".")
        if len(parts) != 4 or not all(parts):
            raise ProviderError
        return cls(*parts)


@dataclass(frozen=True, slots=True)
class Outsider:
    """Whom a provider has signed in. `at` is when, in milliseconds; 0 where it does not say."""

    subject: str
    name: str | None
    groups: frozenset[str]
    at: int


class ProviderClient:
    """Speaks with one provider."""

    def __init__(self, provider: Provider, egress: Egress, back: str) -> None:
        self.provider = provider
        self._egress = egress
        self._back = back
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[int, Mapping[str, Any]]] = {}

    def begin(self, attempt: Attempt, at: int, *, anew: bool = False) -> str:
        """Where to send the browser. `max_age` asks that they have signed in there within the last five minutes; `anew` that
        they do so now, whatever session they have there (Core 1.0, section 3.1.2.1).

        Raises:
            ProviderError: the provider does not answer as it must.
        """
        try:
            where = self._discovered(at)["authorization_endpoint"]
            address: str = prepare_grant_uri(
                where,
                self.provider.client_id,
                "code",
                redirect_uri=self._back,
                scope=SCOPE,
                state=attempt.state,
                nonce=attempt.nonce,
                **({"max_age": "0", "prompt": "login"} if anew else {"max_age": "300"}),
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
            )
        except _REFUSED:
            raise ProviderError from None
        return address

    def finish(self, attempt: Attempt, address: str, at: int) -> Outsider:
        """Who has come back to this address, at `at` in milliseconds.

        Raises:
            ProviderError: nobody that the provider vouches for.
        """
        try:
            answer = parse_authorization_code_response(address, attempt.state)
            if answer.get("iss", self.provider.issuer) != self.provider.issuer:
                raise ProviderError
            token = self._exchanged(answer["code"], attempt, at)
            return self._vouched(token, attempt, at)
        except _REFUSED:
            raise ProviderError from None

    def _exchanged(self, code: str, attempt: Attempt, at: int) -> Mapping[str, Any]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._back, code=code, code_verifier=attempt.verifier
        )
        both = f"{quote(self.provider.client_id, safe='')}:{quote(self.provider.secret, safe='')}"
        headers = {
            "Authorization": f"Basic {b64encode(both.encode()).decode()}",
            "Content-Type": _FORM,
            "Accept": "application/json",
        }
        where = self._discovered(at)["token_endpoint"]
        return _json(self._egress.call("POST", where, headers=headers, body=body.encode()).body)

    def _vouched(self, token: Mapping[str, Any], attempt: Attempt, at: int) -> Outsider:
        read = self._verified(token["id_token"], at)
        expected = {
            "iss": {"essential": True, "value": self.provider.issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
        }
        known = {
            "nonce": attempt.nonce,
            "client_id": self.provider.client_id,
            "access_token": token.get("access_token"),
        }
        claims = CodeIDToken(read.claims, read.header, expected, known)
        claims.validate(now=at // 1000, leeway=LEEWAY_SECONDS)
        if not hmac.compare_digest(str(claims["nonce"]).encode(), attempt.nonce.encode()):
            raise ProviderError
        name, signed_in = claims.get("preferred_username"), claims.get("auth_time")
        return Outsider(
            subject=str(claims["sub"]),
            name=name if isinstance(name, str) else None,
            groups=_groups(claims.get(self.provider.groups_claim)),
            at=signed_in * 1000 if isinstance(signed_in, int) else 0,
        )

    def _verified(self, text: str, at: int) -> jwt.Token:
        """The ID token, whose signature a key of the issuer has made; keys that are not known are asked for once more."""
        where = self._discovered(at)["jwks_uri"]
        try:
            return jwt.decode(text, KeySet.import_key_set(self._fetched(where, at)), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        except (JoseError, ValueError):
            with self._lock:
                self._kept.pop(where, None)
            return jwt.decode(text, KeySet.import_key_set(self._fetched(where, at)), algorithms=ALGORITHMS)  # type: ignore[arg-type]

    def _discovered(self, at: int) -> Mapping[str, Any]:
        found = self._fetched(f"{self.provider.issuer}/.well-known/openid-configuration", at)
        if found["issuer"] != self.provider.issuer:
            raise ProviderError
        return found

    def _fetched(self, address: str, at: int) -> Mapping[str, Any]:
        with self._lock:
            kept = self._kept.get(address)
        if kept is not None and at < kept[0] + KEPT_MS:
            return kept[1]
        found = _json(self._egress.call("GET", address, headers={"Accept": "application/json"}).body)
        with self._lock:
            self._kept[address] = (at, found)
        return found


def _groups(claim: object) -> frozenset[str]:
    """The groups of a claim: a list, or one text with commas between, as some providers write it."""
    if isinstance(claim, str):
        return frozenset(one.strip() for one in claim.split(","))
    return frozenset(one for one in claim if isinstance(one, str)) if isinstance(claim, list) else frozenset()


def _json(body: bytes) -> Mapping[str, Any]:
    read = orjson.loads(body)
    if not isinstance(read, dict):
        raise ProviderError
    return read
