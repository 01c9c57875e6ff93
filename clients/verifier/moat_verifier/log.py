"""Checking a whole log or a range of it: signature, tree, every entry, every act."""

from collections.abc import Callable
from dataclasses import dataclass

from moat_verifier.acts import Acts
from moat_verifier.checkpoint import Checkpoint
from moat_verifier.entries import Fields, canonical_fields, proved_bundle
from moat_verifier.errors import CannotCheckError
from moat_verifier.note import NOTE_BYTES_AT_MOST
from moat_verifier.policy import Policy, Trust
from moat_verifier.report import Report
from moat_verifier.source import Source
from moat_verifier.tiles import WIDTH, numbers
from moat_verifier.tree import Tree

SEE_ROW = Callable[[int, bytes, Fields], None]
NOT_PINNED = "SELF-CONSISTENT ONLY, KEY NOT PINNED"


@dataclass(frozen=True, slots=True)
class Counted:
    """How much a walk has checked."""

    entries: int
    acts: int


def read_checkpoint(source: Source, path: str) -> Checkpoint:
    """The checkpoint under `path`, parsed and not yet judged.

    Raises:
        CannotCheckError: there is none.
        TamperedError: it is malformed.
    """
    raw = source.read(path, limit=NOTE_BYTES_AT_MOST)
    if raw is None:
        raise CannotCheckError(f"there is no {path}")
    return Checkpoint.parse(raw, where=path)


def judged(checkpoint: Checkpoint, policy: Policy | None, *, where: str) -> Trust | None:
    """By whom a checkpoint is signed, or None where no key is pinned."""
    return None if policy is None else policy.judge(checkpoint, where=where)


def walk(source: Source, tree: Tree, indexes: range, *, opaque: bool, see: SEE_ROW | None = None) -> Counted:
    """Check every entry with one of `indexes`, show each to `see`, and check that its acts are whole.

    An `opaque` log may hold any bytes; its entries are hashed and nothing else.

    Raises:
        TamperedError: at the first entry or act that does not hold.
    """
    with Acts() as acts:
        for number in numbers(indexes.start, indexes.stop):
            entries = proved_bundle(source, tree, number)
            if opaque:
                continue
            for index, entry in enumerate(entries, number * WIDTH):
                if index in indexes:
                    fields = canonical_fields(entry, index=index)
                    acts.add(index, fields)
                    if see is not None:
                        see(index, entry, fields)
        return Counted(len(indexes), acts.finish())


def describe(checkpoint: Checkpoint, trust: Trust | None, report: Report) -> None:
    """Put into the report what a checkpoint says and by whom it is signed."""
    report.facts |= {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
    if trust is not None:
        report.facts["signed_by"] = str(trust.log)
        report.facts["witnesses"] = [witness.name for witness in trust.witnesses]
