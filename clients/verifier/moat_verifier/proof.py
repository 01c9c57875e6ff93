"""An offline proof of one entry (C2SP tlog-proof).

    c2sp.org/tlog-proof@v1 LF
    [extra base64 LF]
    index decimal LF
    sibling hashes, base64, each LF
    LF
    checkpoint

`extra` is signed by nobody; it may hold the entry itself, which is then bound to the tree like one that is given.
"""

import re
from dataclasses import dataclass

from moat_verifier.checkpoint import Checkpoint
from moat_verifier.entries import ENTRY_BYTES_AT_MOST
from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.log import NOT_PINNED, describe, judged
from moat_verifier.merkle import HASH_BYTES, inclusion_holds, leaf_hash
from moat_verifier.note import strict_base64
from moat_verifier.policy import Policy
from moat_verifier.report import Report

MAGIC = b"c2sp.org/tlog-proof@v1\n"

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_HASHES_AT_MOST = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it was read."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint
    extra: bytes | None

    @classmethod
    def parse(cls, raw: bytes, *, where: str) -> "Proof":
        """Read a proof.

        Raises:
            TamperedError: it is malformed.
        """
        head, parted, checkpoint = raw.partition(b"\n\n")
        if not raw.startswith(MAGIC) or not parted:
            raise TamperedError(where, "is not a proof")
        try:
            index, hashes, extra = _head(head.decode("ascii").split("\n")[1:])
        except ValueError:
            raise TamperedError(where, "is not a proof") from None
        return cls(index, hashes, Checkpoint.parse(checkpoint, where=where), extra)

    def check(self, entry: bytes, *, where: str) -> None:
        """That `entry` is the one with the proof's index.

        Raises:
            TamperedError: it is not.
        """
        point = self.checkpoint
        if not inclusion_holds(
            index=self.index, size=point.size, leaf=leaf_hash(entry), proof=self.hashes, root=point.root
        ):
            raise TamperedError(where, "does not lead from the entry to the root", index=self.index)


def verify_proof(raw: bytes, entry: bytes | None, policy: Policy | None, report: Report) -> None:
    """Check a proof of `entry`, or of the entry that it carries itself.

    Raises:
        TamperedError: it does not hold.
        CannotCheckError: there is no entry to check, or no key is pinned.
    """
    proof = Proof.parse(raw, where="proof")
    trust = judged(proof.checkpoint, policy, where="proof")
    describe(proof.checkpoint, trust, report)
    report.facts["index"] = proof.index
    entry = proof.extra if entry is None else entry
    if entry is None:
        raise CannotCheckError("the proof does not carry its entry: give it by --entry")
    if len(entry) > ENTRY_BYTES_AT_MOST:
        raise TamperedError("entry", "is longer than an entry can be", index=proof.index)
    proof.check(entry, where="proof")
    report.facts["entry"] = entry.decode(errors="backslashreplace")
    if trust is None:
        raise CannotCheckError(NOT_PINNED)


def _head(lines: list[str]) -> tuple[int, tuple[bytes, ...], bytes | None]:
    with_extra = bool(lines) and lines[0].startswith("extra ")
    extra = strict_base64(lines[0].removeprefix("extra ")) if with_extra else None
    index, *encoded = lines[1 if with_extra else 0 :] or [""]
    found = _INDEX.fullmatch(index)
    hashes = tuple(strict_base64(line) for line in encoded)
    if found is None or len(hashes) > _HASHES_AT_MOST or any(len(value) != HASH_BYTES for value in hashes):
        raise ValueError("malformed")
    return int(found[1]), hashes, extra
