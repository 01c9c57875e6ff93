"""`moat-verify certificate FILE`: check a certificate of an erasure, offline.

Exit status: 0 verified with keys pinned from outside, 1 something does not hold, 2 it could not be checked.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from moat_verifier.certificate import CERTIFICATE_BYTES_AT_MOST, KEY_SUFFIX, verify_certificate
from moat_verifier.command import octets_of, pinned_logs, reported
from moat_verifier.note import VerifierKey
from moat_verifier.report import Report, Verdict


def run_certificate(arguments: Sequence[str], *, program: str) -> int:
    """Verify the certificate that the arguments name, print the report, and give the exit status."""
    options = certificate_parser(program).parse_args(arguments)

    def check(report: Report) -> None:
        keys = [VerifierKey.parse(text) for text in options.vkey]
        signing = [key for key in keys if key.name.endswith(KEY_SUFFIX)]
        logs = [str(key) for key in keys if not key.name.endswith(KEY_SUFFIX)]
        certificate = octets_of(options.certificate, "a certificate", CERTIFICATE_BYTES_AT_MOST)
        verify_certificate(certificate, signing, pinned_logs(logs, options.policy), report)

    return reported(check, as_json=options.json)


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
