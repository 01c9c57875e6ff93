"""What an export says of itself, and the note by which that is signed: EXPORT-FORMAT.md, sections 2 and 3."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.filter import Filter
from moat_verifier.merkle import HASH_BYTES
from moat_verifier.note import Note, VerifierKey, strict_base64

SCHEMA = "privacy-audit-export/v1"
MANIFEST_BYTES_AT_MOST = 1024 * 1024

_WHERE = "manifest.json"
_FIELDS = {
    "schema", "created", "generator", "requester", "origin", "checkpoint", "previous", "range", "proof", "filter", "rows",
    "files",
}  # fmt: skip
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_COLUMN = re.compile(r"[a-z_]{1,48}(?:\.[a-z_]{1,48}){0,3}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEXT_AT_MOST = 200
_FILES_AT_MOST = 10_100


@dataclass(frozen=True, slots=True)
class State:
    """Size and root of a checkpoint."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the export, by its digest."""

    name: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """An export's manifest, well formed and not yet compared with anything."""

    origin: str
    checkpoint: State
    previous: State | None
    indexes: range
    complete: bool
    filter: Filter
    rows: int
    columns: tuple[str, ...] | None
    files: tuple[Member, ...]
    created: str
    digest: str

    @classmethod
    def parse(cls, raw: bytes) -> "Manifest":
        """Read a manifest.

        Raises:
            CannotCheckError: it is of another version, or filters by criteria that are not known.
            TamperedError: it is malformed.
        """
        fields = _object(raw)
        if fields.get("schema") != SCHEMA:
            raise CannotCheckError("the export is of another version")
        if set(fields) - {"columns"} != _FIELDS:
            raise TamperedError(_WHERE, "lacks a field or has one that is not known")
        try:
            return cls._of(fields, sha256(raw).hexdigest())
        except (ValueError, TypeError, KeyError):
            raise TamperedError(_WHERE, "has a field of another form") from None

    @classmethod
    def _of(cls, fields: dict[str, Any], digest: str) -> "Manifest":
        for name in ("generator", "requester", "origin"):
            _require(isinstance(fields[name], str) and len(fields[name]) <= _TEXT_AT_MOST)
        _require(bool(_TIME.fullmatch(fields["created"])) and fields["proof"] in {"complete", "inclusion"})
        checkpoint = _state(fields["checkpoint"])
        previous = None if fields["previous"] is None else _state(fields["previous"])
        _require(previous is None or 1 <= previous.size <= checkpoint.size)
        start, end = _count(fields["range"].pop("from")), _count(fields["range"].pop("to"))
        _require(not fields["range"] and start <= end <= checkpoint.size)
        return cls(
            origin=fields["origin"],
            checkpoint=checkpoint,
            previous=previous,
            indexes=range(start, end),
            complete=fields["proof"] == "complete",
            filter=Filter.parse(fields["filter"]),
            rows=_count(fields["rows"]),
            columns=_columns(fields["columns"]) if "columns" in fields else None,
            files=_files(fields["files"]),
            created=fields["created"],
            digest=digest,
        )

    def is_signed(self, raw: bytes, keys: Sequence[VerifierKey]) -> bool:
        """Whether `raw` is a note over this manifest that one of the pinned export keys signed. False if none is pinned.

        Raises:
            TamperedError: it is a note over something else, or no pinned key signed it.
        """
        where = "manifest.sig"
        note = Note.parse(raw, where=where)
        if note.text != f"{SCHEMA}\n{self.digest}\n{self.rows}\n".encode():
            raise TamperedError(where, "is not over this manifest")
        if not keys:
            return False
        if not note.signers([key for key in keys if key.name == f"{self.origin}/export"], where=where):
            raise TamperedError(where, "is not signed by a pinned export key of this origin")
        return True


def _object(raw: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(raw.decode(), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        raise TamperedError(_WHERE, "is not a JSON object with each key once") from None
    if not isinstance(fields, dict):
        raise TamperedError(_WHERE, "is not a JSON object with each key once")
    return fields


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    _require(len(fields) == len(pairs))
    return fields


def _require(held: bool) -> None:
    if not held:
        raise ValueError("malformed")


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("not a count")
    return value


def _state(value: dict[str, Any]) -> State:
    root = strict_base64(value["root"])
    _require(set(value) == {"size", "root"} and len(root) == HASH_BYTES)
    return State(_count(value["size"]), root)


def _columns(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(_COLUMN.fullmatch(column) for column in value):
        raise ValueError("not columns")
    return tuple(value)


def _files(value: object) -> tuple[Member, ...]:
    if not isinstance(value, list) or len(value) > _FILES_AT_MOST:
        raise ValueError("not files")
    files = []
    for item in value:
        _require(set(item) == {"name", "bytes", "sha256"} and isinstance(item["name"], str))
        _require(bool(_DIGEST.fullmatch(item["sha256"])))
        files.append(Member(item["name"], _count(item["bytes"]), item["sha256"]))
    names = [file.name for file in files]
    _require(names == sorted(set(names)))
    return tuple(files)
