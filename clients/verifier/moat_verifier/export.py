"""Checking an export, step by step as EXPORT-FORMAT.md has it.

1. the manifest is well formed, its note is over it, and the checkpoint is the one it names, signed by a pinned key
2. the tree: every tile present is bound to the checkpoint's root
3. the older checkpoints, the export's own and the receiver's, begin this tree
4. the rows: derived again from the bundles (`complete`), or each found in the tree (`inclusion`)
5. the members: those and no others, the listed ones with their digests
"""

import re
from collections.abc import Iterator
from hashlib import sha256

from moat_verifier.archive import ZipSource
from moat_verifier.checkpoint import Checkpoint
from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.export_rows import Rows, complete_rows, inclusion_rows
from moat_verifier.log import NOT_PINNED, describe, judged, read_checkpoint
from moat_verifier.manifest import MANIFEST_BYTES_AT_MOST, Manifest, State
from moat_verifier.merkle import HASH_BYTES, consistency_holds
from moat_verifier.note import NOTE_BYTES_AT_MOST, VerifierKey, strict_base64
from moat_verifier.policy import Policy
from moat_verifier.report import Report
from moat_verifier.source import Within
from moat_verifier.succession import check_continues, check_extends, check_not_shorter, check_signed, continues
from moat_verifier.tiles import WIDTH, bundle_at, level_tiles, levels, numbers, tile_at
from moat_verifier.tree import Tree

_LISTED = re.compile(
    r"log/checkpoint|previous/(?:checkpoint|consistency)|entries\.(?:ndjson|csv|parquet)"
    r"|policy\.txt|VERIFY\.md|SUMMARY\.html|proofs/(?:0|[1-9][0-9]{0,18})\.tlog-proof"
)
_PROOF_BYTES_AT_MOST = 64 * (HASH_BYTES * 2)
_NOT_HELD = "the export does not hold what shows that the log extends the one seen before"
_EXPORT_NOT_PINNED = "INCLUSION ONLY, EXPORT KEY NOT PINNED: that no row was left out is stated by nobody known"


def verify_export(
    archive: ZipSource,
    policy: Policy | None,
    export_keys: tuple[VerifierKey, ...],
    older: Checkpoint | None,
    report: Report,
) -> None:
    """Check an export. Returning means that everything holds by pinned keys.

    Raises:
        TamperedError: something does not hold.
        CannotCheckError: it cannot be said, or no key is pinned.
    """
    manifest = Manifest.parse(_required(archive, "manifest.json", MANIFEST_BYTES_AT_MOST))
    signed = manifest.is_signed(_required(archive, "manifest.sig", NOTE_BYTES_AT_MOST), export_keys)
    checkpoint = read_checkpoint(archive, "log/checkpoint")
    _same(checkpoint, manifest.checkpoint, manifest.origin, where="log/checkpoint")
    trust = judged(checkpoint, policy, where="log/checkpoint")
    describe(checkpoint, trust, report)
    report.facts["created"] = manifest.created
    report.facts["range"] = f"[{manifest.indexes.start}, {manifest.indexes.stop})"

    tree = Tree(Within(archive, "log/"), checkpoint)
    _check_previous(archive, manifest, checkpoint, policy)
    if older is not None:
        check_signed(older, policy)
        _check_since(archive, manifest, tree, older, report)
        report.facts["extends"] = older.size
    report.facts["tiles"] = tree.check(_range_tiles(manifest))
    rows = (complete_rows if manifest.complete else inclusion_rows)(archive, manifest, tree, checkpoint)
    _check_members(archive, manifest, rows)
    _describe_rows(archive, manifest, rows, signed=signed, report=report)
    if trust is None:
        raise CannotCheckError(NOT_PINNED)
    if not (manifest.complete or signed):
        raise CannotCheckError(_EXPORT_NOT_PINNED)


def _required(archive: ZipSource, name: str, limit: int) -> bytes:
    content = archive.read(name, limit=limit)
    if content is None:
        raise CannotCheckError(f"the archive is not an export: there is no {name}")
    return content


def _same(checkpoint: Checkpoint, state: State, origin: str, *, where: str) -> None:
    if (checkpoint.origin, checkpoint.size, checkpoint.root) != (origin, state.size, state.root):
        raise TamperedError(where, "is not the checkpoint that the manifest names")


def _check_previous(archive: ZipSource, manifest: Manifest, checkpoint: Checkpoint, policy: Policy | None) -> None:
    """That the export before, if this one names it, was of the same log."""
    if manifest.previous is None:
        return
    previous = read_checkpoint(archive, "previous/checkpoint")
    _same(previous, manifest.previous, manifest.origin, where="previous/checkpoint")
    check_signed(previous, policy)
    where = "previous/consistency"
    lines = (archive.read(where, limit=_PROOF_BYTES_AT_MOST) or b"").split(b"\n")
    try:
        proof = [strict_base64(line.decode()) for line in lines[:-1]]
    except ValueError:
        raise TamperedError(where, "is not a proof") from None
    if lines[-1] or not consistency_holds(
        old=previous.size, new=checkpoint.size, old_root=previous.root, new_root=checkpoint.root, proof=proof
    ):
        raise TamperedError(where, "does not show that the log extends the export before")


def _check_since(
    archive: ZipSource,
    manifest: Manifest,
    tree: Tree,
    older: Checkpoint,
    report: Report,
) -> None:
    """That the log extends what the receiver has seen: by the proof of step 3 if that is the export before, else by the tiles."""
    newer = read_checkpoint(archive, "log/checkpoint")
    if continues(older, newer):
        if not manifest.complete or 0 not in manifest.indexes:
            raise CannotCheckError(_NOT_HELD)
        check_continues(Within(archive, "log/"), tree, older, report)
        return
    check_not_shorter(older, newer)
    if manifest.previous == State(older.size, older.root):
        return
    edge = tile_at(tree.size, 0, older.size // WIDTH)
    if older.size % WIDTH and f"log/{edge.path}" not in archive.members:
        raise CannotCheckError(_NOT_HELD)
    check_extends(tree, older)


def _range_tiles(manifest: Manifest) -> range:
    return numbers(manifest.indexes.start, manifest.indexes.stop) if manifest.complete else range(0)


def _tiles(manifest: Manifest, rows: Rows) -> Iterator[str]:
    """Paths of the tiles and bundles that the archive must hold, and no others."""
    size = manifest.checkpoint.size
    for level in range(1, levels(size)):
        yield from (tile.path for tile in level_tiles(size, level))
    leaf_tiles = set(_range_tiles(manifest)) | rows.leaf_tiles
    if size % WIDTH:
        leaf_tiles.add(size // WIDTH)
    yield from (tile_at(size, 0, number).path for number in leaf_tiles)
    yield from (bundle_at(size, number).path for number in _range_tiles(manifest))


def _check_members(archive: ZipSource, manifest: Manifest, rows: Rows) -> None:
    """Step 5."""
    listed = {file.name for file in manifest.files}
    needed = {"log/checkpoint", "entries.ndjson"}
    needed |= {"previous/checkpoint", "previous/consistency"} if manifest.previous else set()
    needed |= {"entries.csv"} if manifest.columns else set()
    optional = {name for name in listed if name.startswith(("proofs/", "policy", "VERIFY", "SUMMARY"))}
    if not needed <= listed or listed - needed - optional - {"entries.parquet"}:
        raise TamperedError("manifest.json", "lists files that it should not, or lacks one")
    if not all(_LISTED.fullmatch(name) for name in listed):
        raise TamperedError("manifest.json", "lists a file that an export does not have")
    expected = listed | {"manifest.json", "manifest.sig"} | {f"log/{path}" for path in _tiles(manifest, rows)}
    for name in sorted(expected ^ archive.members.keys()):
        raise TamperedError(name, "is missing" if name in expected else "does not belong into the archive")
    for file in manifest.files:
        digest, length = sha256(), 0
        for chunk in archive.chunks(file.name):
            digest.update(chunk)
            length += len(chunk)
        if (length, digest.hexdigest()) != (file.length, file.sha256):
            raise TamperedError(file.name, "is not the file that the manifest lists")


def _describe_rows(archive: ZipSource, manifest: Manifest, rows: Rows, *, signed: bool, report: Report) -> None:
    report.facts["entries"] = rows.entries
    report.facts["acts"] = rows.acts
    report.facts["rows"] = manifest.rows
    report.facts["completeness"] = "complete" if manifest.complete else "inclusion only"
    report.facts["manifest"] = "signed by a pinned export key" if signed else "export key not pinned"
    if manifest.complete and not signed:
        report.notes.append("the manifest's own signature was not checked; all it says was derived again from the log")
    if "entries.parquet" in archive.members:
        report.notes.append("entries.parquet has the digest of the manifest; its contents were not compared")
