"""What the commands that check one file have in common."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from moat_verifier import policy
from moat_verifier.errors import CannotCheckError, VerificationError
from moat_verifier.policy import Policy
from moat_verifier.report import Report

POLICY_BYTES_AT_MOST = 1 << 20


def reported(check: Callable[[Report], None], *, as_json: bool) -> int:
    """Check, print the report, and give the exit status."""
    report = Report()
    try:
        check(report)
    except VerificationError as error:
        report.end(error)
    except RecursionError:
        report.end(CannotCheckError("something is nested too deeply"))
    sys.stdout.write((report.as_json() if as_json else report.as_text()) + "\n")
    return int(report.verdict)


def octets_of(path: Path, what: str, at_most: int) -> bytes:
    """The content of a file, which `what` names.

    Raises:
        CannotCheckError: it cannot be read, or is longer than such a file can be.
    """
    try:
        with path.open("rb") as file:
            content = file.read(at_most + 1)
    except OSError:
        raise CannotCheckError("a file cannot be read") from None
    if len(content) > at_most:
        raise CannotCheckError(f"a file is longer than {what} can be")
    return content


def pinned_logs(vkeys: Sequence[str], path: Path | None) -> Policy | None:
    """The logs and witnesses that are pinned: by keys, by a policy file, or by both; None where there are none."""
    pinned = Policy.of_keys(vkeys)
    if path is not None:
        read = policy.parse(octets_of(path, "a policy", POLICY_BYTES_AT_MOST))
        pinned = Policy(read.logs + pinned.logs, read.witnesses, read.groups, read.quorum)
    return pinned if pinned.logs else None
