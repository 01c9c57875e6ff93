"""The entries of a log: taken from their bundles and read as canonical JSON.

A bundle is, again and again, u16 big-endian length ‖ entry (C2SP tlog-tiles). An entry is an object in RFC 8785 form with
integers only, whose names all have the same order by code point as by UTF-16 unit.
"""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from moat_verifier.errors import TamperedError
from moat_verifier.merkle import leaf_hash
from moat_verifier.source import Source
from moat_verifier.tiles import WIDTH, Tile, bundle_at
from moat_verifier.tree import Tree

ENTRY_BYTES_AT_MOST = 65_535

Fields = dict[str, Any]


def read_bundle(source: Source, bundle: Tile) -> list[bytes]:
    """The entries of a bundle; of a partial one that is gone, those of the full one that came after it.

    Raises:
        TamperedError: it is missing, cut, or does not hold as many entries as its width.
    """
    first = bundle.first
    raw, whole = source.read(bundle.path, limit=bundle.width * (ENTRY_BYTES_AT_MOST + 2)), True
    if raw is None and bundle.width < WIDTH:
        raw, whole = source.read(bundle.full_path, limit=WIDTH * (ENTRY_BYTES_AT_MOST + 2)), False
    if raw is None:
        raise TamperedError(bundle.path, "is missing", index=first)
    entries: list[bytes] = []
    at = 0
    while len(entries) < bundle.width:
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > len(raw) or end > len(raw):
            raise TamperedError(bundle.path, "ends before its last entry", index=first + len(entries))
        entries.append(raw[at + 2 : end])
        at = end
    if whole and at != len(raw):
        raise TamperedError(bundle.path, "goes on after its last entry", index=first + bundle.width)
    return entries


def proved_bundle(source: Source, tree: Tree, number: int) -> list[bytes]:
    """The entries of the bundle with that number, each hashed and found in the tree at its index.

    Raises:
        TamperedError: the bundle does not hold, or an entry is not the one that the tree has there.
    """
    bundle = bundle_at(tree.size, number)
    entries = read_bundle(source, bundle)
    leaves = tree.hashes(0, number)
    hashed = [leaf_hash(entry) for entry in entries]
    if hashed != leaves:
        within = next(at for at, pair in enumerate(zip(hashed, leaves, strict=True)) if pair[0] != pair[1])
        why = "an entry does not hash to its leaf in the tree"
        raise TamperedError(bundle.path, why, index=bundle.first + within)
    return entries


def canonical_fields(entry: bytes, *, index: int) -> Fields:
    """The fields of an entry.

    Raises:
        TamperedError: its bytes are not the one form of a JSON object with integers only.
    """
    try:
        fields = _decode(entry.decode())
        canonical = isinstance(fields, dict) and _encode(fields) == entry.decode()
    except (ValueError, RecursionError):
        canonical = False
    if not canonical:
        raise TamperedError("entry", "its bytes are not canonical JSON", index=index)
    return fields  # type: ignore[no-any-return]  # an object by the check above


def _refuse(_: str) -> NoReturn:
    raise ValueError("not an integer")


_decode: Callable[[str], Any] = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).decode
_encode: Callable[[Any], str] = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode
