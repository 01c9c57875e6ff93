"""What a person says in their own words, sealed under a key of the tenant in the request's place.

    octets   JSON in UTF-8: {"text"?, "corrections"?: {kind: value}}
    place    owner: the first 8 octets of the request's id, row: the last 8, as unsigned big-endian numbers

They go when the request ends, but for a complaint's, which stay as long as its record; and when the person is erased.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from database.engine import Database
from dsar.desk import store
from dsar.ports import Seal, Sealed


@dataclass(frozen=True, slots=True)
class Words:
    """A text, and values that are to take the place of others, by kind."""

    text: str | None = field(default=None, repr=False)
    corrections: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        return bool(self.text or self.corrections)


class SealedWords:
    """Seals and opens words. None of it is called inside a transaction."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def sealed(self, tenant: int, request: uuid.UUID, words: Words) -> Sealed:
        """Words as they are stored."""
        octets = orjson.dumps({"text": words.text, "corrections": dict(words.corrections)})
        owner, row = _place(request)
        return self._seal.seal(tenant, octets, owner=owner, row=row)

    def of(self, tenant: int, request: uuid.UUID) -> Words:
        """The words of a request, none where there are none or they have gone."""
        found = self._database.read(tenant, lambda tx: tx.one(store.WORDS_OF, tenant=tenant, request=request.bytes))
        if found is None:
            return Words()
        owner, row = _place(request)
        read = orjson.loads(self._seal.open(tenant, (found[0], bytes(found[1])), owner=owner, row=row))
        return Words(read["text"], read["corrections"])


def _place(request: uuid.UUID) -> tuple[int, int]:
    return int.from_bytes(request.bytes[:8]), int.from_bytes(request.bytes[8:])
