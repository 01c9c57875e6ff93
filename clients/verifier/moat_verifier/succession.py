"""What was seen before: of this log, or of the one that it continues after a restart.

A log's origin ends with a number. Log N+1 is opened after the database was put back to an older state, and its first entry says
in `succeeds` where log N had ended as far as was known: {"log": N, "size": …, "root": hexadecimal}.
"""

from moat_verifier.checkpoint import Checkpoint
from moat_verifier.entries import canonical_fields, proved_bundle
from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.policy import Policy
from moat_verifier.report import Report
from moat_verifier.source import Source
from moat_verifier.tree import Tree

_SEEN = "the checkpoint seen before"


def check_signed(older: Checkpoint, policy: Policy | None) -> None:
    """That an older checkpoint is signed by a pinned key of its own origin.

    The quorum of witnesses is not asked of it: it may be older than the policy.

    Raises:
        TamperedError: it is not.
    """
    if policy is not None:
        Policy(policy.logs).judge(older, where=_SEEN)


def check_not_shorter(older: Checkpoint, newer: Checkpoint) -> None:
    """That a log has not lost entries since an older checkpoint of it.

    Raises:
        TamperedError: it has.
    """
    if older.size > newer.size:
        raise TamperedError("log", "is shorter than the one seen before", index=newer.size)


def check_extends(tree: Tree, older: Checkpoint) -> None:
    """That the tree begins with the older one.

    Raises:
        TamperedError: it does not: entries that were seen before have been changed.
    """
    if tree.root_at(older.size) != older.root:
        raise TamperedError("log", f"its first {older.size} entries are not those seen before")


def continues(older: Checkpoint, newer: Checkpoint) -> bool:
    """Whether the newer log names itself the one after the older.

    Raises:
        CannotCheckError: they are neither the same log nor one after the other.
    """
    if older.origin == newer.origin:
        return False
    stem, _, number = older.origin.rpartition("/")
    if not number.isascii() or not number.isdecimal() or newer.origin != f"{stem}/{int(number) + 1}":
        raise CannotCheckError(f"{_SEEN} is of another origin")
    return True


def check_continues(source: Source, tree: Tree, older: Checkpoint, report: Report) -> None:
    """That a log whose predecessor was seen begins with an entry that continues it from there.

    Raises:
        TamperedError: it continues it from before what was seen, or from another history.
        CannotCheckError: it continues it from later: the older log's own files show the way between.
    """
    if not tree.size:
        raise CannotCheckError("the log is of another origin than the one seen before, and empty")
    entry = proved_bundle(source, tree, 0)[0]
    said = canonical_fields(entry, index=0).get("succeeds")
    number = int(older.origin.rpartition("/")[2])
    if not isinstance(said, dict) or said.get("log") != number or type(said.get("size")) is not int:
        raise TamperedError("entry", "does not say which log it continues", index=0)
    if said["size"] < older.size:
        raise TamperedError("entry", "continues the older log from before what was seen of it", index=0)
    if said["size"] > older.size:
        raise CannotCheckError(
            "the log continues an older one from later than what was seen; check that one's files first"
        )
    if said.get("root") != older.root.hex():
        raise TamperedError("entry", "continues another history than the one seen before", index=0)
    report.notes.append(f"the log was restarted: it continues {older.origin} from where that was seen")
