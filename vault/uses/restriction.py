"""Uses that a law has stored and nobody may use (PIPL art. 47(2), GDPR art. 18(2))."""

from collections.abc import Sequence

from database.transaction import Transaction
from vault.uses import store


def stored_only(tx: Transaction, tenant: int, wanted: Sequence[tuple[int, str, str]]) -> list[bool]:
    """Whether each record may not be used for this purpose and ref, in order.

    It may not where the very use is restricted, where all uses for the purpose are, or where all uses are at all.
    """
    records = sorted({record for record, _, _ in wanted})
    uses: dict[int, dict[tuple[str, str], bool]] = {record: {} for record in records}
    for record, purpose, ref, restricted_at in tx.all(store.USES_OF, rows=[(one,) for one in records], tenant=tenant):
        uses[record][purpose, ref] = restricted_at is not None
    return [_stored_only(uses[record], purpose, ref) for record, purpose, ref in wanted]


def _stored_only(uses: dict[tuple[str, str], bool], purpose: str, ref: str) -> bool:
    if uses.get((purpose, ref)):
        return True
    same = [restricted for (one, _), restricted in uses.items() if one == purpose]
    return all(same) if same else all(uses.values())
