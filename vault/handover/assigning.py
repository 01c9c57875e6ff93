"""Who carries an order, and how far it is, as the platform says it.

    1. order     the assignment as it stands, held until the end of the transaction
    2. move      what it becomes (`vault.handover.moving`); an older statement changes nothing
    3. people    on a running order each must be there to be used: neither frozen nor erased
    4. alias     where the customer wants to be nobody, an alias and a pick-up code
    5. relay     the order's number, opened with the assignment and closed with it
    6. log       append the act's entry

One transaction; the relay's keys are fetched before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from audit.entry import Action, Outcome, Reason, SubjectRef
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.grouping import Grouping
from vault.handover import store
from vault.handover.alias import draw_alias, draw_nonce, pickup_code, spoken
from vault.handover.moving import Move, Order, Said, moved
from vault.handover.stage import ENDED, RUNNING, Stage, ref_of
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number
from vault.ports import OrderEnd, OrderLine, OrderRelay


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the platform says of an order, by its own ids. `anonymous` asks for an alias whatever the customer prefers."""

    order: str
    courier: str
    stage: Stage
    version: int | None = None
    customer: str | None = None
    merchant: str | None = None
    anonymous: bool = False


class Assigned(NamedTuple):
    """What stands now. `courier` is None where another one was erased since; `relay` is the order's number, None where there is
    none, and `relayed` whether there should be one."""

    order: str
    courier: str | None
    stage: Stage
    version: int
    applied: bool
    alias: str | None
    pickup_code: str | None
    relay: str | None
    relayed: bool


class _Refused(NamedTuple):
    reason: Reason


class _Person(NamedTuple):
    number: int
    ref: SubjectRef


class Handover:
    """The use case behind `PUT /v1/orders/{order}/assignment`."""

    def __init__(self, means: Means, relay: OrderRelay, ends: Sequence[OrderEnd] = ()) -> None:
        self._means = means
        self._relay = relay
        self._ends = ends

    def assign(self, caller: Caller, said: Statement) -> Assigned:
        """Take a statement. One that does not hold, because a newer one was made, changes nothing and says what stands.

        Raises:
            DeniedError: the role may not assign, or a person of a running order is frozen.
            SubjectErasedError: one was erased.
            NotFoundError: one's stored row does not open.
        """
        allowed = self._means.access.may_administer(caller, policy.Action.ASSIGN)
        at = self._means.at()

        def attempt(line: OrderLine) -> Assigned | _Refused:
            def work(tx: Transaction, keys: TenantKeys) -> Assigned | _Refused:
                run = _Run(self._means, tx, keys, caller, at)
                answer = run.take(said, line) if allowed else _Refused(Reason.POLICY)
                if isinstance(answer, Assigned) and answer.stage in ENDED:
                    for end in self._ends:
                        end.ended(tx, keys.refs, tenant=caller.tenant, order=said.order, at=at)
                run.log(answer)
                return answer

            return self._means.write(caller.tenant, work)

        answer = self._relay.using(caller.tenant, caller.actor, caller.request, attempt)
        if isinstance(answer, Assigned):
            return answer
        if answer.reason is Reason.INTEGRITY:
            self._means.damaged(1)
            raise NotFoundError
        if answer.reason is Reason.ERASED:
            raise SubjectErasedError
        raise DeniedError(answer.reason)


