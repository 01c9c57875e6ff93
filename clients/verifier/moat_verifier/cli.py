"""`moat-verify`: the command line.

Exit status: 0 verified with keys pinned from outside, 1 something does not hold, 2 it could not be checked.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from moat_verifier import archive, policy
from moat_verifier.archive import Bounds
from moat_verifier.certificate_cli import run_certificate
from moat_verifier.errors import CannotCheckError, VerificationError
from moat_verifier.note import ED25519, VerifierKey
from moat_verifier.policy import Policy
from moat_verifier.receipt_cli import run_receipt
from moat_verifier.report import Report, Verdict
from moat_verifier.verification import Question, verify

RECEIPT = "receipt"
"""The first argument of a call that checks a receipt of consent."""

CERTIFICATE = "certificate"
"""The first argument of a call that checks a certificate of an erasure."""


def main() -> None:
    """Entry point of the console command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], *, program: str = "moat-verify") -> int:
    """Verify what the arguments name, print the report, and give the exit status."""
    if arguments and arguments[0] == RECEIPT:
        return run_receipt(arguments[1:], program=f"{program} {RECEIPT}")
    if arguments and arguments[0] == CERTIFICATE:
        return run_certificate(arguments[1:], program=f"{program} {CERTIFICATE}")
    options = parser(program).parse_args(arguments)
    report = Report()
    try:
        verify(_question(options), report)
    except VerificationError as error:
        report.end(error)
    except RecursionError:
        report.end(CannotCheckError("something is nested too deeply"))
    print(report.as_json() if options.json else report.as_text())
    return int(report.verdict)


def parser(program: str) -> argparse.ArgumentParser:
    """The arguments of the command."""
    arguments = argparse.ArgumentParser(
        prog=program,
        description="Verify a tiled log (directory or URL), an export (ZIP) or a .tlog-proof, with keys pinned from outside. "
        "`receipt FILE` verifies a receipt of consent, `certificate FILE` a certificate of an erasure.",
        epilog=f"Exit status: {', '.join(f'{verdict.value} {verdict.name.lower()}' for verdict in Verdict)}.",
    )
    arguments.add_argument("target", help="directory or http(s) URL of a tiled log, export ZIP, or .tlog-proof file")
    arguments.add_argument("--vkey", action="append", default=[], help="key of the log; more than one after a rotation")
    arguments.add_argument("--policy", type=Path, help="policy file (C2SP tlog-policy) with logs, witnesses and quorum")
    arguments.add_argument("--export-vkey", action="append", default=[], help="key that signs the manifests of exports")
    arguments.add_argument("--since", type=Path, help="checkpoint, log directory or export seen before")
    arguments.add_argument("--entry", type=Path, help="for a proof: file with the entry's bytes")
    arguments.add_argument("--opaque", action="store_true", help="the log's entries are not the JSON of this service")
    arguments.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments.add_argument(
        "--max-members", type=int, default=archive.MEMBERS_AT_MOST, help="bound of an archive's members"
    )
    arguments.add_argument(
        "--max-bytes", type=int, default=archive.BYTES_AT_MOST, help="bound of an archive's bytes unpacked"
    )
    arguments.add_argument(
        "--max-ratio", type=int, default=archive.RATIO_AT_MOST, help="bound of a large member's expansion"
    )
    arguments.add_argument("--timeout", type=float, default=30.0, help="seconds to wait for each answer of a URL")
    return arguments


def _question(options: argparse.Namespace) -> Question:
    return Question(
        target=options.target,
        policy=_policy(options.vkey, options.policy),
        export_keys=tuple(_export_key(text) for text in options.export_vkey),
        since=options.since,
        entry=options.entry,
        opaque=options.opaque,
        bounds=Bounds(options.max_members, options.max_bytes, options.max_ratio),
        timeout_seconds=options.timeout,
    )


def _policy(vkeys: list[str], path: Path | None) -> Policy | None:
    """The policy of the file, with the keys as further logs of it; None where nothing was pinned."""
    pinned = Policy.of_keys(vkeys)
    if path is not None:
        try:
            read = policy.parse(path.read_bytes())
        except OSError:
            raise CannotCheckError("the policy cannot be read") from None
        pinned = Policy(read.logs + pinned.logs, read.witnesses, read.groups, read.quorum)
    return pinned if pinned.logs else None


def _export_key(text: str) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.kind != ED25519:
        raise CannotCheckError("the key of exports is not of type 0x01")
    return key
