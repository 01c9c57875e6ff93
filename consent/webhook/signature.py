"""Signatures of deliveries as Standard Webhooks describes them (standardwebhooks.com, symmetric scheme `v1`).

    webhook-id         msg_…, the same at every attempt
    webhook-timestamp  seconds since the Unix epoch, of the attempt
    webhook-signature  v1,<base64 of the MAC> for each secret in force, separated by a space
    MAC                HMAC-SHA256(secret, id "." timestamp "." body)
    secret             32 octets, shown once as whsec_<base64>

A receiver takes a delivery whose timestamp is within `TOLERANCE_SECONDS` of its own clock, and each id once.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence

SECRET_OCTETS = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with, not a secret
TOLERANCE_SECONDS = 300


class Secret:
    """The secret that a subscriber shares with the service. It signs; its text leaves by `reveal` alone."""

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    @classmethod
    def generate(cls) -> "Secret":
        return cls(secrets.token_bytes(SECRET_OCTETS))

    @classmethod
    def of(cls, text: str) -> "Secret":
        """The secret of a text as `reveal` gives it, of 24 to 64 octets.

        Raises:
            ValueError: it is none.
        """
        if not text.startswith(SECRET_PREFIX):
            raise ValueError("a secret is whsec_ and base64")
        octets = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
        if not 24 <= len(octets) <= 64:
            raise ValueError("a secret has 24 to 64 octets")
        return cls(octets)

    def reveal(self) -> str:
        """The text that is shown once."""
        return SECRET_PREFIX + base64.b64encode(self._octets).decode()

    def expose(self) -> bytes:
        """The octets, for sealing them."""
        return self._octets

    def sign(self, message: str, timestamp: int, body: bytes) -> str:
        """One signature of the header."""
        mac = hmac.digest(self._octets, f"{message}.{timestamp}.".encode() + body, "sha256")
        return "v1," + base64.b64encode(mac).decode()

    def __repr__(self) -> str:
        return "Secret()"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not copied")


def signed_headers(among: Sequence[Secret], message: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The headers of one attempt, signed with every secret in force, so that a subscriber can change over at leisure."""
    return {
        "content-type": "application/json",
        "user-agent": "moat-webhooks",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(secret.sign(message, timestamp, body) for secret in among),
    }
