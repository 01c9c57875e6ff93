"""Who holds data of people in a deployment: its own parts, and the systems beside it."""

from collections.abc import Sequence

from composition.foundation import Foundation
from composition.holds import restrictions
from composition.local_holders import ConsentHolder, HeldUses, VaultHolder, VaultRights
from consent.ports import Editions
from consent.receipts.disclosing import ConsentDisclosure
from consent.records.disposing import ConsentDisposal
from dsar.holders.holder import Holder
from dsar.holds.asking import Holds
from vault.means import Means
from vault.ports import HoldGate, LogGate
from vault.recording import Recording
from vault.rights.disclosing import Disclosing
from vault.rights.disposal import Disposing
from vault.rights.inventory import Inventory
from vault.rights.rectifying import Rectifying
from vault.subject_lookup import SubjectLookup
from web.tenancy import TenantDesk


class AllHolders:
    """The holders of each tenant, in the order in which a person is disposed of."""

    def __init__(self, local: Sequence[Holder]) -> None:
        self._local = tuple(local)

    def of(self, tenant: int) -> Sequence[Holder]:  # noqa: ARG002 - as the port has it
        """The vault last, which alone can name the person to others."""
        return self._local


def holders_of(
    base: Foundation, means: Means, editions: Editions, hold: HoldGate, lag: LogGate, tenants: TenantDesk
) -> AllHolders:
    """All holders of a deployment."""
    subjects = SubjectLookup(means)
    rights = VaultRights(
        Inventory(means),
        Disclosing(means, lag),
        Rectifying(means, Recording(means.subjects)),
        Disposing(means, hold, HeldUses(Holds()), base.destruction),
        restrictions(),
        tenants.region_of,
    )
    consent = ConsentHolder(
        ConsentDisclosure(base.database, subjects, editions, base.log, base.now),
        ConsentDisposal(base.database, subjects, base.log, base.now),
    )
    return AllHolders([consent, VaultHolder(base, rights)])
