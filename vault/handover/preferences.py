"""What people choose for themselves about their orders."""

from collections.abc import Callable, Mapping

from audit.entry import Action, Group, Outcome, Reason, SubjectRef
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.handover import store
from vault.keyring import TenantKeys
from vault.means import Means

ANONYMOUS_ORDERS = "anonymous_orders"
"""Whether couriers see an alias in the place of the person's name and contact."""

NAMES = frozenset({ANONYMOUS_ORDERS})

Chosen = Mapping[str, bool]
"""What a person wants, by name; who has chosen nothing wants none of it."""

_Act = Callable[[Transaction, TenantKeys, int], tuple[Chosen, SubjectRef] | Reason]


def chosen(tx: Transaction, tenant: int, subject: int) -> Chosen:
    """The choices of a person, by the vault's number, in the caller's transaction."""
    rows = tx.all(store.PREFERENCES, tenant=tenant, subject=subject)
    known = {name: bool(value) for name, value in rows}
    return {name: known.get(name, False) for name in sorted(NAMES)}


def choose(tx: Transaction, tenant: int, subject: int, wanted: Chosen, at: int) -> Chosen:
    """Store choices of a person, in the caller's transaction, and give all of them; the entry is the caller's to append. What is
    not named stays.

    Raises:
        ValueError: there is no such choice.
    """
    if set(wanted) - NAMES:
        raise ValueError("no such preference")
    for name, value in wanted.items():
        tx.run(store.PUT_PREFERENCE, tenant=tenant, subject=subject, name=name, chosen=int(value), at=at)
    return chosen(tx, tenant, subject)


class Preferences:
    """The use cases behind `GET` and `PUT /v1/subjects/{subject}/preferences`."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def get(self, caller: Caller, subject: str) -> Chosen:
        """What a person has chosen.

        Raises:
            DeniedError: the role may not ask.
            NotFoundError: the vault knows no such person.
        """

        def look(tx: Transaction, keys: TenantKeys, at: int) -> tuple[Chosen, SubjectRef] | Reason:
            row = self._means.subjects.find(tx, keys, caller.tenant, subject)
            if row is None:
                return Reason.NOT_FOUND
            ref = self._means.subjects.opened(keys, caller.tenant, row, at).ref
            return chosen(tx, caller.tenant, row.number), ref

        return self._done(caller, Action.PREFERENCE_READ, look)

    def put(self, caller: Caller, subject: str, wanted: Chosen) -> Chosen:
        """Store a person's choices. Orders under way take them with their next assignment; a person who is not known yet is made.

        Raises:
            DeniedError: the role may not, or the person is frozen.
            SubjectErasedError: they were erased.
        """

        def store_them(tx: Transaction, keys: TenantKeys, at: int) -> tuple[Chosen, SubjectRef] | Reason:
            person = self._means.subjects.opened_for_writing(tx, keys, caller.tenant, [subject], at)[subject]
            if isinstance(person, Reason):
                return person
            return choose(tx, caller.tenant, person.number, wanted, at), person.ref

        return self._done(caller, Action.PREFERENCE_WRITE, store_them)

    def _done(self, caller: Caller, action: Action, act: _Act) -> Chosen:
        allowed = self._means.access.may_administer(caller, policy.Action.PREFERENCE)
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> tuple[Chosen, SubjectRef] | Reason:
            answer = act(tx, keys, at) if allowed else Reason.POLICY
            if isinstance(answer, Reason):
                outcome = Outcome.FAILED if answer is Reason.NOT_FOUND else Outcome.DENIED
                group = Group(outcome, answer)
            else:
                group = Group(Outcome.DONE, subjects=(answer[1],))
            self._means.append(tx, caller, action, at, [group])
            return answer

        answer = self._means.write(caller.tenant, work)
        if not isinstance(answer, Reason):
            return answer[0]
        if answer is Reason.ERASED:
            raise SubjectErasedError
        if answer is Reason.NOT_FOUND:
            raise NotFoundError
        raise DeniedError(answer)
