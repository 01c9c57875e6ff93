"""What a person chooses about their own orders, by the vault's number of them. A choice is an entry; looking is none."""

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from database.transaction import Transaction
from vault.errors import NotFoundError
from vault.handover.preferences import ANONYMOUS_ORDERS, choose, chosen
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number

PERSON = Actor(ActorKind.PERSON)


class OwnChoice:
    """The use cases."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def anonymous(self, tenant: int, subject: int) -> bool:
        """Whether couriers see an alias on the person's orders."""
        return self._means.database.read(tenant, lambda tx: chosen(tx, tenant, subject))[ANONYMOUS_ORDERS]

    def choose(self, tenant: int, subject: int, request: str, *, anonymous: bool) -> None:
        """Have it so from the next assignment on. `request` is the id of the call.

        Raises:
            NotFoundError: there is no such person, or not any more.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> bool:
            person = opened_by_number(tx, self._means, keys, tenant, [subject], at).get(subject)
            if person is None:
                return False
            choose(tx, tenant, subject, {ANONYMOUS_ORDERS: anonymous}, at)
            group = Group(Outcome.DONE, subjects=(person.ref,))
            self._means.log.append(tx, Act(Action.PREFERENCE_WRITE, PERSON, tenant, at, request, [group]))
            return True

        if not self._means.write(tenant, work):
            raise NotFoundError
