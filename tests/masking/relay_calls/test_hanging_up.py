"""What ends a binding, or keeps two people apart, ends their calls, too, as far as the tenant's rules say so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson
import pytest

from audit.log import AuditLog
from database.statement import Statement
from masking.relay.blocking import Blocking, NewBlock
from masking.relay.calls.forgetting import CallErasure
from masking.relay.calls.hanging_up import UNKNOWN_TIMES, CutOff, HangUpTask
from masking.relay.calls.progress import Event, EventKind
from masking.relay.ports import Left
from masking.relay.routing import Connected
from tests.support.relay import _id, named_person
from tests.support.relay_calls import TENANT, Calls
from work.job import Job, JobState

MOVED = Statement("UPDATE relay_call SET binding = :binding")


def connected(calls: Calls) -> str:
    """A call between two who are bound; its leg."""
    answer = calls.call("cust-1", calls.bind().x)
    assert isinstance(answer, Connected)
    return answer.leg


def asked(calls: Calls) -> list[list[str]]:
    """The legs of each job."""
    return [orjson.loads(params)["legs"] for (params,) in calls.rows("job", "params")]


def unbind(calls: Calls, caller: str, callee: str) -> None:
    calls.bindings.unbind(calls.by(), calls.bind(caller, callee, f"o-{caller[-1]}").id)


def block(calls: Calls, caller: str | None, callee: str | None) -> None:
    wanted = NewBlock(
        caller=named_person(caller),
        callee=named_person(callee),
        number=None,
        both_ways=False,
        reason="abuse",
        until=None,
    )
    Blocking(calls.database, calls.town, AuditLog(), calls.kept).block(calls.by(), wanted)


def erase(calls: Calls, _: str, callee: str) -> None:
    calls.database.write(TENANT, lambda tx: CallErasure().erased(tx, TENANT, _id(callee), calls.at))


def freeze(calls: Calls, *_: str) -> None:
    calls.clock.advance(seconds=1)
    calls.watch.look(TENANT, calls.at)


ENDS: dict[str, Callable[[Calls, str, str], None]] = {
    "unbind": unbind,
    "block": block,
    "freeze": freeze,
    "erase": erase,
}


@pytest.mark.parametrize("cause", ENDS)
def test_a_call_that_is_under_way_is_ended_once_by_each_of_them_unless_the_rules_say_otherwise(
    calls: Calls, cause: str
) -> None:
    watching = "{people: 1, within: PT1H, action: freeze_caller, lasts: P1D}"
    calls.rule(1, fan_out=watching)
    leg = connected(calls)
    ENDS[cause](calls, "cust-1", "rider-1")
    assert asked(calls) == [[leg]]
    calls.events.take(TENANT, [Event(leg=leg, kind=EventKind.ENDED, at=calls.at)], calls.at)
    calls.rule(2, fan_out=watching, hang_up=f"{{{cause}: false}}")
    other = calls.call("cust-2", calls.bind("cust-2", "rider-2", "o-2").x)
    assert isinstance(other, Connected)
    ENDS[cause](calls, "cust-2", "rider-2")
    assert asked(calls) == [[leg]]


def test_whoever_is_frozen_can_be_blocked_for_longer(calls: Calls) -> None:
    calls.rule(1, fan_out="{people: 1, within: PT1H, action: freeze_caller, lasts: P1D}")
    connected(calls)
    freeze(calls)
    block(calls, "cust-1", "rider-1")
    assert len(calls.rows("relay_block")) == 1


def test_a_block_ends_nobody_elses_call_and_time_that_is_up_ends_none(calls: Calls) -> None:
    connected(calls)
    block(calls, "rider-1", "cust-1")
    block(calls, None, "cust-1")
    calls.clock.advance(hours=2)
    calls.keeping.sweep(calls.at)
    assert asked(calls) == []


def test_a_call_that_was_being_connected_while_its_binding_ended_is_found(calls: Calls) -> None:
    bound = calls.bind()
    calls.bindings.unbind(calls.by(), bound.id)
    leg = connected(calls)
    calls.database.write(None, lambda tx: tx.run(MOVED, binding=bound.id))
    CutOff(calls.database, calls.rules)(calls.at)
    assert asked(calls) == [[leg]]


@dataclass
class Switches:
    """Switches that leave calls as a test says, time after time."""

    left: Sequence[Left]
    asked: list[Sequence[str]] = field(default_factory=list)

    def end(self, legs: Sequence[str]) -> Left:
        self.asked.append(legs)
        return self.left[min(len(self.asked), len(self.left)) - 1]


def _job(calls: Calls, leg: str, after: int = 0) -> Job:
    params = {"legs": [leg], "after": after}
    return Job(TENANT, UUID(int=1), "relay_hang_up", JobState.RUNNING, params, 0, 1, None, created_at=calls.at)


def test_switches_that_are_away_are_told_again_and_a_call_that_nobody_knows_is_asked_for_a_few_times(
    calls: Calls,
) -> None:
    leg = connected(calls)
    away, unknown, none = Left((), (leg,)), Left((leg,), ()), Left((), ())
    for left, steps in (([away] * 5 + [none], 6), ([unknown], UNKNOWN_TIMES + 1), ([none], 1)):
        switches = Switches(left)
        task, number = HangUpTask(calls.database, switches, calls.clock), 0
        while not (progress := task.step(_job(calls, leg), number)).finished:
            assert progress.wait_seconds > 0
            number += 1
        assert number + 1 == len(switches.asked) == steps
    late = HangUpTask(calls.database, Switches([none]), calls.clock)
    assert late.step(_job(calls, leg, after=30_000), 0).wait_seconds == 30
    calls.events.take(TENANT, [Event(leg=leg, kind=EventKind.ENDED, at=calls.at)], calls.at)
    switches = Switches([away])
    assert HangUpTask(calls.database, switches, calls.clock).step(_job(calls, leg), 0).finished
    assert switches.asked == []
