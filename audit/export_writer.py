"""Writing the archive of an export, in memory that does not grow with the log.

All members in the order of their names, then the manifest and its signature; written beside its place, synced and renamed. Times,
attributes and order are fixed, so that equal input gives equal octets.
"""

import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

from audit.checkpoint import ED25519, Note, Signature, VerifierKey
from audit.directory import LogFiles
from audit.export import (
    CSV,
    NDJSON,
    PARQUET,
    PROOFS_AT_MOST,
    Listed,
    Plan,
    TooManyProofsError,
    consistency_text,
    guide,
    key_name,
    manifest,
    opened,
    proof_name,
    statement,
)
from audit.export_part import LogDamagedError, Part, Summary, rewritten
from audit.export_rows import csv_header
from audit.merkle import consistency_proof, inclusion_proof, tree_root
from audit.ports import Signer
from audit.proof import EntryProof
from audit.tile import TilePath, nodes_of

_CHUNK_BYTES = 1 << 20
_TIME = (1980, 1, 1, 0, 0, 0)

Octets = Callable[[], Iterable[bytes]]


class Builder:
    """Builds the archive of a plan. `created` is the RFC 3339 time of its manifest."""

    def __init__(self, plan: Plan, files: LogFiles, workspace: Path, *, created: str, signer: Signer) -> None:
        self._plan = plan
        self._files = files
        self._workspace = workspace
        self.parquet = workspace / PARQUET
        self._created = created
        self._signer = signer
        self._nodes = nodes_of(plan.checkpoint.size, files.read)
        self._bundles = plan.parts()
        self.parts = [Part(workspace, number) for number in range(len(self._bundles))]

    def make_part(self, number: int) -> Summary:
        """Make a part, unless it is there; raises as `Part.make`."""
        return self.parts[number].make(self._plan, self._bundles[number], self._files)

    def texts(self, name: str) -> list[Path]:
        """The parts of one text, each made if it is missing."""
        for number in range(len(self.parts)):
            self.make_part(number)
        return [part.text(name) for part in self.parts]

    def assemble(self, target: Path) -> None:
        """Write the archive to `target` in one step, durable when this returns.

        Raises:
            LogDamagedError: the log's files do not have the root of the checkpoint.
            TooManyProofsError: there are more rows than can be proved.
            OSError: the log cannot be read, or the disk does not take the archive.
        """
        checkpoint = self._plan.checkpoint
        if tree_root(checkpoint.size, self._nodes) != checkpoint.root:
            raise LogDamagedError("the tiles do not have the root of the checkpoint")
        summaries = [self.make_part(number) for number in range(len(self.parts))]
        rows = sum(one.rows for one in summaries)
        if self._plan.proofs and rows > PROOFS_AT_MOST:
            raise TooManyProofsError
        members = self._members(summaries)
        with rewritten(target, beside=self._workspace / "archive") as file, zipfile.ZipFile(file, "w") as archive:
            listed = []
            for name in sorted(members):
                one = _add(archive, name, members[name]())
                if not name.startswith("log/tile/"):
                    listed.append(one)
            octets = manifest(self._plan, created=self._created, rows=rows, files=listed)
            _add(archive, "manifest.json", [octets])
            _add(archive, "manifest.sig", [self._signed(statement(octets, rows))])

    def _members(self, summaries: Sequence[Summary]) -> dict[str, Octets]:
        plan = self._plan
        members: dict[str, Octets] = {
            "VERIFY.md": lambda: [guide(plan)],
            "log/checkpoint": lambda: [plan.note.encode()],
            NDJSON: lambda: _joined(self.texts(NDJSON)),
        }
        if "csv" in plan.formats:
            members[CSV] = lambda: _joined(self.texts(CSV), first=csv_header())
        if "parquet" in plan.formats:
            members[PARQUET] = lambda: _joined([self.parquet])
        if plan.previous is not None:
            members |= self._previous(plan.previous)
        for tile in plan.tiles(number for one in summaries for number in one.tiles):
            members[f"log/{tile}"] = partial(self._tile, tile)
        for index in (index for one in summaries for index in one.indexes):
            members[proof_name(index)] = partial(self._proof, index)
        return members

    def _previous(self, note: str) -> dict[str, Octets]:
        proof = consistency_proof(opened(note).size, self._plan.checkpoint.size, self._nodes)
        return {
            "previous/checkpoint": lambda: [note.encode()],
            "previous/consistency": lambda: [consistency_text(proof)],
        }

    def _tile(self, tile: TilePath) -> Iterable[bytes]:
        return [self._files.read(tile)]

    def _proof(self, index: int) -> Iterable[bytes]:
        hashes = inclusion_proof(index, self._plan.checkpoint.size, self._nodes)
        return [bytes(EntryProof(index, tuple(hashes), self._plan.note.encode()))]

    def _signed(self, text: str) -> bytes:
        name = key_name(self._plan.checkpoint.origin)
        key = VerifierKey(name, ED25519, self._signer.public)
        return bytes(Note(text, (Signature(name, key.key_id, self._signer.sign(text.encode())),)))


def _add(archive: zipfile.ZipFile, name: str, octets: Iterable[bytes]) -> Listed:
    """Stream one member into the archive."""
    info = zipfile.ZipInfo(name, _TIME)
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.compress_type = zipfile.ZIP_DEFLATED if name in {NDJSON, CSV} else zipfile.ZIP_STORED
    digest, length = sha256(), 0
    with archive.open(info, "w", force_zip64=name in {NDJSON, CSV, PARQUET}) as member:
        for chunk in octets:
            member.write(chunk)
            digest.update(chunk)
            length += len(chunk)
    return Listed(name, length, digest.hexdigest())


def _joined(paths: Iterable[Path], *, first: bytes = b"") -> Iterator[bytes]:
    yield first
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
