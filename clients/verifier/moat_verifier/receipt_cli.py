"""`moat-verify receipt FILE`: check a receipt of consent, offline.

Exit status: 0 verified with keys pinned from outside, 1 something does not hold, 2 it could not be checked.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from moat_verifier.command import octets_of, pinned_logs, reported
from moat_verifier.jws import keys_of
from moat_verifier.receipt import RECEIPT_BYTES_AT_MOST, verify_receipt
from moat_verifier.report import Report, Verdict


def run_receipt(arguments: Sequence[str], *, program: str) -> int:
    """Verify the receipt that the arguments name, print the report, and give the exit status."""
    options = receipt_parser(program).parse_args(arguments)

    def check(report: Report) -> None:
        keys = [key for text in options.jwk for key in keys_of(_written(text))]
        verify_receipt(_octets(options.receipt), keys, pinned_logs(options.vkey, options.policy), report)

    return reported(check, as_json=options.json)


def receipt_parser(program: str) -> argparse.ArgumentParser:
    """The arguments of the command."""
    arguments = argparse.ArgumentParser(
        prog=program,
        description="Verify a receipt of consent with keys pinned from outside: its signature, the words of its notice, and that "
        "the log holds what it tells.",
        epilog=f"Exit status: {', '.join(f'{verdict.value} {verdict.name.lower()}' for verdict in Verdict)}.",
    )
    arguments.add_argument("receipt", type=Path, help="file with the receipt, as JSON or JSON-LD")
    arguments.add_argument(
        "--jwk", action="append", default=[], help="key that signs receipts: a JWK or JWK set, or a file that holds one"
    )
    arguments.add_argument("--vkey", action="append", default=[], help="key of the log; more than one after a rotation")
    arguments.add_argument("--policy", type=Path, help="policy file (C2SP tlog-policy) with logs, witnesses and quorum")
    arguments.add_argument("--json", action="store_true", help="print the report as JSON")
    return arguments


def _written(text: str) -> str:
    return text if text.lstrip().startswith("{") else _octets(Path(text)).decode(errors="replace")


def _octets(path: Path) -> bytes:
    return octets_of(path, "a receipt", RECEIPT_BYTES_AT_MOST)
