"""What the fulfilment of the lesser rights needs of others, as it needs it. The composition root wires them.

None of these is asked inside a transaction.
"""

from collections.abc import Collection
from typing import NamedTuple, Protocol

from dsar.holders.holder import Errand, Person


class Withdrawal(Protocol):
    """Withdraws consents in the name of their person."""

    def withdraw(self, person: Person, errand: Errand, *, purposes: Collection[str] | None = None) -> Collection[str]:
        """Withdraw those to these purposes that are in force, or all; the purposes whose consent was withdrawn. Doing it twice is
        doing it once."""


class Grounds(NamedTuple):
    """What an objection to purposes comes to: some `stop`, because they rest on a ground to which people may object; those that
    rest on consent are a matter of withdrawing it; `others` go on, because a contract or a law asks for them."""

    stop: frozenset[str]
    consent: frozenset[str]
    others: frozenset[str]


class Objections(Protocol):
    """Knows on which grounds purposes rest."""

    def grounds(self, tenant: int, regime: str, purposes: Collection[str]) -> Grounds:
        """Of these purposes under a regime; of all that there are, where none is named."""
