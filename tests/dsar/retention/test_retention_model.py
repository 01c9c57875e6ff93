"""Events, holds, uses and purges in any order, against a model of a few lines. On both databases."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.dsar.retention.conftest import Platform

ZONE = ZoneInfo("Asia/Shanghai")
PERIOD, FALLBACK = timedelta(days=30), timedelta(days=180)
STEPS, EXAMPLES = 12, 3


class Orders(RuleBasedStateMachine):
    """A person with three phones, and orders that use them."""

    platform: Platform

    def __init__(self) -> None:
        super().__init__()
        self.subject = f"cust-{self.platform.order().partition(':')[2]}"
        serial = int(self.subject.rpartition("-")[2])
        self.values = [f"1370{number}{serial:06d}" for number in range(3)]
        self.refs = [self.platform.order() for _ in range(4)]
        self.tokens: dict[int, str] = {}
        self.uses: dict[tuple[int, str], date] = {}
        self.ended: dict[str, date] = {}
        self.holds: dict[str, int] = {}

    @property
    def today(self) -> date:
        return self.platform.api.clock().astimezone(ZONE).date()

    @rule(phone=st.integers(0, 2), order=st.integers(0, 3))
    def use(self, phone: int, order: int) -> None:
        ref = self.refs[order]
        token = self.platform.store(self.subject, ref, value=self.values[phone])
        known = any(one == phone for one, _ in self.uses)
        assert not known or token == self.tokens[phone]
        self.tokens[phone] = token
        self.uses.setdefault((phone, ref), self.today)

    @rule(order=st.integers(0, 3), ago=st.integers(0, 40))
    def end_order(self, order: int, ago: int) -> None:
        ref, day = self.refs[order], self.today - timedelta(days=ago)
        news = self.platform.tell("order.completed", ref, days=ago)
        assert news == (day > self.ended.get(ref, date.min))
        self.ended[ref] = max(day, self.ended.get(ref, date.min))

    @rule(days=st.sampled_from([1, 10, 30, 31, 150]))
    def wait(self, days: int) -> None:
        self.platform.api.clock.advance(days=days)

    @rule(order=st.integers(0, 3))
    def hold(self, order: int) -> None:
        ref = self.refs[order]
        if ref not in self.holds:
            self.holds[ref] = self.platform.hold(ref=ref)

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(sorted(self.holds)))
        self.platform.release(self.holds.pop(ref))

    @rule(between=st.sampled_from(["nothing", "use", "hold", "end"]))
    def purge(self, between: str) -> None:
        """A plan, something else, and the run: what counts is how it stands when it is carried out."""
        plan = self.platform.plan()
        due = self.due()
        acts: dict[str, Callable[[], Any]] = {
            "use": lambda: self.use(0, 3),
            "hold": lambda: self.hold(0),
            "end": lambda: self.end_order(1, 0),
            "nothing": lambda: None,
        }
        acts[between]()
        self.platform.run(plan)
        for place in due & self.due():
            del self.uses[place]
        self.look()

    def due(self) -> set[tuple[int, str]]:
        """The uses whose time is over, and that no hold keeps."""
        return {
            (phone, ref)
            for (phone, ref), since in self.uses.items()
            if ref not in self.holds
            and (self.ended[ref] + PERIOD < self.today if ref in self.ended else since + FALLBACK < self.today)
        }

    def look(self) -> None:
        """What the service has is what the model has."""
        for phone, token in self.tokens.items():
            refs = {("delivery", ref) for one, ref in self.uses if one == phone}
            assert self.platform.uses(token) == (refs or None)
            words = [self.platform.seen(token, ref=self.refs[0])]
            assert words == ([self.values[phone]] if refs else ["not_found"])

    def teardown(self) -> None:
        """Let nothing of this person be in the way of the next."""
        self.look()
        self.tokens.clear()


def test_uses_go_when_their_time_is_over_and_nothing_keeps_them(platform: Platform) -> None:
    class Here(Orders):
        pass

    Here.platform = platform
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
