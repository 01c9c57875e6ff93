"""The relay as requests ask every holder."""

from collections.abc import Iterator, Mapping, Sequence

from composition.foundation import Foundation
from dsar.holders.errors import HolderRefusedError
from dsar.holders.holder import Act, Disposal, Errand, Holding, Person, Piece, Receipt
from masking.relay.calls.holding import CallHolding
from masking.relay.holding import PURPOSE, RelayHolding
from vault.means import Means
from vault.subject_lookup import SubjectLookup

RELAY = "relay"


def relay_holder(base: Foundation, means: Means) -> "RelayHolder":
    """The relay's bindings and calls."""
    return RelayHolder(
        RelayHolding(base.database, base.log, base.now, CallHolding(base.database), SubjectLookup(means))
    )


class RelayHolder:
    """Bindings over relay numbers, and the records of calls."""

    name = RELAY
    acts = frozenset({Act.INVENTORY, Act.DISCLOSE, Act.DISPOSE})

    def __init__(self, holding: RelayHolding) -> None:
        self._holding = holding

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:  # noqa: ARG002 - counting leaves no trace
        """Bindings and calls."""
        return [
            Holding(holder=RELAY, category=one.category, purpose=PURPOSE, ref="", count=one.count, since=one.since)
            for one in self._holding.inventory(person.tenant, person.number)
        ]

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        """Which relay numbers were theirs and when, and their calls; nothing of the other side."""
        return self._holding.disclose(person.tenant, person.number, errand.request)

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:  # noqa: ARG002 - not an act
        """Numbers are the vault's; what has happened is not corrected."""
        raise HolderRefusedError("not_supported")

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:  # noqa: ARG002 - not an act
        """The vault refuses whoever asks it for a number whose use is restricted, and the relay asks at every call."""
        raise HolderRefusedError("not_supported")

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        """End the bindings and let go of the person, but for the categories that are kept."""
        keep = {category for category, _, _ in disposal.keep}
        count, at = self._holding.dispose(person.tenant, person.number, keep=keep, request=errand.request)
        return Receipt(holder=RELAY, method="delete" if count else "none", count=count, at=at)
