"""Other people in what is disclosed to one person (GDPR 15(4) and 20(4); Network Data Regulations art. 25(4)).

Whatever stands under a name that begins with a role, such as `courier`, `courier_phone` or `driver.name`, is about somebody else
and becomes the role with a number, the same number for the same value: who it was cannot be read, that it was the same can.
"""

from collections.abc import Mapping
from hashlib import blake2b
from secrets import token_bytes
from typing import Any

import orjson

from dsar.disclosure.rows import plain

ROLES: Mapping[str, str] = {
    "courier": "courier",
    "rider": "courier",
    "driver": "courier",
    "deliverer": "courier",
    "merchant": "merchant",
    "seller": "merchant",
    "shop_owner": "merchant",
    "agent": "support",
    "support_agent": "support",
    "operator": "support",
    "staff": "support",
    "employee": "support",
    "guardian": "person",
    "friend": "person",
    "colleague": "person",
    "other_party": "person",
    "counterparty": "person",
    "referrer": "person",
}
"""Words that name somebody else, and the role that stands in their place. The recipient of an order is not among them: the person
named them, and mostly it is the person."""

KNOWN_AT_MOST = 10_000
"""How many people are told apart by numbers; beyond, the role stands alone and memory stays bounded."""


class Redaction:
    """Redacts the records of one package. `roles` are the words for the roles in the person's language."""

    def __init__(self, roles: Mapping[str, str]) -> None:
        self._words = roles
        self._key = token_bytes(32)
        self._numbers: dict[tuple[str, bytes], int] = {}
        self._counts: dict[str, int] = {}

    def redacted(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record without other people. Whether something is so, or is not there, says nothing of anybody and stays."""
        return {name: self._value(name, value) for name, value in record.items()}

    def _value(self, name: str, value: Any) -> Any:
        role = role_of(name)
        if role is not None and value is not None and not isinstance(value, bool):
            return [self._alias(role, one) for one in value] if isinstance(value, list) else self._alias(role, value)
        if isinstance(value, Mapping):
            return {str(inner): self._value(str(inner), one) for inner, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._value("", one) if isinstance(one, Mapping | list | tuple) else one for one in value]
        return value

    def _alias(self, role: str, value: Any) -> str:
        octets = orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS)
        place = role, blake2b(octets, key=self._key, digest_size=16).digest()
        number = self._numbers.get(place)
        if number is None and len(self._numbers) < KNOWN_AT_MOST:
            number = self._counts[role] = self._counts.get(role, 0) + 1
            self._numbers[place] = number
        return self._words[role] if number is None else f"{self._words[role]} {number}"


def role_of(name: str) -> str | None:
    """Whose role a field's name begins with, if any."""
    word = name.lower().replace("-", "_").replace(".", "_")
    while word:
        if word in ROLES:
            return ROLES[word]
        word = word.rpartition("_")[0]
    return None
