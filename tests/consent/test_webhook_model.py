"""Whatever people say, receivers answer and processes suffer: every event arrives, and each person's in order."""

import itertools
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.webhook.ports import Answered
from consent.webhook.state import DeliveryState
from consent.webhook.subscription import Webhook
from database.columns import millis
from tests.consent.hooks import Hooks
from tests.support.receiver import Receiver
from tests.support.vault import TENANT, Vault

PEOPLE = 3
FRESH = itertools.count()


class KilledError(BaseException):
    """The process ends here."""


class Outside:
    """A receiver without a network. `answer` is a status, None for no answer, or `kill`: taken, and then the process dies."""

    def __init__(self) -> None:
        self.answer: int | str | None = 200
        self.taken: list[tuple[str, int]] = []

    def allows(self, url: str) -> bool:
        return True

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        if self.answer is None:
            raise OSError
        if isinstance(self.answer, int) and self.answer >= 300:
            return Answered(self.answer, {})
        told: dict[str, Any] = orjson.loads(body)["data"]
        self.taken.append((told["subject"], told["epoch"]))
        if self.answer == "kill":
            raise KilledError
        return Answered(200, {})


ACTIONS = st.one_of(
    st.tuples(
        st.just("say"), st.integers(0, PEOPLE - 1), st.sampled_from(["given", "withdrawn", "refused", "expired"])
    ),
    st.tuples(st.just("answer"), st.sampled_from([200, 200, 500, 410, None, "kill"])),
    st.tuples(st.just("advance"), st.sampled_from([1, 10, 100, 100_000])),
    st.tuples(st.sampled_from(["carry", "carry", "die", "pause", "resume", "round"])),
)


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def hooks(vault: Vault, outside: Outside) -> Hooks:
    return Hooks(vault, Receiver(port=1), outside=outside)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(ACTIONS, min_size=4, max_size=24))
def test_every_event_arrives_and_each_persons_in_order(hooks: Hooks, outside: Outside, actions: list[Any]) -> None:
    outside.answer, outside.taken = 200, []
    hooks.die()
    webhook, _ = hooks.subscribe()
    names = [f"cust-{next(FRESH)}" for _ in range(PEOPLE)]
    people = {name: hooks.person(name) for name in names}
    said: dict[str, list[int]] = {name: [] for name in names}
    for action in actions:
        match action:
            case ("say", number, state):
                hooks.change(people[names[number]], state)
                said[names[number]].append(hooks._event)
            case ("answer", answer):
                outside.answer = answer
            case _:
                suffer(hooks, webhook, *action)
    outside.answer = 200
    hooks.desk.resume(TENANT, webhook.id, hooks.by())
    for _ in range(30):
        hooks.carry()
        hooks.clock.advance(hours=7)
        hooks.carriage.begin_due(millis(hooks.clock()))
    assert hooks.pending(webhook) == []
    assert hooks.pending(webhook, DeliveryState.DEAD) == []
    for name, epochs in said.items():
        assert list(dict.fromkeys(epoch for who, epoch in outside.taken if who == name)) == epochs
    hooks.desk.end(TENANT, webhook.id, hooks.by())


def suffer(hooks: Hooks, webhook: Webhook, what: str, seconds: int = 0) -> None:
    """What happens to the process that delivers, or is done to the subscription."""
    if what == "advance":
        hooks.clock.advance(seconds=seconds)
    elif what == "carry":
        try:
            hooks.carry()
        except KilledError:
            hooks.die()
    elif what == "die":
        hooks.die()
    elif what == "pause":
        hooks.desk.pause(TENANT, webhook.id, hooks.by())
    elif what == "resume":
        hooks.desk.resume(TENANT, webhook.id, hooks.by())
    else:
        hooks.carriage.begin_due(millis(hooks.clock()))
