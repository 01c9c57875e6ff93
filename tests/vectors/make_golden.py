"""Write examples of every stored or signed byte format, once: `python -m tests.vectors.make_golden`.

A file that is there is never touched: every later version must read it. A new version of a format gets a new file beside it.
Keys and values are made up. `tests/vault/test_golden.py` reads them all.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pyrage
from nacl.signing import SigningKey

from audit.checkpoint import Checkpoint, Note, sign
from audit.entry import Act as LogAct
from audit.entry import Action, Actor, ActorKind, Group, Outcome, SubjectRef
from audit.merkle import leaf_hash
from audit.proof import EntryProof
from dsar.erasure.canonical import canonical
from dsar.erasure.certificate import Certificate as ErasureCertificate
from dsar.erasure.facts import Found, facts_of
from dsar.erasure.judgement import KeepReason, Kept
from dsar.erasure.law_text import shipped_laws
from dsar.erasure.plan import Line
from dsar.erasure.ports import Proved
from dsar.erasure.state import Erasure, Phase
from dsar.holders.holder import Act, Receipt
from dsar.request import Level, Request, RequestState
from dsar.right import Requester, Right
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
ISSUER = "log.example/moat"
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


def certificate_v2() -> bytes:
    """A certificate of what an erasure came to, in a log of one entry."""
    line = Line(
        holder="orders",
        category="order",
        purpose="delivery",
        ref="A" * 22,
        count=2,
        since=AT,
        kept=Kept(KeepReason.LEGAL_OBLIGATION, "ecommerce_31", AT + 5),
    )
    request = Request(
        tenant=1,
        id=UUID(int=7),
        right=Right.ERASURE,
        regime="pipl",
        requester=Requester.SELF,
        subject=1,
        state=RequestState.EXECUTING,
        level=Level.DOCUMENT,
        locale="en",
        received_at=AT,
        due_at=AT + 9,
    )
    begun = Erasure(
        tenant=1,
        request=request.id,
        right=request.right,
        number=1,
        subject="B" * 22,
        phase=Phase.ENDING,
        round=1,
        laws="v1",
        begun_at=AT + 1,
        plan_at=AT + 2,
        plan_digest=bytes(32),
        waiting=None,
        resume_at=None,
        facts=None,
        act=None,
    )
    found = Found(
        gone=[("vault", "phone", "delivery", 3)],
        stays=[line],
        receipts=[(Act.DISPOSE, Receipt(holder="orders", method="delete", count=1, at=AT + 3, evidence=bytes(32)))],
        checked=["orders", "vault"],
        told=("sms", AT + 3),
        key=None,
        approvers=[3, 4],
        laws=shipped_laws(),
        issuer=ISSUER,
        tool="moat/1",
        at=AT + 4,
    )
    facts = canonical(facts_of(request, begun, found))
    group = Group(Outcome.DONE, refs=[request.ref], subjects=[SubjectRef("B" * 22)], wording=sha256(facts).hexdigest())
    act = LogAct(Action.ERASURE_END, Actor(ActorKind.SYSTEM), 1, AT + 4, str(UUID(int=8)), [group])
    (entry,) = act.entries(str(UUID(int=9)))
    checkpoint = Checkpoint(f"{ISSUER}/1", 1, leaf_hash(entry))
    note = Note(checkpoint.text, (sign(checkpoint.text, checkpoint.origin, SEED),))
    certificate = ErasureCertificate(
        issuer=ISSUER,
        facts=facts,
        complete=None,
        entry=entry,
        proved=Proved(checkpoint.origin, 0, bytes(EntryProof(0, (), bytes(note)))),
        issued_at=AT + 6,
    )
    return certificate.signed([Signing()]).encode()


MAKERS: dict[str, Callable[[], bytes]] = {
    "backup_v1.json": backup_v1,
    "certificate_v1.txt": certificate_v1,
    "certificate_v2.txt": certificate_v2,
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
