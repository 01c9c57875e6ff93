"""Who lets go of rows of their own when a person's key is destroyed: by a call, by a start, or by a restore."""

from collections.abc import Sequence

from consent.records.gate import ConsentErasure
from dsar.alerts.forgetting import AlertErasure
from dsar.desk.erasure import RequestErasure
from dsar.disclosure.keeping import PackageErasure
from dsar.holds.forgetting import HoldErasure
from dsar.identity.forgetting import IdentityErasure
from dsar.retention.events import EventErasure
from vault.handover.forgetting import HandoverErasure
from vault.ports import ErasureListener

LISTENERS: Sequence[ErasureListener] = (
    ConsentErasure(),
    HoldErasure(),
    RequestErasure(),
    IdentityErasure(),
    PackageErasure(),
    EventErasure(),
    HandoverErasure(),
    AlertErasure(),
)
"""One for each package that keys rows by the vault's number of a person."""
