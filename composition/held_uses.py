"""Legal holds on single uses, as the vault asks for them."""

from collections.abc import Collection

from database.transaction import Transaction
from dsar.holds.asking import Holds
from dsar.holds.hold import Use as HeldUse
from vault.rights.ports import Use


class HeldUses:
    """The vault's question about single uses, in the words of legal holds."""

    def __init__(self, holds: Holds) -> None:
        self._holds = holds

    def held(self, tx: Transaction, tenant: int, subject: int, uses: Collection[Use]) -> Collection[Use]:
        """Those that a hold keeps."""
        asked = list(uses)
        found = self._holds.which(tx, tenant, [HeldUse(subject, *use) for use in asked])
        return [use for use, hold in zip(asked, found, strict=True) if hold is not None]
