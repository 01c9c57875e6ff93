"""The date D on which an erasure is cryptographically complete: from then on nobody can read the person's values again, not even
with every backup that was ever made and today's keys.

A destroyed DEK lives on in copies, wrapped, and the person's rows live on in copies, sealed. Two things must come true:

    unreadable    every keyring copy and snapshot that holds the DEK has expired; or, if that is earlier, the KEK version that
                  had wrapped it is destroyed, and so are all root versions that can have wrapped that KEK
    unfindable    every data copy and snapshot that holds search fingerprints of the person has expired; or, if that is earlier,
                  the search keys of the time are destroyed and every keyring copy that holds them has expired, or their root
                  versions are destroyed

D is the later of the two. It rests on copies being deleted when they expire, on snapshots not being kept longer than the
settings say, and on root keys being gone when they are destroyed, from their own backups too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

KEYRING, DATA = "keyring", "data"


class Rule(StrEnum):
    """What made D the date that it is."""

    NO_COPY = "no_copy"
    COPIES = "copies_expire"
    KEYS = "wrapping_keys_destroyed"
    SEARCH_COPIES = "search_copies_expire"
    SEARCH_KEYS = "search_keys_destroyed"


@dataclass(frozen=True, slots=True)
class Copy:
    """A half of the database that was copied at `at` and is kept until `until` (milliseconds since the epoch)."""

    half: str
    at: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed:
    """When keys that matter to an erasure were destroyed; None while one of them is there."""

    kek: int | None = None
    roots: int | None = None
    search: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """D, in milliseconds since the epoch, and the rule that gave it."""

    at: int
    rule: Rule


def completion(erased_at: int, copies: Sequence[Copy], snapshots_ms: int, destroyed: Destroyed) -> Completion:
    """When an erasure of `erased_at` is complete, as far as it is known now; what is destroyed later can only make it earlier."""
    unreadable = Completion(_gone(erased_at, KEYRING, copies, snapshots_ms), Rule.COPIES)
    if destroyed.kek is not None and destroyed.roots is not None:
        keys = Completion(max(erased_at, destroyed.kek, destroyed.roots), Rule.KEYS)
        unreadable = min(unreadable, keys, key=_date)
    unfindable = Completion(_gone(erased_at, DATA, copies, snapshots_ms), Rule.SEARCH_COPIES)
    if destroyed.search is not None:
        ends = [_gone(destroyed.search, KEYRING, copies, snapshots_ms)]
        ends += [] if destroyed.roots is None else [max(destroyed.search, destroyed.roots)]
        unfindable = min(unfindable, Completion(max(erased_at, min(ends)), Rule.SEARCH_KEYS), key=_date)
    last = max(unreadable, unfindable, key=_date)
    return last if last.at > erased_at else Completion(erased_at, Rule.NO_COPY)


def _gone(at: int, half: str, copies: Iterable[Copy], snapshots_ms: int) -> int:
    """When the last copy of a half that was made before `at` and still kept then has expired."""
    kept = [copy.until for copy in copies if copy.half == half and copy.at <= at < copy.until]
    return max([at + snapshots_ms, *kept])


def _date(completed: Completion) -> int:
    return completed.at
