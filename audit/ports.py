"""What the log needs of others, as it needs it. The composition root wires them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from audit.checkpoint import Checkpoint, Note, Signature
from audit.entry import SubjectRef


class Signer(Protocol):
    """A signing key of the log. Its name and verifier key follow from the log's origin and `public`."""

    @property
    def public(self) -> bytes:
        """The Ed25519 public key, 32 octets (RFC 8032)."""

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, 64 octets."""


class LogKeys(Protocol):
    """The log's keys, made when they are first asked for."""

    def signers(self) -> Sequence[Signer]:
        """The keys that sign now, the newest first: one, or after a rotation two."""

    def publics(self) -> Sequence[bytes]:
        """The public keys of all keys that ever signed."""


class Anchor(Protocol):
    """A place outside the database that remembers checkpoints: a file, an address, a witness.

    An anchor that cannot be read raises OSError; nothing is numbered until it can.
    """

    @property
    def name(self) -> str:
        """What a refusal calls it: a path or an address."""

    def checkpoints(self, origin: str) -> Sequence[bytes]:
        """Signed checkpoints of the log that are remembered there; none if there is none."""

    def keep(self, note: bytes) -> None:
        """Remember a published checkpoint. An anchor that others write does nothing."""


class Witnesses(Protocol):
    """Independent keys that cosign checkpoints (c2sp.org/tlog-witness) before they are published."""

    def cosign(
        self, checkpoint: Checkpoint, note: Note, consistency: Callable[[int], list[bytes]]
    ) -> Sequence[Signature]:
        """Cosignatures of `note`. `consistency` proves the checkpoint from an older size. Takes a bounded time.

        Raises:
            AuditError: too few signed; the checkpoint stays unpublished until the next attempt.
        """


class SubjectDirectory(Protocol):
    """Who the people of the log are, as far as the platform knows them."""

    def pseudonyms(self, tenant: int, platform_id: str) -> Sequence[SubjectRef]:
        """Every pseudonym of the person with this id of the platform; none once the person was erased, or was never known."""
