"""A certificate of erasure: a signed note (c2sp.org/signed-note) that says whose key was destroyed, when, and from when on
nobody can read the person's values again. Whoever has the verifier key checks it without this service.

    "moat-erasure-certificate/v1" LF
    "issuer " name of the deployment's log LF
    "tenant " number LF
    "subject " the platform's id of the person, as the caller gave it LF
    "destroyed " RFC 3339 UTC, milliseconds LF
    "complete " RFC 3339 UTC, milliseconds: the date D of vault/completion.py LF
    "rule " what gave D LF
    "ledger " number (32) SP line SP SHA-256 of that line (64), hexadecimal but for the decimal line LF
    "issued " RFC 3339 UTC, milliseconds LF
    LF
    signature lines, by Ed25519 keys named issuer "/erasure"

The ledger's line holds the person's internal number only; nothing of a certificate is stored.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from audit.checkpoint import ED25519, Note, Signature, VerifierKey
from audit.errors import AuditError
from vault.completion import Rule
from vault.errors import CertificateError
from vault.ledger_line import Position

FORMAT = "moat-erasure-certificate/v1"
KEY_SUFFIX = "/erasure"

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_TEXT = re.compile(
    rf"{FORMAT}\nissuer ([!-*,-~]+)\ntenant (\d+)\nsubject ([!-~]{{1,64}})\ndestroyed ({_TIME})\ncomplete ({_TIME})\n"
    rf"rule ([a-z_]+)\nledger ([0-9a-f]{{32}}) (\d+) ([0-9a-f]{{64}})\nissued ({_TIME})\n",
    re.ASCII,
)


class Signer(Protocol):
    """A key that signs certificates."""

    @property
    def public(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is certified. Times are RFC 3339 texts."""

    issuer: str
    tenant: int
    subject: str
    destroyed: str
    complete: str
    rule: Rule
    ledger: bytes
    line: Position
    issued: str

    @property
    def text(self) -> str:
        """What is signed."""
        return (
            f"{FORMAT}\nissuer {self.issuer}\ntenant {self.tenant}\nsubject {self.subject}\ndestroyed {self.destroyed}\n"
            f"complete {self.complete}\nrule {self.rule.value}\n"
            f"ledger {self.ledger.hex()} {self.line.lines} {self.line.digest.hex()}\nissued {self.issued}\n"
        )

    def signed(self, signers: Iterable[Signer]) -> str:
        """The note."""
        lines = []
        for signer in signers:
            key = verifier_key(self.issuer, signer.public)
            lines.append(Signature(key.name, key.key_id, signer.sign(self.text.encode())))
        return bytes(Note(self.text, tuple(lines))).decode()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note.

        Raises:
            CertificateError: it is no certificate.
        """
        found = _TEXT.fullmatch(text)
        if found is None:
            raise CertificateError("malformed")
        issuer, tenant, subject, destroyed, complete, rule, ledger, line, digest, issued = found.groups()
        try:
            return cls(
                issuer=issuer,
                tenant=int(tenant),
                subject=subject,
                destroyed=destroyed,
                complete=complete,
                rule=Rule(rule),
                ledger=bytes.fromhex(ledger),
                line=Position(int(line), bytes.fromhex(digest)),
                issued=issued,
            )
        except ValueError:
            raise CertificateError("malformed") from None


def verifier_key(issuer: str, public: bytes) -> VerifierKey:
    """The key that checks an issuer's certificates."""
    return VerifierKey(issuer + KEY_SUFFIX, ED25519, public)


def verify(octets: bytes, keys: Sequence[VerifierKey]) -> Certificate:
    """The certificate of a note that at least one of `keys` signed.

    Raises:
        CertificateError: it is no certificate, or none of the keys signed it.
    """
    try:
        note = Note.parse(octets)
    except AuditError:
        raise CertificateError("malformed") from None
    for key in keys:
        try:
            key.check(note)
        except AuditError:
            continue
        certificate = Certificate.parse(note.text)
        if key.name == certificate.issuer + KEY_SUFFIX:
            return certificate
    raise CertificateError("unsigned")
