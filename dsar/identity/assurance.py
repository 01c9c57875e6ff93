"""What each request takes, and whether those who ask for another person have shown what entitles them: what the desk asks."""

from database.transaction import Transaction
from dsar.identity import store
from dsar.identity.level_policy import LevelPolicy, Proof, Required
from dsar.identity.ports import Holdings
from dsar.request import Level, Request


class LevelAssurance:
    """The policy of levels, over what is held of the person. Of somebody who is not known here the most sensitive is supposed, so
    that the answer says nothing."""

    def __init__(self, policy: LevelPolicy, holdings: Holdings) -> None:
        self._policy = policy
        self._holdings = holdings

    def required(self, tx: Transaction, request: Request) -> Required:
        """The level and the proofs that a request takes."""
        number = request.subject
        sensitive = number is None or self._holdings.sensitive(tx, request.tenant, number)
        return self._policy.required(request.right, request.requester, sensitive=sensitive)

    def needed(self, tx: Transaction, request: Request) -> Level:
        """The level without which the request is not accepted."""
        return self.required(tx, request).level

    def entitled(self, tx: Transaction, request: Request) -> bool:
        """Whether an officer has seen all that the requester must show beside who they are."""
        return not missing(tx, request, self.required(tx, request))


def missing(tx: Transaction, request: Request, required: Required) -> frozenset[Proof]:
    """The proofs that a request takes and that nobody has seen yet."""
    rows = tx.all(store.PROOFS_OF, tenant=request.tenant, request=request.id.bytes)
    return required.proofs - {Proof(row[0]) for row in rows}
