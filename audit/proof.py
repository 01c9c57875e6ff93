"""A proof of one entry in one file, which needs nothing else but the log's verifier key: c2sp.org/tlog-proof.

c2sp.org/tlog-proof@v1 LF
extra <base64> LF              may be missing; it is not authenticated
index <decimal> LF
<base64 hash> LF               one for each node, from the leaf's sibling to the root's child
LF
the checkpoint, as it was published
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from audit.errors import MalformedError
from audit.merkle import HASH_BYTES, check_inclusion, leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
HASHES_AT_MOST = 63

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class EntryProof:
    """An entry's index, its inclusion proof, and the octets of the checkpoint that it leads to."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __bytes__(self) -> bytes:
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [_base64(one) for one in self.hashes]
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint

    @classmethod
    def parse(cls, octets: bytes) -> "EntryProof":
        """Read a proof, of which nothing is checked yet.

        Raises:
            MalformedError: it is none.
        """
        head, _, checkpoint = octets.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise MalformedError("not a proof") from None
        extra = (
            _from_base64(lines.pop(1).removeprefix("extra ")) if len(lines) > 1 and lines[1][:6] == "extra " else None
        )
        found = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
        if lines[0] != HEADER or found is None or not checkpoint or len(lines) > 2 + HASHES_AT_MOST:
            raise MalformedError("not a proof")
        hashes = tuple(_from_base64(line) for line in lines[2:])
        if any(len(one) != HASH_BYTES for one in hashes):
            raise MalformedError("not a proof")
        return cls(int(found[1]), hashes, checkpoint, extra)

    def check(self, entry: bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
        """Make sure that a log of one of these keys holds `entry` at this index; the checkpoint that says so.

        Raises:
            MalformedError: the checkpoint is none.
            SignatureError: none of the keys signed it.
            ProofError: the entry is not there.
        """
        checkpoint, _ = open_checkpoint(self.checkpoint, keys)
        check_inclusion(
            leaf_hash(entry), index=self.index, size=checkpoint.size, proof=self.hashes, root=checkpoint.root
        )
        return checkpoint


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("not base64") from None
