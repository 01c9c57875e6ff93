"""Whether a hold keeps something, asked inside the transaction that would destroy it.

On PostgreSQL the asker passes a fence that whoever places a hold must close: a hold that was acknowledged before the asker's
transaction began is seen by it, and one that is placed meanwhile waits for its end. So nothing is destroyed after the answer to
`POST /v1/holds`.
"""

from collections.abc import Sequence

from database.transaction import Transaction
from dsar.holds import store
from dsar.holds.hold import Hold, Use
from dsar.holds.ports import KeptUses

USES_AT_ONCE = 2_000


class Holds:
    """The holds in force."""

    def which(self, tx: Transaction, tenant: int, uses: Sequence[Use]) -> list[Hold | None]:
        """The hold that keeps each use, in order; the earliest where there are several, and None where there is none. One
        statement for two thousand uses.

        Raises:
            ValueError: the transaction is of no one tenant.
        """
        places: dict[tuple[int, str, str], list[int]] = {}
        for place, use in enumerate(uses):
            places.setdefault((use.subject, use.kind, use.ref), []).append(place)
        asked = list(places.items())
        holding: list[Hold | None] = [None] * len(uses)
        store.pass_fence(tx)
        for start in range(0, len(asked), USES_AT_ONCE):
            some = asked[start : start + USES_AT_ONCE]
            rows = [(place, *scope) for place, (scope, _) in enumerate(some)]
            for place, *row in tx.all(store.HOLDING, rows=rows, tenant=tenant):
                found = store.hold_of(tuple(row))
                for one in some[place][1]:
                    known = holding[one]
                    holding[one] = found if known is None or found.id < known.id else known
        return holding


class PersonHolds:
    """Whether any hold keeps anything of a person: what must be asked before the person's key is destroyed."""

    def __init__(self, holds: Holds, kept: KeptUses) -> None:
        self._holds = holds
        self._kept = kept

    def held(self, tx: Transaction, subject: int) -> bool:
        """Whether the person is held, or any kind or ref of what is kept of them.

        Raises:
            ValueError: the transaction is of no one tenant.
        """
        if tx.tenant is None:
            raise ValueError("holds are asked for within a tenant")
        whole = [Use(subject, "", "", "")]
        parts = [Use(subject, kind, "", ref) for kind, ref in self._kept.kept(tx, tx.tenant, subject)]
        return any(self._holds.which(tx, tx.tenant, whole + parts))
