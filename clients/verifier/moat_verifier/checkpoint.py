"""A tiled log's checkpoint: the text of its signed note (C2SP tlog-checkpoint).

origin LF ‖ size, decimal LF ‖ root, base64 LF ‖ extension lines, each LF
"""

import re
from dataclasses import dataclass

from moat_verifier.errors import TamperedError
from moat_verifier.merkle import HASH_BYTES
from moat_verifier.note import Note, strict_base64

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log said of itself. That it said so is checked over `note`."""

    origin: str
    size: int
    root: bytes
    note: Note
    raw: bytes

    @classmethod
    def parse(cls, raw: bytes, *, where: str) -> "Checkpoint":
        """Read a checkpoint.

        Raises:
            TamperedError: it is malformed.
        """
        note = Note.parse(raw, where=where)
        lines = note.text.decode().split("\n")[:-1]
        if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
            raise TamperedError(where, "is not a checkpoint")
        try:
            root = strict_base64(lines[2])
        except ValueError:
            raise TamperedError(where, "is not a checkpoint") from None
        size = int(lines[1])
        if len(root) != HASH_BYTES or size >= 2**63:
            raise TamperedError(where, "is not a checkpoint")
        return cls(lines[0], size, root, note, raw)
