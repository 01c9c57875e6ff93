"""Write examples of every stored or signed byte format, once: `python -m tests.vectors.make_golden`.

A file that is there is never touched: every later version must read it. A new version of a format gets a new file beside it.
Keys and values are made up. `tests/vault/test_golden.py` reads them all.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
from nacl.signing import SigningKey

from vault.backup.archive import Member, write_archive
from vault.backup.halves import Half
from vault.backup.manifest import HEADER_MEMBER, SUMMARY_MEMBER, Header, Summary, TableShape, Tally
from vault.certificate import Certificate, verifier_key
from vault.completion import Rule
from vault.ledger_key import LedgerKey
from vault.ledger_line import LINE_LABEL, Position, backup, erasure, header, parse, written
from vault.providers.file import FileKeyProvider

GOLDEN = Path(__file__).parent / "golden"

SEED, LEDGER = bytes(range(32)), bytes(range(16))
AT = 1_793_606_400_000


class Signing:
    """A signing key with a known seed."""

    def __init__(self) -> None:
        self._key = SigningKey(SEED)
        self.public = bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`."""
        return self._key.sign(message).signature


def ledger_v1() -> bytes:
    """A ledger of an erasure and both halves of a backup."""
    key = LedgerKey(LEDGER, SEED)
    octets = header(LEDGER, key.public)
    at = Position(0, sha256(octets).digest())
    for event in (
        erasure(tenant=1, subject=70_000, version=3, at=AT, reason="erasure_request"),
        backup(archive=bytes(range(16, 32)), half="keyring", at=AT + 1, until=AT + 2),
        backup(archive=bytes(range(16, 32)), half="data", at=AT + 1, until=AT + 3),
    ):
        body = event.body(at.lines + 1, at.digest)
        line = parse(written(body, key.sign(LINE_LABEL + body)), at)
        octets, at = octets + line.octets, line.position
    return octets


def certificate_v1() -> bytes:
    """A certificate of erasure."""
    certificate = Certificate(
        issuer="log.example/moat",
        tenant=1,
        subject="cust-1001",
        destroyed="2026-11-02T08:00:00.000Z",
        complete="2026-12-02T08:00:00.000Z",
        rule=Rule.COPIES,
        ledger=LEDGER,
        line=Position(7, bytes(32)),
        issued="2026-11-02T08:00:01.000Z",
    )
    return certificate.signed([Signing()]).encode()


def file_provider_v1() -> bytes:
    """A root key file, and a key that it wrapped."""
    directory = GOLDEN / "file_provider_v1.tmp"
    directory.mkdir(mode=0o700)
    try:
        provider = FileKeyProvider(directory)
        root = provider.create_root()
        [wrapped] = provider.wrap(root, [(SEED, b"a context")])
        file = (directory / "root.key").read_text()
    finally:
        for path in directory.iterdir():
            path.unlink()
        directory.rmdir()
    return _json(
        {"file": file, "root": root, "context": b"a context".hex(), "key": SEED.hex(), "wrapped": wrapped.hex()}
    )


def backup_v1() -> bytes:
    """A data archive of one table, sealed to the identity in its description."""
    identity = pyrage.x25519.Identity.generate()
    key = LedgerKey(LEDGER, SEED)
    rows = b'[1,"AAEC",null,true,"\xe4\xb8\x8a\xe6\xb5\xb7"]\n[2,"",5,false,""]\n'
    columns = [("id", "int"), ("sealed", "octets"), ("until", "int"), ("test", "flag"), ("name", "text")]
    described = Header(
        half=Half.DATA,
        backup=bytes(range(16)).hex(),
        at=AT,
        until=AT + 1,
        program="moat-privacy 0.1.0",
        revision="0008",
        ledger=LEDGER.hex(),
        lines=3,
        digest=bytes(32).hex(),
        tables=[TableShape("record", columns)],
        sequences={"record": 2},
        other=bytes(32).hex(),
    )
    summary = Summary(sha256(described.octets()).hexdigest(), {"record": Tally(2, sha256(rows).hexdigest())})
    summary.signature = key.sign(summary.signed).hex()
    path = GOLDEN / "backup_v1.tmp"
    members = [
        Member(HEADER_MEMBER, described.octets()),
        Member("record/000001.ndjson", rows),
        Member(SUMMARY_MEMBER, summary.octets()),
    ]
    write_archive(path, [str(identity.to_public())], members)
    archive = path.read_bytes()
    path.unlink()
    return _json({"identity": str(identity), "archive": archive.hex()})


def keys_v1() -> bytes:
    """The public halves of what signed the files beside this one."""
    signing = Signing()
    vkey = str(verifier_key("log.example/moat", signing.public))
    return _json({"ledger": LEDGER.hex(), "public": signing.public.hex(), "certificate_vkey": vkey})


MAKERS: dict[str, Callable[[], bytes]] = {
    "backup_v1.json": backup_v1,
    "certificate_v1.txt": certificate_v1,
    "file_provider_v1.json": file_provider_v1,
    "keys_v1.json": keys_v1,
    "shred_ledger_v1.txt": ledger_v1,
}


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, make in MAKERS.items():
        if not (GOLDEN / name).exists():
            (GOLDEN / name).write_bytes(make())
