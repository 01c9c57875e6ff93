"""From stored records to the texts of their tokens, and back."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from database.transaction import Transaction
from vault import preserving, store, token
from vault.errors import KeysChangedError
from vault.identifier import KIND_BY_CODE, KINDS
from vault.item import PRESERVING_FORMAT
from vault.keyring import TenantKeys


class Issuable(Protocol):
    """What a token is made from."""

    @property
    def row(self) -> int: ...
    @property
    def kind(self) -> int: ...
    @property
    def format(self) -> int: ...
    @property
    def token_version(self) -> int: ...
    @property
    def serial(self) -> int | None: ...


class Named(NamedTuple):
    """What a token's text says: a record of a kind, issued under a key version."""

    row: int
    kind: int
    version: int


def issue(keys: TenantKeys, tenant: int, records: Sequence[Issuable]) -> list[str]:
    """The token of each record, in order, under the key version that it was issued under.

    Raises:
        KeysChangedError: another process has minted that version since `keys` were read.
    """
    tokens = [""] * len(records)
    groups: dict[tuple[int, int, int], list[int]] = {}
    for place, record in enumerate(records):
        kind = record.kind if record.format == PRESERVING_FORMAT else 0
        groups.setdefault((record.format, kind, record.token_version), []).append(place)
    for (format_, kind, version), places in groups.items():
        versions = keys.formats.get(KIND_BY_CODE[kind].name, {}) if format_ == PRESERVING_FORMAT else keys.tokens
        if version not in versions:
            raise KeysChangedError
        if format_ == PRESERVING_FORMAT:
            name = KIND_BY_CODE[kind].name
            serials = [records[place].serial or 0 for place in places]
            texts = preserving.issue_many(
                keys.formats[name][version], tenant=tenant, kind=name, version=version, serials=serials
            )
        else:
            rows, kinds = [records[place].row for place in places], [records[place].kind for place in places]
            texts = token.issue_many(keys.tokens[version], tenant=tenant, rows=rows, kinds=kinds)
        for place, text in zip(places, texts, strict=True):
            tokens[place] = text
    return tokens


def read(keys: TenantKeys, tenant: int, texts: Sequence[str]) -> list[Named | None]:
    """What each opaque token says; None where it is none of this tenant's. Format-preserving ones need `resolve`."""
    return [Named(*parsed) if parsed else None for parsed in token.parse_many(keys.tokens, tenant=tenant, texts=texts)]


def resolve(tx: Transaction, keys: TenantKeys, tenant: int, texts: Sequence[str]) -> list[Named | None]:
    """What each format-preserving token says. Its kind is read off its form, its serial found in the database."""
    found: list[Named | None] = [None] * len(texts)
    places: dict[tuple[int, int, int], list[int]] = {}
    for name in preserving.KINDS:
        resolved = preserving.resolve_many(keys.formats.get(name, {}), tenant=tenant, kind=name, texts=texts)
        for place, pair in enumerate(resolved):
            if pair is not None:
                places.setdefault((KINDS[name].code, *pair), []).append(place)
    rows = tx.all(store.RECORDS_BY_SERIAL, rows=list(places), tenant=tenant) if places else []
    for row, kind, version, serial in rows:
        for place in places[kind, version, serial]:
            found[place] = Named(row, kind, version)
    return found
