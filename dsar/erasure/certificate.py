"""A certificate of what became of a request for erasure: a signed note (c2sp.org/signed-note), checked without this service.

    "moat-erasure-certificate/v2" LF
    canonical JSON (`dsar.erasure.canonical`) of {"completion", "erasure", "issued", "log"} LF
    LF
    signature lines, by Ed25519 keys named issuer "/erasure"

    erasure     the facts, of `dsar.erasure.facts`, as they were when the erasure ended
    completion  {"at", "rule"}: the date D of `docs/flows/shred.md`, as it is known when the certificate is issued, and what gave
                it; null while the person's key is kept
    issued      RFC 3339 UTC, milliseconds, as all times here
    log         {"entry", "state"} and, once `state` is published, "index", "origin" and "proof": the entry of the log that was
                written in the transaction of the end, and the c2sp.org/tlog-proof of it. The entry's `wording` is the SHA-256 of
                the canonical JSON of `erasure`

Version 1 (`vault/certificate.py`) certifies the destruction of one key by a call, and names the platform's id of the person as
the caller gave it. This one names nobody: the person stands as their pseudonym of the log, whose key is gone where theirs is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from audit.checkpoint import ED25519, Note, Signature, VerifierKey
from database.columns import rfc3339
from dsar.erasure.canonical import canonical
from dsar.erasure.ports import Complete, Proved, Signer

FORMAT = "moat-erasure-certificate/v2"
KEY_SUFFIX = "/erasure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is certified. `facts` are the octets that the log's entry names, `entry` those of the entry."""

    issuer: str
    facts: bytes
    complete: Complete | None
    entry: bytes
    proved: Proved | None
    issued_at: int

    @property
    def text(self) -> str:
        """What is signed."""
        done = None if self.complete is None else {"at": rfc3339(self.complete.at), "rule": self.complete.rule}
        told = {
            "erasure": orjson.loads(self.facts),
            "completion": done,
            "issued": rfc3339(self.issued_at),
            "log": self._log(),
        }
        return f"{FORMAT}\n{canonical(told).decode()}\n"

    def signed(self, signers: Iterable[Signer]) -> str:
        """The note."""
        lines = []
        for signer in signers:
            key = VerifierKey(self.issuer + KEY_SUFFIX, ED25519, signer.public)
            lines.append(Signature(key.name, key.key_id, signer.sign(self.text.encode())))
        return bytes(Note(self.text, tuple(lines))).decode()

    def _log(self) -> dict[str, Any]:
        told: dict[str, Any] = {"state": "pending", "entry": self.entry.decode("ascii")}
        if self.proved is not None:
            told |= {"state": "published", "origin": self.proved.origin, "index": self.proved.leaf}
            told["proof"] = self.proved.proof.decode()
        return told
