"""Statements about orders that come together: one transaction, and all as if one after the other. On both databases."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.entry import Actor, Reason
from database.transaction import Transaction
from tests.support.vault import TENANT, Gates, Vault
from vault.errors import DeniedError
from vault.handover.assigning import Handover
from vault.handover.stage import Stage
from vault.handover.statement import Answer, ApartError, Assigned, Call, Refused, Statement
from vault.handover.taking import Taking
from vault.keyring import TenantKeys
from vault.open_gates import NoOrderRelay
from vault.ports import OrderLine
from vault.protection.freeze import FreezeReason, Frozen
from vault.protection.freezing import Asked
from vault.shredding import ShredReason

Given = TypeVar("Given")
NAMES = count()
STATEMENTS = st.builds(
    Statement,
    order=st.sampled_from(["o-1", "o-2"]),
    courier=st.sampled_from(["rider-1", "rider-2", "rider-frozen", "rider-erased"]),
    stage=st.sampled_from(Stage),
    version=st.none() | st.integers(1, 4),
    customer=st.none() | st.sampled_from(["cust-1", "cust-2"]),
    anonymous=st.booleans(),
)


class Slow(NoOrderRelay):
    """A relay without numbers, whose keys take their time until it is let go."""

    def __init__(self) -> None:
        self.held, self.go = threading.Event(), threading.Event()

    def using(self, tenant: int, actor: Actor, request: str, attempt: Callable[[OrderLine], Given]) -> Given:
        self.held.set()
        assert self.go.wait(30)
        return super().using(tenant, actor, request, attempt)


class Numbered(NoOrderRelay):
    """A relay that has numbers, though none for orders."""

    def numbers(self, tx: Transaction, tenant: int) -> Callable[[], bool]:
        return lambda: True


class SlowNumbered(Slow, Numbered):
    """Both."""


def together(vault: Vault, *said: Statement, role: str = "service") -> Sequence[Answer | ApartError]:
    """The answers to statements that have come together."""
    calls = [Call(vault.caller(role), one, vault.means.at(), allowed=role == "service") for one in said]

    def work(tx: Transaction, keys: TenantKeys) -> list[Answer | ApartError]:
        return Taking(vault.means, tx, keys, TENANT, vault.gates.relay, ()).taken(calls)

    return vault.means.write(TENANT, work)


def test_what_comes_together_is_answered_as_one_after_the_other(vault: Vault) -> None:
    officer = vault.caller("privacy_officer")
    for courier in ("rider-frozen", "rider-erased"):
        vault.assign("o-0", courier, Stage.DELIVERED)
    vault.freezing.freeze(officer, _freeze("rider-frozen"))
    vault.shredding.shred(officer, "rider-erased", ShredReason.TEST)
    vault.preferences.put(vault.caller(), "cust-1", {"anonymous_orders": True})

    @given(st.lists(STATEMENTS, min_size=2, max_size=6))
    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    def answered_alike(said: list[Statement]) -> None:
        name = f"{next(NAMES)}"
        at_once = together(vault, *(_of(one, f"a{name}-{one.order}") for one in said))
        assert [_plain(one) for one in at_once] == [_alone(vault, _of(one, f"b{name}-{one.order}")) for one in said]
        stored = (
            "SELECT courier, stage, version, customer, alias <> '' FROM assignment WHERE ref LIKE :ref ORDER BY ref"
        )
        assert vault.sql(stored, ref=f"order:a{name}-%") == vault.sql(stored, ref=f"order:b{name}-%")

    answered_alike()


def test_each_has_an_entry_and_a_wrong_version_is_refused_for_that_one_alone(vault: Vault) -> None:
    vault.assign("o-1", "rider-1", version=5)
    answers = together(
        vault,
        Statement(order="o-1", courier="rider-2", stage=Stage.ASSIGNED, version=4),
        Statement(order="o-2", courier="rider-2", stage=Stage.ASSIGNED, version=1),
        Statement(order="o-2", courier="rider-2", stage=Stage.PICKED_UP, version=2),
    )
    assert [(one.courier, one.version, one.applied) for one in answers if isinstance(one, Assigned)] == [
        ("rider-1", 5, False),
        ("rider-2", 1, True),
        ("rider-2", 2, True),
    ]
    entries = vault.entries(action="vault.assignment_write")[1:]
    assert [(one["outcome"], one.get("reason"), one["count"]) for one in entries] == [
        ("failed", "stale_version", 1),
        ("done", None, 1),
        ("done", None, 1),
    ]
    assert len({one["request"] for one in entries}) == 3


def test_who_may_not_assign_is_refused_among_others_and_recorded(vault: Vault) -> None:
    said = Statement(order="o-1", courier="rider-1", stage=Stage.ASSIGNED)
    assert together(vault, said, said, role="support") == [Refused(Reason.POLICY)] * 2
    assert vault.sql("SELECT count(*) FROM assignment") == [(0,)]
    assert [one["reason"] for one in vault.entries(action="vault.assignment_write")] == ["policy"] * 2


def test_aliases_of_a_courier_differ_among_orders_that_come_together(vault: Vault) -> None:
    said = [
        Statement(order=f"o-{one}", courier="rider-1", stage=Stage.ASSIGNED, customer="cust-1", anonymous=True)
        for one in range(40)
    ]
    answers = together(vault, *said)
    assert len({one.alias for one in answers if isinstance(one, Assigned)}) == 40


def test_what_touches_relay_numbers_is_taken_apart_and_leaves_no_trace(vault: Vault, gates: Gates) -> None:
    gates.relay = Numbered()
    first, again, other = together(
        vault,
        Statement(order="o-1", courier="rider-1", stage=Stage.ASSIGNED, customer="cust-1"),
        Statement(order="o-1", courier="rider-2", stage=Stage.ASSIGNED),
        Statement(order="o-2", courier="rider-2", stage=Stage.ASSIGNED),
    )
    assert isinstance(first, ApartError)
    assert isinstance(again, ApartError)
    assert isinstance(other, Assigned)
    assert vault.sql("SELECT ref FROM assignment") == [("order:o-2",)]
    assert len(vault.entries(action="vault.assignment_write")) == 1


@pytest.mark.parametrize("relay", [Slow, SlowNumbered])
def test_calls_that_meet_lose_and_add_nothing(vault: Vault, relay: type[Slow]) -> None:
    vault.assign("o-0", "rider-frozen", Stage.DELIVERED)
    vault.freezing.freeze(vault.caller("privacy_officer"), _freeze("rider-frozen"))
    vault.handover = handover = Handover(vault.means, slow := relay())
    made = [(f"m-{one % 5}", "rider-frozen" if one % 7 == 3 else f"rider-{one}", one // 5 + 1) for one in range(40)]

    def say(order: str, courier: str, version: int) -> bool | None:
        try:
            return vault.assign(order, courier, version=version, customer="cust-1").applied
        except DeniedError:
            return None

    with ThreadPoolExecutor(len(made)) as threads:
        first = threads.submit(say, *made[0])
        assert slow.held.wait(30)
        others = [threads.submit(say, *one) for one in made[1:]]
        until = time.monotonic() + 30
        while handover._gathering.waiting < len(made) - 1 and time.monotonic() < until:
            time.sleep(0.005)
        slow.go.set()
        outcomes = [one.result(30) for one in (first, *others)]
    frozen = [courier == "rider-frozen" for _, courier, _ in made]
    assert [outcome is None for outcome in outcomes] == frozen
    newest = {order: max(v for o, c, v in made if o == order and c != "rider-frozen") for order, _, _ in made}
    assert dict(vault.sql("SELECT ref, version FROM assignment WHERE ref LIKE 'order:m-%'")) == {
        f"order:{order}": version for order, version in newest.items()
    }
    fates = Counter(one["outcome"] for one in vault.entries(action="vault.assignment_write")[1:])
    assert fates == Counter({"done": outcomes.count(True), "failed": outcomes.count(False), "denied": sum(frozen)})


def _of(said: Statement, order: str) -> Statement:
    return replace(said, order=order)


def _freeze(courier: str) -> Asked:
    return Asked(Frozen.COURIER, courier, None, FreezeReason.INVESTIGATION)


def _alone(vault: Vault, said: Statement) -> tuple[object, ...]:
    return _plain(together(vault, said)[0])


def _plain(answer: Answer | ApartError) -> tuple[object, ...]:
    """An answer without what is drawn for each order."""
    if isinstance(answer, Assigned):
        return (*answer[1:5], answer.alias is not None, answer.pickup_code is not None, answer.relayed)
    assert isinstance(answer, Refused)
    return (answer.reason,)
