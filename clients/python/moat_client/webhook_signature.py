"""For receivers of webhooks: making sure that a delivery is the service's, whole and fresh (Standard Webhooks, scheme ``v1``).

    from moat_client.webhook_signature import verified

    told = verified(request.body, request.headers, [SECRET], time.time())

Answer 2xx once the change is stored; anything else brings the delivery again. Take each ``webhook-id`` once, and leave out
what has a lower ``epoch`` than what you have of the person.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

import orjson

TOLERANCE_S: Final = 300


class WebhookError(Exception):
    """A delivery that is not to be believed. ``code`` says why: ``malformed``, ``stale`` or ``forged``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def verified(body: bytes, headers: Mapping[str, str], secrets: Iterable[str], now: float) -> dict[str, object]:
    """Return what a delivery tells, once one of the ``secrets`` (``whsec_…``; two while one is changed for another) has signed it
    within five minutes of ``now``, in seconds since the epoch. ``body`` is the octets as they came.

    Raises WebhookError for everything else, and ValueError for a secret that is none.
    """
    named = {name.lower(): value for name, value in headers.items()}
    message, timestamp = named.get("webhook-id", ""), named.get("webhook-timestamp", "")
    if not message or not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise WebhookError("malformed")
    if abs(now - int(timestamp)) > TOLERANCE_S:
        raise WebhookError("stale")
    signed = f"{message}.{timestamp}.".encode() + body
    given = named.get("webhook-signature", "").split(" ")
    macs = [hmac.digest(_octets(secret), signed, "sha256") for secret in secrets]
    expected = [f"v1,{base64.b64encode(mac).decode()}" for mac in macs]
    if not any(hmac.compare_digest(one.encode(), mine.encode()) for one in given for mine in expected):
        raise WebhookError("forged")
    told = orjson.loads(body)
    if not isinstance(told, dict):
        raise WebhookError("malformed")
    return told


def _octets(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ and base64") from None
