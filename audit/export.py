"""What an export will hold, decided when it is asked for: clients/verifier/EXPORT-FORMAT.md.

A plan is frozen in the job's parameters, with the checkpoint that everything is proved to. Together with the log, which never
changes below a checkpoint, it gives every octet of the archive: whoever builds it again, after a kill or on another host, builds
the same one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import orjson

from audit.checkpoint import Checkpoint, Note
from audit.errors import AuditError
from audit.export_filter import Filter
from audit.export_rows import COLUMNS, base64_of
from audit.tile import WIDTH, TilePath, tiles_between, width_at

KIND = "audit_export"
SCHEMA = "privacy-audit-export/v1"
FORMATS = ("csv", "parquet")
BUNDLES_PER_PART = 32
PROOFS_AT_MOST = 5_000
"""More would not fit into a manifest, which has 1 MiB."""

NDJSON = "entries.ndjson"
CSV = "entries.csv"
PARQUET = "entries.parquet"


class TooManyProofsError(AuditError):
    """More rows than an export may hold proofs of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An export as it was asked for. `note` and `previous` are published checkpoints, byte for byte.

    Raises:
        MalformedError: a checkpoint is none.
        ValueError: the filter is none, or the range does not lie in the log.
    """

    log: int
    note: str
    start: int
    stop: int
    complete: bool
    criteria: Mapping[str, Any]
    formats: tuple[str, ...]
    proofs: bool
    requester: str
    generator: str
    previous: str | None

    def __post_init__(self) -> None:
        Filter(self.criteria)
        if not 0 <= self.start <= self.stop <= self.checkpoint.size:
            raise ValueError("the range does not lie in the log")

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Plan":
        """The plan that a job's parameters hold."""
        return cls(**{**params, "formats": tuple(params["formats"])})

    def params(self) -> dict[str, Any]:
        """The plan as a job's parameters."""
        return {**asdict(self), "formats": list(self.formats)}

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that everything is proved to."""
        return opened(self.note)

    @property
    def bundles(self) -> range:
        """Numbers of the bundles that hold the range."""
        return range(self.start // WIDTH, -(-self.stop // WIDTH)) if self.stop > self.start else range(0)

    def parts(self) -> Sequence[range]:
        """Numbers of the bundles that each part is made from."""
        return [
            self.bundles[first : first + BUNDLES_PER_PART] for first in range(0, len(self.bundles), BUNDLES_PER_PART)
        ]

    def tiles(self, with_rows: Iterable[int]) -> Iterator[TilePath]:
        """The tiles and bundles that the archive holds, where `with_rows` are numbers of the leaf tiles that hold a row."""
        size = self.checkpoint.size
        leaf_tiles = set(self.bundles) if self.complete else set(with_rows)
        if size % WIDTH:
            leaf_tiles.add(size // WIDTH)
        yield from (TilePath(0, number, width_at(0, number, size)) for number in leaf_tiles)
        yield from (tile for tile in tiles_between(0, size) if tile.level)
        if self.complete:
            yield from (TilePath(None, number, width_at(0, number, size)) for number in self.bundles)


@dataclass(frozen=True, slots=True)
class Listed:
    """A member of the archive, as the manifest lists it."""

    name: str
    length: int
    digest: str


def opened(note: str) -> Checkpoint:
    """The checkpoint of a note, whose signatures its publisher has checked.

    Raises:
        MalformedError: it is none.
    """
    return Checkpoint.parse(Note.parse(note.encode()).text)


def manifest(plan: Plan, *, created: str, rows: int, files: Sequence[Listed]) -> bytes:
    """The octets of manifest.json, in RFC 8785 form."""
    previous = None if plan.previous is None else opened(plan.previous)
    columns = {"columns": list(COLUMNS)} if "csv" in plan.formats else {}
    fields = {
        "schema": SCHEMA,
        "created": created,
        "generator": plan.generator,
        "requester": plan.requester,
        "origin": plan.checkpoint.origin,
        "checkpoint": _state(plan.checkpoint),
        "previous": None if previous is None else _state(previous),
        "range": {"from": plan.start, "to": plan.stop},
        "proof": "complete" if plan.complete else "inclusion",
        "filter": plan.criteria,
        "rows": rows,
        "files": [{"name": one.name, "bytes": one.length, "sha256": one.digest} for one in files],
        **columns,
    }
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def statement(manifest_octets: bytes, rows: int) -> str:
    """What the export key signs."""
    return f"{SCHEMA}\n{sha256(manifest_octets).hexdigest()}\n{rows}\n"


def key_name(origin: str) -> str:
    """The name of the key that signs exports of a log."""
    return f"{origin}/export"


def proof_name(index: int) -> str:
    """The member that holds the proof of one row."""
    return f"proofs/{index}.tlog-proof"


def consistency_text(proof: Sequence[bytes]) -> bytes:
    """The member previous/consistency."""
    return "".join(f"{base64_of(one)}\n" for one in proof).encode()


def guide(plan: Plan) -> bytes:
    """The member VERIFY.md."""
    origin = plan.checkpoint.origin
    since = " --since THE-EXPORT-BEFORE.zip" if plan.previous else ""
    return _GUIDE.format(origin=origin, export=key_name(origin), since=since).encode()


def _state(checkpoint: Checkpoint) -> dict[str, Any]:
    return {"size": checkpoint.size, "root": base64_of(checkpoint.root)}


_GUIDE = """\
# How to check this export

Take the keys from somewhere else than this archive: from the operator by another way, or from your own file of the last audit.

    python3 -m venv check && check/bin/pip install moat-verifier
    check/bin/moat-verify THIS-EXPORT.zip --vkey 'KEY OF {origin}' \\
        --export-vkey 'KEY OF {export}'{since}

Exit status 0: everything holds. 1: something does not, and the first place where is named. 2: it could not be checked.

`log/` is a C2SP tiled log, so that any program that reads tlog-tiles can check a `complete` export of the whole range. `proofs/`
holds C2SP tlog-proofs of single rows.
"""
