"""Whose rows an idempotency record of the vault names, so that shredding a person removes it."""

from collections.abc import Iterable

from database.transaction import Transaction
from vault import store
from vault.keyring import TenantKeys
from work.replay import Replay


def keep(
    tx: Transaction, keys: TenantKeys, replay: Replay, outcome: list[int | str], subjects: Iterable[int], at: int
) -> None:
    """Remember what a call did, and to whose rows."""
    replay.keep(tx, keys.idempotency, outcome, at)
    place = replay.place(keys.idempotency)
    where = (place["credential"], place["route"], place["key"])
    tx.put(store.INSERT_REPLAY_SUBJECTS, [(replay.tenant, subject, *where) for subject in sorted(set(subjects))])
