"""What a freeze is. Pure."""

from enum import StrEnum
from typing import NamedTuple


class Frozen(StrEnum):
    """Who or what can be frozen: a person's data, a person as a courier, or a credential."""

    SUBJECT = "subject"
    COURIER = "courier"
    CREDENTIAL = "credential"


class FreezeReason(StrEnum):
    """Why somebody is frozen."""

    LOST_DEVICE = "lost_device"
    SUSPECTED_ABUSE = "suspected_abuse"
    COMPLAINT = "complaint"
    LEAKED_CREDENTIAL = "leaked_credential"
    INVESTIGATION = "investigation"
    HONEY_TOKEN = "honey_token"  # noqa: S105 - the name of a reason


class Freeze(NamedTuple):
    """A freeze as it is stored. `target` is the number of a person in the vault or of a credential; times are in milliseconds."""

    id: int
    kind: Frozen
    target: int
    reason: FreezeReason
    frozen_by: int
    frozen_at: int
    lifted_by: int | None
    lifted_at: int | None


def freeze_of(row: tuple[object, ...]) -> Freeze:
    """The freeze of a stored row."""
    number, kind, target, reason, *rest = row
    return Freeze(number, Frozen(str(kind)), target, FreezeReason(str(reason)), *rest)  # type: ignore[arg-type]  # as the columns say
