"""The same switch with hiding switched off must be caught: else all other tests would prove nothing."""

import pytest

from tests.wire.conftest import Started
from tests.wire.conversation import assert_hidden, busy_call
from tests.wire.leaks import leaks
from tests.wire.world import World


def test_a_switch_that_hides_nothing_is_caught_in_both_directions(open_switch: Started, world: World) -> None:
    pair = world.pair()
    calls, answers = busy_call(pair.a, pair.b, pair.a_dials)
    talk = open_switch.wire.talk(pair.a, calls, pair.b, answers)
    assert talk.callee is not None
    assert talk.caller.status == talk.callee.status == 0
    assert set().union(*(leaks(message, pair.a.needles) for message in talk.callee.received)) == set(pair.a.needles)
    assert set().union(*(leaks(message, pair.b.needles) for message in talk.caller.received)) == set(pair.b.needles)
    with pytest.raises(AssertionError):
        assert_hidden(talk, pair.a, pair.b, open_switch.wire.switch)