class _Run:
    """One statement on its way through the steps."""

    def __init__(self, means: Means, tx: Transaction, keys: TenantKeys, caller: Caller, at: int) -> None:
        self._means = means
        self._tx = tx
        self._keys = keys
        self._caller = caller
        self._at = at
        self._grouping = Grouping()
        self._courier: SubjectRef | None = None
        self._ref = ""

    def take(self, said: Statement, line: OrderLine) -> Assigned | _Refused:
        """Steps 1 to 5."""
        tx, tenant, at, self._ref = self._tx, self._caller.tenant, self._at, ref_of(said.order)
        held = tx.later(store.ORDER_TO_CHANGE, tenant=tenant, ref=self._ref)
        people = self._people(said)
        current = order_of(held())
        if isinstance(people, _Refused):
            return people
        courier = people.get(said.courier)
        if courier is None and current is None:
            return _Refused(Reason.ERASED)
        self._courier = courier and courier.ref
        move = moved(
            current,
            Said(
                courier and courier.number,
                said.stage,
                said.version,
                _number(people, said.customer),
                _number(people, said.merchant),
            ),
            at,
        )
        order = move.order
        frozen, anonymous = tx.one(
            store.GUARDS, tenant=tenant, courier=courier.number if courier else 0, customer=order.customer or 0
        ) or (0, 0)
        if said.stage in RUNNING and frozen:
            return _Refused(Reason.FROZEN)
        if not move.holds:
            return self._answer(said, order, move, None)
        order = self._hidden(order, wanted=bool(anonymous) or said.anonymous)
        self._write(order, changed=order != current)
        if current is not None and current.courier != order.courier:
            line.close(tx, order=said.order, at=at)
        return self._answer(said, order, move, self._line(said, order, line))

    def log(self, answer: Assigned | _Refused) -> None:
        """Step 6."""
        if isinstance(answer, _Refused):
            self._grouping.add(Outcome.DENIED, answer.reason)
        else:
            fate = (Outcome.DONE, None) if answer.applied else (Outcome.FAILED, Reason.STALE)
            if self._courier is None:
                self._grouping.add(*fate)
            else:
                subjects, _, refs = self._grouping.column(*fate)
                subjects.append(self._courier)
                refs.append(self._ref)
        groups = self._grouping.groups(self._keys, self._caller.tenant)
        self._means.append(self._tx, self._caller, Action.ASSIGNMENT_WRITE, self._at, groups)

    def _people(self, said: Statement) -> Mapping[str, _Person] | _Refused:
        """Step 3. Whoever is new is made. Nobody frozen or erased has a running order, but they may be in one that ends."""
        names = [name for name in dict.fromkeys((said.courier, said.customer, said.merchant)) if name is not None]
        tx, keys, tenant = self._tx, self._keys, self._caller.tenant
        people: dict[str, _Person] = {}
        for name, one in self._means.subjects.opened_for_writing(tx, keys, tenant, names, self._at).items():
            if not isinstance(one, Reason):
                people[name] = _Person(one.number, one.ref)
            elif said.stage in RUNNING or one not in {Reason.FROZEN, Reason.ERASED}:
                return _Refused(one)
            elif (row := self._means.subjects.find(tx, keys, tenant, name)) is not None:
                people[name] = _Person(row.number, self._means.subjects.opened(keys, tenant, row, self._at).ref)
        return people

    def _hidden(self, order: Order, *, wanted: bool) -> Order:
        """Step 4. Who is anonymous on an order stays so; a new courier has a new code."""
        if order.customer is None or not (wanted or order.alias) or (order.alias and order.nonce):
            return order
        if order.alias:
            return replace(order, nonce=draw_nonce())
        rows = self._tx.all(store.ALIASES_OF_COURIER, tenant=self._caller.tenant, courier=order.courier)
        return replace(order, alias=draw_alias({row[0] for row in rows}), nonce=draw_nonce())

    def _write(self, order: Order, *, changed: bool) -> None:
        if changed:
            put_order(self._tx, order, tenant=self._caller.tenant, ref=self._ref, at=self._at)
        else:
            self._tx.later(store.TOUCH_ORDER, tenant=self._caller.tenant, ref=self._ref, at=self._at)

    def _line(self, said: Statement, order: Order, line: OrderLine) -> str | None:
        """Step 5: the order's number, as long as it runs and its customer is known."""
        if order.stage not in RUNNING:
            line.close(self._tx, order=said.order, at=self._at)
            return None
        customer = said.customer if said.customer is not None else self._name(order.customer)
        if customer is None:
            return None
        return line.open(self._tx, order=said.order, courier=said.courier, customer=customer, at=self._at)

    def _name(self, number: int | None) -> str | None:
        """The platform's id of somebody; None of nobody, and of one who was erased or does not open."""
        if number is None:
            return None
        opened = opened_by_number(self._tx, self._means, self._keys, self._caller.tenant, [number], self._at)
        return opened[number].platform_id if number in opened else None

    def _answer(self, said: Statement, order: Order, move: Move, relay: str | None) -> Assigned:
        coded = order.nonce is not None and order.stage is Stage.ASSIGNED and move.holds
        return Assigned(
            said.order,
            said.courier if move.holds else self._name(order.courier),
            order.stage,
            order.version,
            move.holds,
            spoken(order.alias) if order.alias else None,
            pickup_code(self._keys.refs, tenant=self._caller.tenant, ref=self._ref, nonce=order.nonce or b"")
            if coded
            else None,
            relay,
            move.holds and order.stage in RUNNING and order.customer is not None,
        )


def _number(people: Mapping[str, _Person], name: str | None) -> int | None:
    person = None if name is None else people.get(name)
    return None if person is None else person.number


def order_of(row: tuple[object, ...] | None) -> Order | None:
    """The order of a stored row."""
    if row is None:
        return None
    courier, stage, version, stage_at, customer, merchant, alias, nonce, tries = row
    held = None if nonce is None else bytes(nonce)  # type: ignore[call-overload]  # octets, as the column says
    return Order(courier, Stage(str(stage)), version, stage_at, customer, merchant, str(alias), held, tries)  # type: ignore[arg-type]  # integers, as the columns say


def put_order(tx: Transaction, order: Order, *, tenant: int, ref: str, at: int) -> None:
    """Store an order, with the statement after it: nobody waits for the answer."""
    tx.later(
        store.PUT_ORDER,
        tenant=tenant,
        ref=ref,
        at=at,
        courier=order.courier,
        stage=order.stage.value,
        version=order.version,
        stage_at=order.stage_at,
        customer=order.customer,
        merchant=order.merchant,
        alias=order.alias,
        nonce=order.nonce,
        tries=order.tries,
    )
