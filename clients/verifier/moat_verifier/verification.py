"""What was asked, and which check answers it."""

from dataclasses import dataclass, field
from pathlib import Path

from moat_verifier.archive import Bounds, ZipSource
from moat_verifier.checkpoint import Checkpoint
from moat_verifier.errors import CannotCheckError
from moat_verifier.export import verify_export
from moat_verifier.log import NOT_PINNED, describe, judged, read_checkpoint, walk
from moat_verifier.note import NOTE_BYTES_AT_MOST, VerifierKey
from moat_verifier.policy import Policy
from moat_verifier.proof import MAGIC, verify_proof
from moat_verifier.remote import UrlSource
from moat_verifier.report import Report
from moat_verifier.source import DirectorySource, Source
from moat_verifier.succession import check_continues, check_extends, check_not_shorter, check_signed, continues
from moat_verifier.tiles import numbers
from moat_verifier.tree import Tree

ZIP_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Question:
    """What to verify, and by what. Without `policy` no key is pinned and the best verdict is "cannot check"."""

    target: str
    policy: Policy | None
    export_keys: tuple[VerifierKey, ...] = ()
    since: Path | None = None
    entry: Path | None = None
    opaque: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    timeout_seconds: float = 30.0


def verify(question: Question, report: Report) -> None:
    """Check the target and put what was found into `report`. Returning means that everything holds.

    Raises:
        TamperedError: something does not.
        CannotCheckError: it cannot be said.
    """
    older = None if question.since is None else seen_before(question.since, question.bounds)
    if question.target.startswith(("http://", "https://")):
        with UrlSource(question.target, question.timeout_seconds) as remote:
            _verify_log(remote, question, older, report)
        return
    path = Path(question.target)
    if path.is_dir():
        _verify_log(DirectorySource(path), question, older, report)
        return
    head = _head(path)
    if head.startswith(ZIP_MAGIC):
        with ZipSource(path, question.bounds) as archive:
            verify_export(archive, question.policy, question.export_keys, older, report)
    elif head.startswith(MAGIC):
        if older is not None:
            raise CannotCheckError("a proof does not hold what shows that the log extends an older one")
        entry = None if question.entry is None else _read(question.entry)
        verify_proof(_read(path), entry, question.policy, report)
    else:
        raise CannotCheckError("the target is neither a log, an export nor a proof")


def seen_before(path: Path, bounds: Bounds) -> Checkpoint:
    """The checkpoint of a file, of a log's directory or of an export.

    Raises:
        CannotCheckError: there is none.
    """
    if path.is_dir():
        return read_checkpoint(DirectorySource(path), "checkpoint")
    if _head(path).startswith(ZIP_MAGIC):
        with ZipSource(path, bounds) as archive:
            return read_checkpoint(archive, "log/checkpoint")
    return Checkpoint.parse(_read(path), where="the checkpoint seen before")


def _verify_log(source: Source, question: Question, older: Checkpoint | None, report: Report) -> None:
    checkpoint = read_checkpoint(source, "checkpoint")
    trust = judged(checkpoint, question.policy, where="checkpoint")
    describe(checkpoint, trust, report)
    tree = Tree(source, checkpoint)
    if older is not None:
        check_signed(older, question.policy)
        if continues(older, checkpoint):
            check_continues(source, tree, older, report)
        else:
            check_not_shorter(older, checkpoint)
            check_extends(tree, older)
        report.facts["extends"] = older.size
    report.facts["tiles"] = tree.check() + len(numbers(0, checkpoint.size))
    counted = walk(source, tree, range(checkpoint.size), opaque=question.opaque)
    report.facts["entries"] = counted.entries
    if not question.opaque:
        report.facts["acts"] = counted.acts
    if trust is None:
        raise CannotCheckError(NOT_PINNED)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError:
        raise CannotCheckError("a file cannot be read") from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(NOTE_BYTES_AT_MOST + 1)
    except OSError:
        raise CannotCheckError("a file cannot be read") from None
    if len(content) > NOTE_BYTES_AT_MOST:
        raise CannotCheckError("a file is longer than such a file can be")
    return content
