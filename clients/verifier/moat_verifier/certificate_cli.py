"""`moat-verify certificate FILE`: check a certificate of an erasure, offline.

Exit status: 0 verified with keys pinned from outside, 1 something does not hold, 2 it could not be checked.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from moat_verifier import policy
from moat_verifier.certificate import CERTIFICATE_BYTES_AT_MOST, KEY_SUFFIX, verify_certificate
from moat_verifier.errors import CannotCheckError, VerificationError
from moat_verifier.note import VerifierKey
from moat_verifier.policy import Policy
from moat_verifier.report import Report, Verdict


def run_certificate(arguments: Sequence[str], *, program: str) -> int:
    """Verify the certificate that the arguments name, print the report, and give the exit status."""
    options = certificate_parser(program).parse_args(arguments)
    report = Report()
    try:
        keys = [VerifierKey.parse(text) for text in options.vkey]
        signing = [key for key in keys if key.name.endswith(KEY_SUFFIX)]
        logs = [str(key) for key in keys if not key.name.endswith(KEY_SUFFIX)]
        verify_certificate(_octets(options.certificate), signing, _policy(logs, options.policy), report)
    except VerificationError as error:
        report.end(error)
    except RecursionError:
        report.end(CannotCheckError("something is nested too deeply"))
    sys.stdout.write((report.as_json() if options.json else report.as_text()) + "\n")
    return int(report.verdict)


def certificate_parser(program: str) -> argparse.ArgumentParser:
    """The arguments of the command."""
    arguments = argparse.ArgumentParser(
        prog=program,
        description="Verify a certificate of an erasure with keys pinned from outside: its signature, that it does not "
        "contradict itself, and that the log holds what it tells.",
        epilog=f"Exit status: {', '.join(f'{verdict.value} {verdict.name.lower()}' for verdict in Verdict)}.",
    )
    arguments.add_argument("certificate", type=Path, help="file with the certificate")
    arguments.add_argument(
        "--vkey", action="append", default=[], help="key that signs certificates, or key of the log; both are needed"
    )
    arguments.add_argument("--policy", type=Path, help="policy file (C2SP tlog-policy) with logs, witnesses and quorum")
    arguments.add_argument("--json", action="store_true", help="print the report as JSON")
    return arguments


def _octets(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(CERTIFICATE_BYTES_AT_MOST + 1)
    except OSError:
        raise CannotCheckError("a file cannot be read") from None
    if len(content) > CERTIFICATE_BYTES_AT_MOST:
        raise CannotCheckError("a file is longer than a certificate can be")
    return content


def _policy(logs: Sequence[str], path: Path | None) -> Policy | None:
    pinned = Policy.of_keys(logs)
    if path is not None:
        read = policy.parse(_octets(path))
        pinned = Policy(read.logs + pinned.logs, read.witnesses, read.groups, read.quorum)
    return pinned if pinned.logs else None
