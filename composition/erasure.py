"""Who lets go of rows of their own when a person's key is destroyed: by a call, by a start, or by a restore."""

from collections.abc import Sequence

from consent.records.gate import ConsentErasure
from dsar.alerts.forgetting import AlertErasure
from dsar.desk.erasure import RequestErasure
from dsar.disclosure.keeping import PackageErasure
from dsar.holds.forgetting import HoldErasure
from dsar.identity.forgetting import IdentityErasure
from dsar.retention.events import EventErasure
from masking.relay.calls.forgetting import CallErasure
from masking.relay.keeping import RelayErasure
from masking.relay.text.passing import TextErasure
from vault.devices.forgetting import DeviceErasure
from vault.handover.forgetting import HandoverErasure
from vault.inner_keys.keeping import InnerKeyErasure
from vault.letters.ending import LetterErasure
from vault.ports import ErasureListener
from vault.protection.forgetting import FreezeErasure

LISTENERS: Sequence[ErasureListener] = (
    ConsentErasure(),
    HoldErasure(),
    RequestErasure(),
    IdentityErasure(),
    PackageErasure(),
    EventErasure(),
    HandoverErasure(),
    FreezeErasure(),
    AlertErasure(),
    LetterErasure(),
    DeviceErasure(),
    InnerKeyErasure(),
    CallErasure(),
    TextErasure(),
    RelayErasure(),
)
"""One for each package that keys rows by the vault's number of a person."""
