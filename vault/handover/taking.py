"""Taking statements about orders: as many as have come together, in one transaction, as if one after the other.

    1. hold      the assignments as they stand, locked until the end of the transaction; the people, made where there were none;
                 who of them is frozen as a courier, and who prefers to be nobody
    2. people    on a running order each must be there to be used: neither frozen nor erased
    3. move      what the order becomes (`vault.handover.moving`); an older statement changes nothing
    4. alias     where the customer wants to be nobody, an alias and a pick-up code
    5. relay     the order's number, opened with the assignment and closed with it
    6. write     the orders as they stand after all
    7. log       the entries: an act for each statement

Steps 2 to 5 are done for each statement in turn. One that touches relay numbers is not taken with others: a number is
shared by many orders, and transactions that held several of them would wait for each other in a circle.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from audit.entry import Act, Action, Outcome, Reason, SubjectRef
from database.transaction import Transaction
from vault.grouping import Grouping
from vault.handover import store
from vault.handover.alias import draw_alias, draw_nonce, pickup_code, spoken
from vault.handover.moving import Order, Said, moved
from vault.handover.order_row import Placed, order_of, put_changed, put_new
from vault.handover.stage import ENDED, RUNNING, Stage
from vault.handover.statement import Answer, ApartError, Assigned, Call, Refused
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number
from vault.ports import OrderEnd, OrderLine, OrderRelay
from vault.subject import OpenSubject


class _Person(NamedTuple):
    number: int
    ref: SubjectRef


class _Guard(NamedTuple):
    frozen: bool
    anonymous: bool


@dataclass(slots=True)
class _Held:
    """An order of the transaction: as it is stored, as it stands by now, and when that was said, if it was."""

    stored: Order | None
    order: Order | None
    said_at: int | None = None
    apart: bool = False


class Taking:
    """The statements of one transaction, all of one tenant, on their way through the steps."""

    def __init__(
        self, means: Means, tx: Transaction, keys: TenantKeys, tenant: int, relay: OrderRelay, ends: Sequence[OrderEnd]
    ) -> None:
        self._means = means
        self._tx = tx
        self._keys = keys
        self._tenant = tenant
        self._relay = relay
        self._ends = ends
        self._orders: dict[str, _Held] = {}
        self._people: Mapping[str, OpenSubject | Reason] = {}
        self._guards: dict[int, _Guard] = {}
        self._numbers = True

    def taken(self, calls: Sequence[Call], line: OrderLine | None = None) -> list[Answer | ApartError]:
        """What each call is answered, in their order. One that is taken apart has left no trace."""
        allowed = [call for call in calls if call.allowed]
        if allowed:
            self._hold(allowed)
        answers: list[Answer | ApartError] = []
        acts: list[Act] = []
        for call in calls:
            people = self._named(call) if call.allowed else Refused(Reason.POLICY)
            answer = people if isinstance(people, Refused) else self._take(call, people, line)
            answers.append(answer)
            if isinstance(answer, Refused):
                acts.append(self._act(call, answer, None))
            elif isinstance(answer, Assigned) and not isinstance(people, Refused):
                acts.append(self._act(call, answer, people.get(call.said.courier)))
        self._write()
        self._means.log.append_all(self._tx, acts)
        return answers

    def _hold(self, calls: Sequence[Call]) -> None:
        """Step 1. Locks are taken in one order, so that no two transactions wait for each other in a circle."""
        tx, tenant = self._tx, self._tenant
        rows = [(ref,) for ref in sorted({call.said.ref for call in calls})]
        numbers = self._relay.numbers(tx, tenant)
        held = tx.later_all(store.ORDERS_TO_CHANGE, rows=rows, tenant=tenant)
        names = list(dict.fromkeys(name for call in calls for name in call.said.names))
        self._people = self._means.subjects.opened_for_writing(tx, self._keys, tenant, names, calls[0].at)
        self._numbers = numbers()
        stored = {ref: order_of(tuple(order)) for ref, *order in held()}
        self._orders = {ref: _Held(stored.get(ref), stored.get(ref)) for (ref,) in rows}
        people = {one.number for one in self._people.values() if isinstance(one, OpenSubject)}
        people |= {order.customer for order in stored.values() if order is not None and order.customer is not None}
        self._guard(people)

    def _guard(self, people: Collection[int]) -> None:
        rows = self._tx.all(store.GUARDS, rows=[(one,) for one in sorted(people)], tenant=self._tenant)
        for person, freezes, anonymous in rows:
            self._guards[person] = _Guard(bool(freezes), bool(anonymous))

    def _named(self, call: Call) -> Mapping[str, _Person] | Refused:
        """Step 2. Nobody frozen or erased has a running order, but they may be in one that ends."""
        people: dict[str, _Person] = {}
        for name in call.said.names:
            one = self._people[name]
            if not isinstance(one, Reason):
                people[name] = _Person(one.number, one.ref)
            elif call.said.stage in RUNNING or one not in {Reason.FROZEN, Reason.ERASED}:
                return Refused(one)
            elif (row := self._means.subjects.find(self._tx, self._keys, self._tenant, name)) is not None:
                opened = self._means.subjects.opened(self._keys, self._tenant, row, call.at)
                people[name] = _Person(row.number, opened.ref)
                self._guard([row.number])
        return people

    def _take(self, call: Call, people: Mapping[str, _Person], line: OrderLine | None) -> Answer | ApartError:
        """Steps 3 to 5."""
        said, held, courier = call.said, self._orders[call.said.ref], people.get(call.said.courier)
        current = held.order
        if held.apart:
            return ApartError()
        if courier is None and current is None:
            return Refused(Reason.ERASED)
        numbers = {name: person.number for name, person in people.items()}
        customer, merchant = numbers.get(said.customer or ""), numbers.get(said.merchant or "")
        taken = Said(numbers.get(said.courier), said.stage, said.version, customer, merchant)
        order, holds = moved(current, taken, call.at)
        if said.stage in RUNNING and courier is not None and self._guards[courier.number].frozen:
            return Refused(Reason.FROZEN)
        if not holds:
            return self._answer(call, order, None, applied=False)
        if line is None and self._touches_numbers(current, order):
            held.apart = True
            return ApartError()
        order = self._hidden(call, order)
        held.order, held.said_at = order, call.at
        number = self._numbered(call, current, order, line) if line is not None and self._numbers else None
        return self._answer(call, order, number, applied=True)

    def _touches_numbers(self, current: Order | None, order: Order) -> bool:
        another = current is not None and current.courier != order.courier
        return self._numbers and (another or order.stage in ENDED or order.customer is not None)

    def _hidden(self, call: Call, order: Order) -> Order:
        """Step 4. Who is anonymous on an order stays so; a new courier has a new code."""
        if order.customer is None or (order.alias and order.nonce):
            return order
        if order.alias:
            return replace(order, nonce=draw_nonce())
        if not (call.said.anonymous or self._guards[order.customer].anonymous):
            return order
        rows = self._tx.all(store.ALIASES_OF_COURIER, tenant=self._tenant, courier=order.courier)
        drawn = {one.order.alias for one in self._orders.values() if one.order and one.order.courier == order.courier}
        return replace(order, alias=draw_alias({row[0] for row in rows} | drawn), nonce=draw_nonce())

    def _numbered(self, call: Call, current: Order | None, order: Order, line: OrderLine) -> str | None:
        """Step 5: the order's number, as long as it runs and its customer is known."""
        said = call.said
        if order.stage in ENDED or (current is not None and current.courier != order.courier):
            line.close(self._tx, order=said.order, at=call.at)
        customer = said.customer or self._name(order.customer, call.at)
        if order.stage in ENDED or customer is None:
            return None
        return line.open(self._tx, order=said.order, courier=said.courier, customer=customer, at=call.at)

    def _answer(self, call: Call, order: Order, number: str | None, *, applied: bool) -> Assigned:
        said, coded = call.said, applied and order.nonce is not None and order.stage is Stage.ASSIGNED
        nonce = order.nonce or b""
        return Assigned(
            order=said.order,
            courier=said.courier if applied else self._name(order.courier, call.at),
            stage=order.stage,
            version=order.version,
            applied=applied,
            alias=spoken(order.alias) if order.alias else None,
            pickup_code=pickup_code(self._keys.refs, tenant=self._tenant, ref=said.ref, nonce=nonce) if coded else None,
            relay=number,
            relayed=applied and order.stage in RUNNING and order.customer is not None,
        )

    def _name(self, number: int | None, at: int) -> str | None:
        """The platform's id of somebody; None of nobody, and of one who was erased or does not open."""
        if number is None:
            return None
        opened = opened_by_number(self._tx, self._means, self._keys, self._tenant, [number], at)
        return opened[number].platform_id if number in opened else None

    def _write(self) -> None:
        """Step 6."""
        tx, tenant = self._tx, self._tenant
        new: list[Placed] = []
        for ref, held in self._orders.items():
            if held.order is None or held.said_at is None:
                continue
            if held.stored is None:
                new.append(Placed(ref, held.order, held.said_at))
            elif held.order != held.stored:
                put_changed(tx, tenant, Placed(ref, held.order, held.said_at))
            else:
                tx.later(store.TOUCH_ORDER, tenant=tenant, ref=ref, at=held.said_at)
        put_new(tx, tenant, new)

    def _act(self, call: Call, answer: Answer, courier: _Person | None) -> Act:
        """Step 7, and what ends with an order."""
        grouping = Grouping()
        if isinstance(answer, Refused):
            grouping.add(Outcome.DENIED, answer.reason)
        else:
            fate = (Outcome.DONE, None) if answer.applied else (Outcome.FAILED, Reason.STALE)
            if courier is None:
                grouping.add(*fate)
            else:
                subjects, _, refs = grouping.column(*fate)
                subjects.append(courier.ref)
                refs.append(call.said.ref)
            if answer.stage in ENDED:
                for end in self._ends:
                    end.ended(self._tx, self._keys.refs, tenant=self._tenant, order=answer.order, at=call.at)
        groups = grouping.groups(self._keys, self._tenant)
        return self._means.act(call.caller, Action.ASSIGNMENT_WRITE, call.at, groups)
