"""What the log has committed itself to: its checkpoint, who signed that, and what to keep of it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flask import Blueprint, Response

from audit.checkpoint import Note, VerifierKey
from audit.lag import LagWatch
from audit.published import NotPublishedError, PublishedLog, PublishedLogs
from pages.shell.site import Site
from pages.staff.door import StaffDoor
from web.principal import Scope

_COSIGNED_OCTETS = 72
"""A witness's line holds the time of its signing before the signature (c2sp.org/tlog-cosignature)."""


class Signer(NamedTuple):
    """Who signed a checkpoint; a witness says when, in milliseconds."""

    name: str
    at: int | None


class CheckpointPages:
    """The published checkpoint."""

    def __init__(
        self, site: Site, published: PublishedLogs, lag: LagWatch, keys: Callable[[], Sequence[VerifierKey]]
    ) -> None:
        self._site = site
        self._published = published
        self._lag = lag
        self._keys = keys

    def add(self, pages: Blueprint, door: StaffDoor) -> None:
        """Enter the routes."""
        pages.add_url_rule("/checkpoints", "checkpoints", door(self.checkpoints, Scope.AUDIT_READ))

    def checkpoints(self) -> Response:
        """The newest checkpoint of the newest log."""
        found = self._newest()
        note = None if found is None else Note.parse(found.note)
        return self._site.page(
            "auditor/checkpoints.html",
            log=found,
            note=None if found is None else found.note.decode(),
            signers=[] if note is None else [_signer(one.name, one.octets) for one in note.signatures],
            lag=self._lag.measure(),
            keys=[str(key) for key in self._keys()],
        )

    def _newest(self) -> PublishedLog | None:
        try:
            return self._published.log()
        except NotPublishedError:
            return None


def _signer(name: str, octets: bytes) -> Signer:
    if len(octets) != _COSIGNED_OCTETS:
        return Signer(name, None)
    return Signer(name, int.from_bytes(octets[:8], "big") * 1000)
