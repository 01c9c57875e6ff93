"""How far a bulk run came: what is written beside its output, so that a killed run continues where it was.

The file is JSON of version 1, without any cell: the input's fingerprint (SHA-256 of its first octets, size, time of
modification), a digest of the options, a name drawn for the run, and counts. The order of writing is what makes it true
at every moment: output and refusals reach the disk first, then this file replaces its predecessor.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

VERSION: Final = 1
FINGERPRINTED_OCTETS: Final = 1 << 20


class ProgressError(Exception):
    """The file beside the output is not of this run, or not one of ours."""


@dataclass(frozen=True, slots=True)
class InputFingerprint:
    """Tells whether a file is the one that a run began with."""

    sha256: str
    size: int
    modified_ns: int

    @classmethod
    def of(cls, first: bytes, *, size: int, modified_ns: int) -> "InputFingerprint":
        """Fingerprint a file by its first ``FINGERPRINTED_OCTETS`` octets, its size and its time of modification."""
        return cls(hashlib.sha256(first[:FINGERPRINTED_OCTETS]).hexdigest(), size, modified_ns)


@dataclass(frozen=True, slots=True)
class Progress:
    """The run up to its last checkpoint. Lengths in octets; ``rows`` counts refused rows as well."""

    run: str
    input: InputFingerprint
    options: str
    rows: int = 0
    batches: int = 0
    output_octets: int = 0
    refused_octets: int = 0
    complete: bool = False
    tally: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def key(self, batch: int) -> str:
        """Return the Idempotency-Key of a batch: the same after a kill, another in another run of the same file."""
        return "bulk-" + hashlib.sha256(f"{self.run}\n{batch}".encode()).hexdigest()[:40]

    def to_json(self) -> bytes:
        """Write as the file's octets."""
        return json.dumps({"version": VERSION, **asdict(self)}, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, octets: bytes) -> "Progress":
        """Read the file's octets. Raises ProgressError."""
        try:
            members = json.loads(octets)
            if members.pop("version") != VERSION:
                raise ProgressError("the progress file is of another version")
            return cls(**members | {"input": InputFingerprint(**members["input"])})
        except (ValueError, TypeError, KeyError, AttributeError) as malformed:
            raise ProgressError("the progress file is not readable") from malformed

    def must_match(self, begun: "Progress") -> None:
        """Raise ProgressError unless a run that begins now with this input and these options is the one recorded."""
        if self.input != begun.input:
            raise ProgressError("the input has changed since the run that is recorded beside the output")
        if self.options != begun.options:
            raise ProgressError("the run that is recorded beside the output had other options")


def options_digest(options: Mapping[str, object]) -> str:
    """Return a digest of all that decides what is written."""
    return hashlib.sha256(json.dumps(options, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
