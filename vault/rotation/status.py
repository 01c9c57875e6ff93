"""What there is of a tenant's keys, without the keys: versions, states, ages, what they are needed for, and what is due."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from audit.entry import Action, Group, Outcome, Reason
from database.columns import rfc3339
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.custody.roots import ACTIVE
from vault.errors import DeniedError
from vault.means import Means
from vault.rotation import store
from vault.rotation.due import DAY_MS, Ages
from vault.seal_count import SEALS_DUE


class KeyRow(NamedTuple):
    """One version of a key as the store has it; times in milliseconds since the epoch."""

    usage: str
    scope: str
    version: int
    state: str
    created_at: int
    destroyed_at: int | None
    wraps: int | None
    seals: int | None


class KeyLine(NamedTuple):
    """One version of a key.

    `wraps` is the number of keys under a KEK or a root, `seals` how often a KEK has sealed. `due` is age or seals where the
    active version is to be rotated now, and `due_at` when its age will make it so. A root's scope is its provider.
    """

    usage: str
    scope: str | None
    version: int
    state: str
    created_at: str
    age_days: int
    destroyed_at: str | None
    wraps: int | None
    seals: int | None
    due: str | None
    due_at: str | None


@dataclass(frozen=True, slots=True)
class DekLine:
    """All DEKs together: how many, since when the oldest is in use, and how many have sealed so much that they are due."""

    count: int
    oldest_created_at: str | None
    worn: int


class KeysStatus(NamedTuple):
    """Every version of every key, the DEKs, and the use of `erasures`: when past erasures are complete, and by which rule."""

    items: list[KeyLine]
    deks: DekLine
    erasures: dict[str, object] | None


Erasures = Callable[[Transaction, int, int], dict[str, object] | None]
"""When past erasures of a tenant are complete, asked in a transaction at a time (milliseconds since the epoch)."""


class KeyStatus:
    """The use case behind `GET /v1/keys`."""

    def __init__(self, means: Means, ages: Ages, erasures: Erasures = lambda _tx, _tenant, _at: None) -> None:
        self._means = means
        self._ages = ages
        self._erasures = erasures

    def show(self, caller: Caller) -> KeysStatus:
        """How the tenant's keys stand.

        Raises:
            DeniedError: the role may not look at keys.
        """
        allowed = self._means.access.may_administer(caller, policy.Action.KEYS_READ)
        group = Group(Outcome.DONE) if allowed else Group(Outcome.DENIED, Reason.POLICY)
        at = self._means.at()

        self._means.write(caller.tenant, lambda tx, _: self._means.append(tx, caller, Action.KEYS_READ, at, [group]))
        if not allowed:
            raise DeniedError(Reason.POLICY)
        # Counting may take long, and must keep no writer waiting.
        return self._means.database.read(caller.tenant, lambda tx: self._status(tx, caller.tenant, at))

    def _status(self, tx: Transaction, tenant: int, at: int) -> KeysStatus:
        lines = [self._line(KeyRow(*row), at) for row in tx.all(store.KEY_LINES, tenant=tenant)]
        count, oldest = tx.one(store.DEKS, tenant=tenant) or (0, None)
        worn = tx.one(store.WORN_DEKS, tenant=tenant, due=SEALS_DUE)
        deks = DekLine(count, None if oldest is None else rfc3339(oldest), worn[0] if worn else 0)
        return KeysStatus(sorted(lines, key=_order), deks, self._erasures(tx, tenant, at))

    def _line(self, row: KeyRow, at: int) -> KeyLine:
        active = row.state == ACTIVE
        due_at = self._ages.due_at(row.usage, row.created_at) if active else None
        return KeyLine(
            row.usage,
            row.scope or None,
            row.version,
            row.state,
            rfc3339(row.created_at),
            max(0, at - row.created_at) // DAY_MS,
            None if row.destroyed_at is None else rfc3339(row.destroyed_at),
            row.wraps,
            row.seals,
            self._ages.why(row.usage, row.created_at, row.seals or 0, at) if active else None,
            None if due_at is None else rfc3339(due_at),
        )


def _order(line: KeyLine) -> tuple[str, str, int]:
    return line.usage, line.scope or "", line.version
