"""A breach of security as it is told to the people whom it concerns: codes only, each with words in every language.

What has to be told: the kinds of data, the cause, what may come of it, what was done and what one can do oneself, and whom to ask
(PIPL art. 57; GDPR art. 34(2)).
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Cause(StrEnum):
    """How it happened, as far as is known."""

    INTRUSION = "intrusion"
    LOST_DEVICE = "lost_device"
    MISDIRECTED = "misdirected"
    INSIDER = "insider"
    SUPPLIER = "supplier"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"


class Harm(StrEnum):
    """What may come of it for a person."""

    SCAM_CALLS = "scam_calls"
    FRAUD = "fraud"
    IDENTITY_MISUSE = "identity_misuse"
    EXPOSED_HOME = "exposed_home"
    SPAM = "spam"


class Measure(StrEnum):
    """What was done."""

    STOPPED = "stopped"
    KEYS_CHANGED = "keys_changed"
    ACCESS_REVOKED = "access_revoked"
    REPORTED = "reported"
    RECOVERED = "recovered"
    WATCHING = "watching"


class Advice(StrEnum):
    """What a person can do."""

    DISTRUST_CALLS = "distrust_calls"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 - advice, not a password
    WATCH_ACCOUNTS = "watch_accounts"
    NO_CODES = "no_codes"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is told. `kinds` are of the closed set of categories; `happened_at` is in milliseconds since the epoch."""

    kinds: tuple[str, ...]
    cause: Cause
    harms: tuple[Harm, ...]
    measures: tuple[Measure, ...]
    advice: tuple[Advice, ...]
    happened_at: int


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach that was reported: the job that tells people, and how many it concerns, and how many were told."""

    id: UUID
    facts: Facts
    reported_at: int
    job: UUID
    people: int
    told: int
    unreachable: int
