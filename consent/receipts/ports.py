"""What receipts need of others. The composition root wires them."""

from typing import NamedTuple, Protocol

from audit.ports import LogKeys

ReceiptKeys = LogKeys
"""The keys that sign receipts; they are the deployment's own, apart from those of the log."""


class Proved(NamedTuple):
    """Where an entry is published, and the file that proves it (c2sp.org/tlog-proof)."""

    origin: str
    leaf: int
    proof: bytes


class Proofs(Protocol):
    """The published log. Never asked inside a transaction."""

    def of(self, log: int, leaf: int) -> Proved | None:
        """The proof of an entry; None until this host has published it."""
