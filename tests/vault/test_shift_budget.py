"""What a courier may be shown in a shift, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from database.engine import Database
from tests.support.vault import Vault, submitted
from vault.budget import Budget
from vault.handover.stage import Stage
from vault.shift_budget import SHIFT_MS, VALUES_IN_A_SHIFT, ShiftBudget

NOON = 20_000 * 86_400_000


@pytest.fixture
def shifts(database: Database) -> ShiftBudget:
    return ShiftBudget(database, 50)


def test_a_shift_has_exactly_its_allowance_and_the_next_one_its_own(shifts: ShiftBudget) -> None:
    assert [shifts.spend(1, "aa", 10, NOON) for _ in range(6)] == [True] * 5 + [False]
    assert not shifts.spend(1, "aa", 1, NOON + SHIFT_MS - 1)
    assert [shifts.spend(1, "aa", 10, NOON + SHIFT_MS) for _ in range(6)] == [True] * 5 + [False]


def test_a_shift_begins_with_the_first_value_and_not_with_a_day(shifts: ShiftBudget) -> None:
    late = NOON + 11 * 3_600_000
    assert shifts.spend(1, "aa", 50, late)
    assert not shifts.spend(1, "aa", 1, late + 2 * 3_600_000)


def test_couriers_and_tenants_have_allowances_of_their_own(shifts: ShiftBudget) -> None:
    assert shifts.spend(1, "aa", 50, NOON)
    assert shifts.spend(1, "bb", 50, NOON)
    assert shifts.spend(2, "aa", 50, NOON)
    assert not shifts.spend(1, "aa", 1, NOON)


def test_what_was_not_disclosed_comes_back_within_the_shift_only(shifts: ShiftBudget) -> None:
    assert shifts.spend(1, "aa", 50, NOON)
    shifts.give_back(1, "aa", 20, NOON + 1)
    assert shifts.spend(1, "aa", 20, NOON + 2)
    shifts.give_back(1, "aa", 20, NOON + SHIFT_MS)
    assert [shifts.spend(1, "aa", 25, NOON + SHIFT_MS) for _ in range(3)] == [True, True, False]


def test_a_process_whose_clock_is_behind_does_not_open_another_shift(database: Database) -> None:
    early, late = ShiftBudget(database, 50), ShiftBudget(database, 50)
    assert late.spend(1, "aa", 50, NOON)
    assert not early.spend(1, "aa", 1, NOON - 5_000)


def test_processes_together_never_pass_the_allowance(database: Database) -> None:
    processes = [ShiftBudget(database, 50) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        spent = sum(threads.map(lambda n: 3 if processes[n % 4].spend(1, "aa", 3, NOON) else 0, range(60)))
    assert 35 <= spent <= 50


def test_another_credential_does_not_give_a_courier_another_allowance(database: Database) -> None:
    budget = Budget(database)
    assert budget.spend(1, 7, "courier", VALUES_IN_A_SHIFT, NOON, acted="aa")
    assert not budget.spend(1, 8, "courier", 1, NOON, acted="aa")
    assert budget.spend(1, 8, "courier", 1, NOON, acted="bb")


def test_a_courier_who_has_seen_enough_is_refused_and_the_refusal_is_recorded(vault: Vault) -> None:
    token = vault.token(submitted("北京市朝阳区建国路88号2单元501", "address"))
    vault.assign("o-1", "rider-1", Stage.PICKED_UP)
    acting = vault.caller(courier="rider-1")
    assert vault.budget.spend(
        1, acting.credential, "courier", VALUES_IN_A_SHIFT, vault.means.at(), acted=vault.means.acted(acting)
    )
    assert vault.seen(token, caller=acting) == ["budget"]
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=acting.request)] == [("denied", "budget")]
    vault.clock.advance(hours=12)
    assert vault.seen(token, caller=vault.caller(courier="rider-1")) == ["北京市朝阳区建国路88号2单元501"]
