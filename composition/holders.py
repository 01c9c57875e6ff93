"""Who holds data of people in a deployment: its own parts, and the systems beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from composition.devices import beside_of
from composition.foundation import Foundation
from composition.held_uses import HeldUses
from composition.holds import restrictions
from composition.local_holders import ConsentHolder, RequestsHolder, VaultHolder, VaultRights
from composition.part import Part
from composition.relay_holder import relay_holder
from composition.remote_holders import declared, identities_of, processors, signing_keys
from consent.ports import Editions
from consent.receipts.disclosing import ConsentDisclosure
from consent.records.disposing import ConsentDisposal
from dsar.desk.disclosing import RequestDisclosure
from dsar.desk.words import SealedWords
from dsar.holders.book import Book
from dsar.holders.connector import RemoteHolder
from dsar.holders.holder import Holder
from dsar.holders.http import HolderApi
from dsar.holders.ports import SigningKeys
from dsar.holders.problems import HOLDER_AWAY, PROBLEMS, TASK_STATE
from dsar.holders.processor import Processor
from dsar.holders.recorded import RecordedHolder
from dsar.holders.register import Connector
from dsar.holders.tasks import DeadWarning, TaskDesk
from dsar.holds.asking import Holds
from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.notes import Notes
from vault.means import Means
from vault.ports import HoldGate, LogGate
from vault.recording import Recording
from vault.rights.disclosing import Disclosing
from vault.rights.disposal import Disposing
from vault.rights.inventory import Inventory
from vault.rights.rectifying import Rectifying
from vault.subject_lookup import SubjectLookup
from vault.tenant_seal import TenantSeal
from web.tenancy import TenantDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class AllHolders:
    """The holders of each tenant: those of this service, and the declared systems by tenant and name, with the keys that sign
    what goes there."""

    local: Sequence[Holder]
    remote: Mapping[tuple[int, str], Holder]
    processors: Mapping[tuple[int, str], Processor]
    declared: Sequence[Connector]
    keys: SigningKeys

    def of(self, tenant: int) -> Sequence[Holder]:
        """In the order in which a person is disposed of: the vault last, which alone can name the person to others."""
        return [*(holder for (of, _), holder in self.remote.items() if of == tenant), *self.local]


def holders_of(
    base: Foundation, means: Means, editions: Editions, hold: HoldGate, lag: LogGate, tenants: TenantDesk
) -> AllHolders:
    """All holders of a deployment.

    Raises:
        ConnectorFileError: the operator's file of connectors cannot be used.
    """
    book = Book(base.database, base.log, base.now)
    keys, found = signing_keys(base), declared(base.chosen)
    reached = processors(base, found, keys)
    identities = identities_of(means, tenants.region_of)
    words = SealedWords(base.database, TenantSeal(base.database, base.roots, base.keyring))
    local = (
        RequestsHolder(base, RequestDisclosure(base.database, base.log, words)),
        _consent(base, means, editions),
        relay_holder(base, means),
        VaultHolder(base, _rights(base, means, hold, lag, tenants)),
    )
    return AllHolders(
        local=[RecordedHolder(one, book) for one in local],
        remote={place: RemoteHolder(one, book, identities) for place, one in reached.items()},
        processors=reached,
        declared=found,
        keys=keys,
    )


def holders_part(base: Foundation, holders: AllHolders) -> Part:
    """Holders and their tasks over HTTP."""
    desk = TaskDesk(base.database, base.log, holders.processors)
    return Part(
        blueprints=[HolderApi(desk, holders, holders.declared, holders.keys).blueprint()],
        tables=[PROBLEMS],
        problems=[TASK_STATE, HOLDER_AWAY],
        warns=[DeadWarning(base.database)],
        sweeps=[desk.forget],
    )


def _consent(base: Foundation, means: Means, editions: Editions) -> ConsentHolder:
    subjects = SubjectLookup(means)
    return ConsentHolder(
        ConsentDisclosure(base.database, subjects, editions, base.log, base.now),
        ConsentDisposal(base.database, subjects, base.log, base.now),
    )


def _rights(base: Foundation, means: Means, hold: HoldGate, lag: LogGate, tenants: TenantDesk) -> VaultRights:
    beside = beside_of(means)
    return VaultRights(
        Inventory(means, beside),
        Disclosing(means, lag, beside),
        Rectifying(means, Recording(means.subjects, Notes(Finder(Scanner())))),
        Disposing(means, hold, HeldUses(Holds()), base.destruction, beside),
        restrictions(),
        tenants.region_of,
    )
