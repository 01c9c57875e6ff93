"""The frank: what this service gives the recipient of a message, so that it can be reported after nothing of it is kept here.

    frank       key: MacKey of the tenant (refs)   "frank/v1"    u8 0x01 | u64 tenant | 16 octets fingerprint of the order
                | 32 octets sender's key | 32 octets recipient's key | u64 hour, ms | 32 octets commitment
    order       key: MacKey of the tenant (refs)   "letter/v1"   u64 tenant | ref, UTF-8, cut to 16 octets

A frank proves that this service took an envelope with this commitment, in this hour and for this order, from a call that sent it
for the device with the sender's key, to the device with the recipient's. Together with the opening and the text it proves that
the text is the one that was committed to (message franking; Grubbs, Lu and Ristenpart, 2017). It does not prove that the person
typed it: the platform speaks for devices, and could send under a device's name what no device can open.
"""

import hmac
from struct import Struct
from typing import NamedTuple

from vault.keys import MacKey

FRANK_BYTES = 32
HOUR_MS = 3_600_000

_ORDER = Struct(">Q").pack
_PLACE = Struct(">BQ16s32s32sQ").pack


class Franked(NamedTuple):
    """What a frank is of."""

    order: bytes
    sender: bytes
    recipient: bytes
    hour: int
    commitment: bytes


def order_fingerprint(key: MacKey, *, tenant: int, ref: str) -> bytes:
    """Finds the messages of an order, which stands with none of them."""
    return key.digest(_ORDER(tenant) + ref.encode(), 16, label=b"letter/v1")


def hour_of(at: int) -> int:
    """The beginning of the hour, in milliseconds since the epoch."""
    return at - at % HOUR_MS


def frank(key: MacKey, tenant: int, of: Franked) -> bytes:
    """The frank of a message."""
    place = _PLACE(1, tenant, of.order, of.sender, of.recipient, of.hour)
    return key.digest(place + of.commitment, FRANK_BYTES, label=b"frank/v1")


def is_frank(key: MacKey, tenant: int, of: Franked, shown: bytes) -> bool:
    """Whether this service made the frank."""
    return hmac.compare_digest(frank(key, tenant, of), shown)
