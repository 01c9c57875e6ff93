"""The relay against a model of it: who is bound to whom on which number, what cools, and what rests, with a clock that stands
still between two steps."""

from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from masking.relay.bound import Bound, Change
from masking.relay.decision import Refuse
from masking.relay.errors import BindingEndedError, NumberTakenError, PartyExhaustedError, PoolExhaustedError
from masking.relay.routing import Connected
from tests.support.relay import TENANT, Relay, named_person

COOL = 5_000
CAPACITY = 3
NUMBERS = 3
PEOPLE = st.integers(0, 5)


@dataclass
class Made:
    """A binding as the model has it. `gone` are people who were replaced."""

    bound: Bound
    pair: list[str]
    expires: int
    ended: int | None = None

    def live(self, at: int) -> bool:
        return self.ended is None and self.expires > at

    def end(self, at: int) -> int:
        return min(self.expires, at if self.ended is None else self.ended)


class RelayModel(RuleBasedStateMachine):
    """One pool of few numbers, six people, and spans short enough that everything comes to an end."""

    relay: Relay
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        RelayModel.runs += 1
        self.pool = f"model-{RelayModel.runs}"
        self.made: list[Made] = []
        self.cooling: dict[tuple[int, str], int] = {}
        """Until when a number is not given to somebody again, of those who have left it."""
        self.resting: dict[int, int] = {}
        self.relay.pool(self.pool, numbers=NUMBERS, capacity=CAPACITY, cool=COOL)
        owned = self.relay.stocking.numbers(TENANT, self.pool, after=0, limit=NUMBERS)
        self.numbers = [one.id for one in owned]
        self.orders = 0

    def name(self, person: int) -> str:
        return f"{self.pool}-{person}"

    def held(self, number: int, person: str) -> bool:
        """Whether somebody may not be given a number now."""
        at = self.relay.at
        here = [one for one in self.made if one.bound.x == number and person in one.pair]
        if any(one.live(at) or one.end(at) + COOL > at for one in here):
            return True
        return self.cooling.get((number, person), 0) > at

    def roomy(self, number: int) -> bool:
        at = self.relay.at
        live = sum(one.live(at) for one in self.made if one.bound.x == number)
        return live < CAPACITY and self.resting.get(number, 0) <= at

    @rule(a=PEOPLE, b=PEOPLE, lasts=st.integers(1, 4_000))
    def bind(self, a: int, b: int, lasts: int) -> None:
        if a == b:
            return
        pair = [self.name(a), self.name(b)]
        self.orders += 1
        free = [n for n in self.numbers if self.roomy(n) and not any(self.held(n, one) for one in pair)]
        try:
            bound = self.relay.bind(pair[0], pair[1], f"{self.pool}-{self.orders}", pool=self.pool, lasts=lasts)
        except PoolExhaustedError:
            assert not any(map(self.roomy, self.numbers))
        except PartyExhaustedError as none:
            assert any(map(self.roomy, self.numbers))
            assert not free
            assert (none.free_at or 0) > self.relay.at  # noqa: PT017 - one of many steps
        else:
            assert bound.x in free
            self.made.append(Made(bound, pair, self.relay.at + lasts))

    @precondition(lambda self: self.made)
    @rule(place=st.integers(0, 99), person=PEOPLE)
    def replace(self, place: int, person: int) -> None:
        one, comes = self.made[place % len(self.made)], self.name(person)
        if comes in one.pair:
            return
        free = not self.held(one.bound.x, comes)
        try:
            self.relay.bindings.change(self.relay.by(), one.bound.id, Change(b=named_person(comes)))
        except BindingEndedError:
            assert not one.live(self.relay.at)
        except NumberTakenError:
            assert not free
        else:
            assert free or (one.bound.x, comes) in self.cooling  # whoever comes back to their own binding
            self.cooling[one.bound.x, one.pair[1]] = self.relay.at + COOL
            one.pair[1] = comes

    @precondition(lambda self: self.made)
    @rule(place=st.integers(0, 99), lasts=st.integers(1, 4_000))
    def extend(self, place: int, lasts: int) -> None:
        one = self.made[place % len(self.made)]
        try:
            self.relay.bindings.extend(self.relay.by(), one.bound.id, lasts)
        except BindingEndedError:
            assert not one.live(self.relay.at)
        else:
            one.expires = self.relay.at + lasts

    @precondition(lambda self: self.made)
    @rule(place=st.integers(0, 99))
    def unbind(self, place: int) -> None:
        one = self.made[place % len(self.made)]
        self.relay.bindings.unbind(self.relay.by(), one.bound.id)
        one.ended = one.end(self.relay.at)

    @rule(span=st.sampled_from([1, 999, 2_500, 5_000]))
    def wait(self, span: int) -> None:
        self.relay.clock.advance(milliseconds=span)

    @rule()
    def sweep(self) -> None:
        self.relay.keeping.sweep(self.relay.at)

    @rule(person=PEOPLE)
    def erase(self, person: int) -> None:
        """Whoever has the number of somebody who was erased is a stranger to all that was, and finds no number of theirs."""
        at, name = self.relay.at, self.name(person)
        for number in self.numbers:
            ends = [
                (at if one.live(at) else one.end(at)) + COOL
                for one in self.made
                if one.bound.x == number and name in one.pair
            ]
            ends.append(self.cooling.pop((number, name), 0))
            self.resting[number] = max(self.resting.get(number, 0), *ends)
        self.relay.erase(name)
        for one in self.made:
            if name in one.pair:
                one.ended = one.end(at)
                other = one.pair[0] if one.pair[1] == name else one.pair[1]
                left = max(self.cooling.get((one.bound.x, other), 0), one.ended + COOL)
                self.cooling[one.bound.x, other] = left
        self.made = [one for one in self.made if name not in one.pair]

    @rule(person=PEOPLE, number=st.integers(0, NUMBERS - 1))
    def call(self, person: int, number: int) -> None:
        """Whoever is bound reaches whom they are bound to, and nobody else reaches anybody."""
        name, dialled = self.name(person), self.numbers[number]
        live = [one for one in self.made if one.bound.x == dialled and name in one.pair and one.live(self.relay.at)]
        answer = self.relay.call(name, dialled)
        assert len(live) <= 1
        if not live:
            assert isinstance(answer, Refuse)
            return
        (other,) = [one for one in live[0].pair if one != name]
        assert isinstance(answer, Connected)
        assert answer.to == self.relay.town.number(other)


def test_bindings_do_what_the_model_does(relay: Relay) -> None:
    class Model(RelayModel):
        pass

    Model.relay = relay
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Model, settings=settings(max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=checks)
    )
