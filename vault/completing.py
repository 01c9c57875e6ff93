"""When erasures of this deployment are complete, by its register of copies and the fate of its keys; and certificates of it."""

from collections.abc import Sequence
from typing import Protocol

from database.columns import rfc3339
from database.transaction import Transaction
from vault import store
from vault.certificate import Certificate, Signer
from vault.completion import Completion, Copy, Destroyed, completion
from vault.destruction import Receipt
from vault.shred_ledger import ShredLedger


class SigningKeys(Protocol):
    """The keys that sign certificates."""

    def signers(self) -> Sequence[Signer]: ...


class Completing:
    """Tells the date D of an erasure. `snapshots_ms` is for how long volumes, replicas and the database's own dead rows and log
    may keep what was deleted."""

    def __init__(self, ledger: ShredLedger, snapshots_ms: int) -> None:
        self._ledger = ledger
        self._snapshots_ms = snapshots_ms

    def of(self, tx: Transaction, tenant: int, receipt: Receipt) -> Completion:
        """When an erasure is complete, as far as it is known now."""
        return self._at(receipt.destroyed_at, _destroyed(tx, tenant, receipt))

    def outlook(self, at: int) -> Completion:
        """When an erasure of the moment `at` would be, if nothing but time passed."""
        return self._at(at, Destroyed())

    def summary(self, tx: Transaction, tenant: int, at: int) -> dict[str, object]:
        """How far D lies: for whoever were erased at `at`, and for the last of a tenant's erasures to be complete."""
        past = [
            self.of(tx, tenant, Receipt(last, kek or 0, 0)) for kek, last in tx.all(store.LAST_ERASURES, tenant=tenant)
        ]
        open_ones = [one for one in past if one.at > at]
        last = max(open_ones, key=lambda one: one.at, default=None)
        now = self.outlook(at)
        return {
            "if_erased_now": {"complete_on": rfc3339(now.at), "rule": now.rule.value},
            "last_to_complete": None if last is None else {"complete_on": rfc3339(last.at), "rule": last.rule.value},
        }

    def _at(self, erased_at: int, destroyed: Destroyed) -> Completion:
        copies = [Copy(event.code, event.at, event.until) for event in self._ledger.backups()]
        return completion(erased_at, copies, self._snapshots_ms, destroyed)


class Certifier:
    """Signs what `Completing` tells. Never called inside a transaction: a signing key may have to be opened."""

    def __init__(self, completing: Completing, ledger: ShredLedger, keys: SigningKeys, issuer: str) -> None:
        self.completing = completing
        self._ledger = ledger
        self._keys = keys
        self._issuer = issuer

    def prepare(self) -> None:
        """Make sure that the signing key is at hand, before something is done that is to be certified."""
        self._keys.signers()

    def certify(self, tenant: int, subject: str, receipt: Receipt, completed: Completion, at: int) -> str:
        """A certificate for the person whom the platform calls `subject`, issued at `at`.

        Raises:
            LedgerError: the ledger has not the line any more.
        """
        certificate = Certificate(
            issuer=self._issuer,
            tenant=tenant,
            subject=subject,
            destroyed=rfc3339(receipt.destroyed_at),
            complete=rfc3339(completed.at),
            rule=completed.rule,
            ledger=self._ledger.key.ledger,
            line=self._ledger.position(receipt.line),
            issued=rfc3339(at),
        )
        return certificate.signed(self._keys.signers())


def _destroyed(tx: Transaction, tenant: int, receipt: Receipt) -> Destroyed:
    """When the keys were destroyed that could still read or find the person in a copy."""
    kek = tx.one(store.KEK_ENDED, tenant=tenant, version=receipt.kek)
    kek_at = kek[0] if kek else None
    search = tx.all(store.SEARCH_KEYS_ENDED, tenant=tenant, at=receipt.destroyed_at)
    search_at = _last([row[0] for row in search])
    ended = max(kek_at or 0, search_at or 0)
    roots = tx.all(store.ROOTS_ENDED, before=ended)
    return Destroyed(kek=kek_at, roots=_last([row[0] for row in roots]), search=search_at)


def _last(ends: Sequence[int | None]) -> int | None:
    """The last of the ends; None if one has not come, or there are none."""
    return None if not ends or None in ends else max(end for end in ends if end is not None)
