"""Who carries an order, and how far it is, as the platform says it."""

from collections.abc import Sequence

from audit.entry import Reason
from database.gathering import Gathering
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.handover.stage import ENDED
from vault.handover.statement import Answer, ApartError, Assigned, Call, Statement
from vault.handover.taking import Taking
from vault.keyring import TenantKeys
from vault.means import Means
from vault.ports import OrderEnd, OrderLine, OrderRelay


class Handover:
    """The use case behind `PUT /v1/orders/{order}/assignment`.

    Statements that meet are taken together (`database.gathering`), those that touch relay numbers alone. One that was perhaps
    stored, because the connection broke, may be made twice: it says the same the second time.
    """

    def __init__(self, means: Means, relay: OrderRelay, ends: Sequence[OrderEnd] = ()) -> None:
        self._means = means
        self._relay = relay
        self._ends = ends
        self._gathering: Gathering[Call, Answer] = Gathering(self._together)
        self._numbered: set[int] = set()
        """Tenants whose orders have had relay numbers: what will touch one does not try to go together with others first."""

    def assign(self, caller: Caller, said: Statement) -> Assigned:
        """Take a statement. One that does not hold, because a newer one was made, changes nothing and says what stands.

        Raises:
            DeniedError: the role may not assign, or a person of a running order is frozen.
            SubjectErasedError: one was erased.
            NotFoundError: one's stored row does not open.
        """
        allowed = self._means.access.may_administer(caller, policy.Action.ASSIGN)
        call = Call(caller, said, self._means.at(), allowed)
        answer = self._answer(call)
        if isinstance(answer, Assigned):
            return answer
        if answer.reason is Reason.INTEGRITY:
            self._means.damaged(1)
            raise NotFoundError
        if answer.reason is Reason.ERASED:
            raise SubjectErasedError
        raise DeniedError(answer.reason)

    def _answer(self, call: Call) -> Answer:
        tenant, said = call.caller.tenant, call.said
        if tenant in self._numbered and (said.customer is not None or said.stage in ENDED):
            return self._alone(call)
        try:
            return self._gathering.ask(tenant, call)
        except ApartError:
            self._numbered.add(tenant)
            return self._alone(call)

    def _together(self, tenant: int, calls: Sequence[Call]) -> Sequence[Answer | ApartError]:
        if len(calls) == 1:
            return [self._alone(calls[0])]

        def attempt(keys: TenantKeys) -> list[Answer | ApartError]:
            return self._means.database.write(tenant, lambda tx: self._taking(tx, keys, tenant).taken(calls))

        return self._means.keyring.using(tenant, attempt)

    def _alone(self, call: Call) -> Answer:
        caller = call.caller

        def attempt(line: OrderLine) -> Answer | ApartError:
            def work(tx: Transaction, keys: TenantKeys) -> Answer | ApartError:
                return self._taking(tx, keys, caller.tenant).taken([call], line)[0]

            return self._means.write(caller.tenant, work)

        answer = self._relay.using(caller.tenant, caller.actor, caller.request, attempt)
        if isinstance(answer, ApartError):  # with a line there is no such answer
            raise answer
        return answer

    def _taking(self, tx: Transaction, keys: TenantKeys, tenant: int) -> Taking:
        return Taking(self._means, tx, keys, tenant, self._relay, self._ends)
