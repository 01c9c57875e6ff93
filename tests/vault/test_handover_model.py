"""Any sequence of statements about orders, tables, freezes and moments, taken by whatever process, against a plain model: a
courier sees what the table allows at the moment of the answer, and nothing more. On both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.support.vault import Vault, submitted
from vault.detokenization import Presented
from vault.errors import DeniedError, NotFoundError
from vault.handover.alias import TRIES_AT_MOST
from vault.handover.errors import PickupRefusedError
from vault.handover.stage import Stage
from vault.handover.table_text import shipped_text
from vault.item import Revealed
from vault.policy import View
from vault.protection.freeze import FreezeReason, Frozen
from vault.protection.freezing import Asked

ADDRESS = "浙江省杭州市西湖区云帆路12号朗庭花园3幢2单元501室"
VALUES = {"name": "王小明", "phone": "13812345678", "address": ADDRESS, "note": "放门口"}

Table = dict[str, tuple[int | None, dict[str, int]]]
"""Of each stage how many minutes it is seen for, and how much of each kind: 1 masked, 2 by building, 3 in full."""

_RUNNING = {"name": 1, "phone": 1, "address": 2, "note": 1}
TABLES: list[tuple[str, Table]] = [
    (
        shipped_text(),
        {
            "assigned": (None, _RUNNING),
            "picked_up": (None, {"name": 1, "phone": 1, "address": 3, "note": 3}),
            "delivered": (10, {"name": 1, "address": 2}),
            "cancelled": (5, {"name": 1}),
        },
    ),
    (
        "stages: {picked_up: {minutes: 30, courier: {address: full}}, delivered: {minutes: 0, courier: {name: masked}}}",
        {"picked_up": (30, {"address": 3}), "delivered": (0, {"name": 1})},
    ),
    (
        "stages:\n  assigned:\n    courier: {address: masked, note: full}\n",
        {"assigned": (None, {"address": 1, "note": 3})},
    ),
]
NEEDED = {View.MASKED: 1, View.BUILDING: 2, View.PLAIN: 3}
ESTATE = "浙江省杭州市西湖区云帆路12号朗庭花园"
MASKED = {"name": "王**", "phone": "138****5678", "address": f"{ESTATE}***", "note": "***"}
SHOWN = {View.MASKED: MASKED, View.BUILDING: MASKED | {"address": f"{ESTATE}3幢***"}, View.PLAIN: VALUES}
ALIASED = {"name", "phone"}
NEVER_PLAIN = {"name", "phone"}

RIDERS, ORDERS, PROCESSES = ("a", "b"), ("x", "y"), 3
_numbers: Iterator[int] = count(1)


@dataclass
class Known:
    """An order as the model has it."""

    rider: str
    stage: str
    version: int
    since: int
    alias: str | None
    code: str | None = None
    tries: int = 0


class HandoverModel(RuleBasedStateMachine):
    """Several processes over one database. Each run has orders and couriers of its own."""

    def __init__(self, vault: Vault, tokens: dict[str, str]) -> None:
        super().__init__()
        self.first = vault
        self.processes = [vault, *(vault.another_process() for _ in range(PROCESSES - 1))]
        self.tokens = tokens
        self.run = next(_numbers)
        self.orders: dict[str, Known] = {}
        self.frozen: dict[str, int] = {}
        self.table = TABLES[0][1]

    @initialize()
    def begin(self) -> None:
        self._apply(0, 0)

    def _apply(self, process: int, number: int) -> None:
        vault = self.processes[process]
        source, self.table = TABLES[number]
        vault.declaring.apply(vault.caller("privacy_officer"), source)

    @rule(process=st.integers(0, PROCESSES - 1), number=st.integers(0, len(TABLES) - 1))
    def apply(self, process: int, number: int) -> None:
        self._apply(process, number)

    @rule(milliseconds=st.sampled_from([1, 1_000, 60_000, 299_999, 300_000, 599_999, 600_000, 1_800_000]))
    def wait(self, milliseconds: int) -> None:
        self.first.clock.advance(milliseconds=milliseconds)

    @rule(milliseconds=st.sampled_from([1, 1_000, 300_000, 3_600_000]))
    def go_back(self, milliseconds: int) -> None:
        """The clock of the service is set back, as when a machine had the wrong time."""
        self.first.clock.advance(milliseconds=-milliseconds)

    @rule(
        process=st.integers(0, PROCESSES - 1),
        order=st.sampled_from(ORDERS),
        rider=st.sampled_from(RIDERS),
        stage=st.sampled_from(list(Stage)),
        version=st.none() | st.integers(1, 8),
        anonymous=st.booleans(),
    )
    def assign(self, process: int, order: str, rider: str, stage: Stage, version: int | None, anonymous: bool) -> None:
        vault, known = self.processes[process], self.orders.get(order)
        said: dict[str, Any] = {"version": version, "customer": "cust-1001", "anonymous": anonymous}
        try:
            answer = vault.assign(f"{order}-{self.run}", self._rider(rider), stage, **said)
        except DeniedError:
            assert rider in self.frozen
            assert stage in {Stage.ASSIGNED, Stage.PICKED_UP}
            return
        assert rider not in self.frozen or stage in {Stage.DELIVERED, Stage.CANCELLED}
        same = known is not None and (known.rider, known.stage) == (rider, stage.value)
        if known is not None and version is not None and version <= known.version:
            assert answer.applied is (same and version == known.version)
            assert (answer.courier, answer.stage) == (self._rider(known.rider), known.stage)
            if answer.applied and anonymous:
                known.alias = known.alias or answer.alias
            if answer.applied:
                known.code = answer.pickup_code or known.code
        else:
            assert answer.applied
            now = self.first.means.at()
            since = known.since if known is not None and same else now
            number = answer.version if version is None else version
            assert known is None or number >= known.version
            alias = answer.alias if anonymous or (known and known.alias) else None
            code, tries = (known.code, known.tries) if known is not None and known.rider == rider else (None, 0)
            assert answer.pickup_code is None or code in {None, answer.pickup_code}
            self.orders[order] = Known(rider, stage.value, number, since, alias, answer.pickup_code or code, tries)
            assert (answer.alias is not None) is (alias is not None)
        assert answer.version == self.orders[order].version

    @rule(process=st.integers(0, PROCESSES - 1), order=st.sampled_from(ORDERS), off=st.sampled_from([0, 0, 1]))
    def pick_up(self, process: int, order: str, off: int) -> None:
        """Whoever hands the order over says a code: the courier's, or another."""
        vault, known = self.processes[process], self.orders.get(order)
        if known is None or known.code is None:
            return
        running, open_ = known.stage in {"assigned", "picked_up"}, known.tries < TRIES_AT_MOST
        code = f"{(int(known.code) + off) % 10_000:04d}"
        try:
            vault.picking_up.pick_up(vault.caller("merchant"), f"{order}-{self.run}", code)
        except NotFoundError:
            assert not running
        except PickupRefusedError:
            assert running
            assert off or not open_
            known.tries += open_
        else:
            assert running
            assert open_
            assert not off
            if known.stage == "assigned":
                known.stage, known.since, known.tries = "picked_up", self.first.means.at(), 0

    @rule(process=st.integers(0, PROCESSES - 1), rider=st.sampled_from(RIDERS))
    def freeze_or_thaw(self, process: int, rider: str) -> None:
        vault = self.processes[process]
        if rider in self.frozen:
            vault.freezing.lift(vault.caller("privacy_officer"), self.frozen.pop(rider))
        elif any(known.rider == rider for known in self.orders.values()):
            asked = Asked(Frozen.COURIER, self._rider(rider), None, FreezeReason.LOST_DEVICE)
            self.frozen[rider] = vault.freezing.freeze(vault.caller("risk"), asked).freeze.id

    @rule(process=st.integers(0, PROCESSES - 1), rider=st.sampled_from(RIDERS), view=st.sampled_from(list(View)))
    def look(self, process: int, rider: str, view: View) -> None:
        vault = self.processes[process]
        asked = [(order, kind) for order in ORDERS for kind in VALUES]
        items = [Presented(self.tokens[kind], "delivery", f"order:{order}-{self.run}") for order, kind in asked]
        answers = vault.detokenization.detokenize(vault.caller(courier=self._rider(rider)), items, view)
        for (order, kind), answer in zip(asked, answers, strict=True):
            expected = self._expected(rider, order, kind, view)
            seen = answer.value if isinstance(answer, Revealed) else None
            assert seen == expected, (order, kind, view, answer)

    def _expected(self, rider: str, order: str, kind: str, view: View) -> str | None:
        """What the courier sees; None for nothing."""
        known = self.orders.get(order)
        if known is None or known.rider != rider or rider in self.frozen or known.stage not in self.table:
            return None
        minutes, kinds = self.table[known.stage]
        if minutes is not None and not 0 <= self.first.means.at() - known.since < minutes * 60_000:
            return None  # At the end of its time, and before its beginning, by a clock that was set back.
        needed = 1 if view is View.BUILDING and kind != "address" else NEEDED[view]
        if kinds.get(kind, 0) < needed or (view is View.PLAIN and kind in NEVER_PLAIN):
            return None
        if known.alias and kind in ALIASED:
            return known.alias
        if known.alias and kind == "note" and view is View.PLAIN:
            return None
        return SHOWN[view][kind]

    def _rider(self, rider: str) -> str:
        return f"rider-{rider}-{self.run}"


def test_no_view_is_wider_than_the_table_allows_at_the_moment_of_the_answer(vault: Vault) -> None:
    tokens = {kind: vault.token(submitted(value, kind)) for kind, value in VALUES.items()}
    run_state_machine_as_test(
        lambda: HandoverModel(vault, tokens),  # type: ignore[arg-type]  # as its documentation has it
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
