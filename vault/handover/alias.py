"""What stands for the customer of an anonymous order: an alias, and a pick-up code. Nothing of either follows from the person.

The alias is drawn anew for each order, a letter and a digit without those that are mistaken for each other, so that two orders
of one person show no more likeness than two of strangers. The pick-up code is the number

    HMAC-SHA-256(key of references, "pickup-code/v1", u32 tenant | reference of the order | 0x00 | nonce) mod 10^4

in four digits. The nonce is stored, the code is not: whoever reads the database without its keys learns no code. A new courier
gets a new nonce, and the code of the courier before is worth nothing.
"""

import hmac
import secrets
from collections.abc import Collection

from vault.keys import MacKey

LETTERS = "ABCDEFGHJKMNPQRTUVWXY"
DIGITS = "2346789"
NONCE_BYTES = 16
CODE_DIGITS = 4
TRIES_AT_MOST = 5
"""Wrong codes until the next courier."""

WORDS = {"zh-Hans": "顾客", "zh-Hant": "顧客", "en": "Customer"}
"""What people are called by whoever sees the alias only."""

_LABEL = b"pickup-code/v1"


def draw_alias(taken: Collection[str]) -> str:
    """An alias that is none of `taken`, as long as there is one."""
    free = [one for letter in LETTERS for digit in DIGITS if (one := letter + digit) not in taken]
    return secrets.choice(free) if free else secrets.choice(LETTERS) + secrets.choice(DIGITS)


def draw_nonce() -> bytes:
    """The nonce of a pick-up code."""
    return secrets.token_bytes(NONCE_BYTES)


def spoken(alias: str, locale: str = "zh-Hans") -> str:
    """The alias as people read it, such as `顾客 A7`."""
    return f"{WORDS[locale]} {alias}"


def pickup_code(key: MacKey, *, tenant: int, ref: str, nonce: bytes) -> str:
    """The pick-up code of an order and its courier."""
    message = tenant.to_bytes(4, "big") + ref.encode() + b"\x00" + nonce
    number = int.from_bytes(key.digest(message, label=_LABEL), "big") % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}d}"


def same_code(code: str, presented: str) -> bool:
    """Whether a presented code is the right one, in constant time."""
    return hmac.compare_digest(code.encode(), presented.encode())
