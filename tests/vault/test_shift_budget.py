"""What a courier may be shown in a shift, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database.engine import Database
from database.transaction import Transaction
from tests.support.vault import Vault, submitted
from vault.budget import Budget
from vault.errors import DeniedError
from vault.handover.declaring import SHIFT_RULES, Declaring
from vault.handover.errors import ShiftRulesRefusedError
from vault.handover.stage import Stage
from vault.shift_budget import ShiftBudget
from vault.shifts import store
from vault.shifts.rules import ShiftRulesTextError, read_rules, shipped_rules, shipped_text

NOON = 20_000 * 86_400_000


SHIFT_MS = shipped_rules().lasts


def fifty(database: Database) -> ShiftBudget:
    """With fifty values for the tenants of these tests."""
    for tenant in (1, 2):
        declare(database, tenant, "hours: 12\nvalues: 50\n")
    return ShiftBudget(database)


def declare(database: Database, tenant: int, source: str) -> None:
    def work(tx: Transaction) -> None:
        row = tx.one(store.LATEST_RULES, tenant=tenant)
        tx.insert(store.INSERT_RULES, [(tenant, row[0] + 1 if row else 1, source, 0, 0)])

    database.write(tenant, work)


@pytest.fixture
def shifts(database: Database) -> ShiftBudget:
    return fifty(database)


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
    early, late = fifty(database), ShiftBudget(database)
    assert late.spend(1, "aa", 50, NOON)
    assert not early.spend(1, "aa", 1, NOON - 5_000)


def test_processes_together_never_pass_the_allowance(database: Database) -> None:
    processes = [fifty(database), *(ShiftBudget(database) for _ in range(3))]
    with ThreadPoolExecutor(8) as threads:
        spent = sum(threads.map(lambda n: 3 if processes[n % 4].spend(1, "aa", 3, NOON) else 0, range(60)))
    assert 35 <= spent <= 50


def test_another_credential_does_not_give_a_courier_another_allowance(database: Database) -> None:
    budget = Budget(database)
    assert budget.spend(1, 7, "courier", shipped_rules().values, NOON, acted="aa")
    assert not budget.spend(1, 8, "courier", 1, NOON, acted="aa")
    assert budget.spend(1, 8, "courier", 1, NOON, acted="bb")


def test_a_courier_who_has_seen_enough_is_refused_and_the_refusal_is_recorded(vault: Vault) -> None:
    token = vault.token(submitted("北京市朝阳区建国路88号2单元501", "address"))
    vault.assign("o-1", "rider-1", Stage.PICKED_UP)
    acting = vault.caller(courier="rider-1")
    assert vault.budget.spend(
        1, acting.credential, "courier", shipped_rules().values, vault.means.at(), acted=vault.means.acted(acting)
    )
    assert vault.seen(token, caller=acting) == ["budget"]
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=acting.request)] == [("denied", "budget")]
    vault.clock.advance(hours=12)
    assert vault.seen(token, caller=vault.caller(courier="rider-1")) == ["北京市朝阳区建国路88号2单元501"]


def test_rules_hold_in_every_process_with_the_next_lease_and_for_their_tenant_alone(database: Database) -> None:
    one, other = fifty(database), ShiftBudget(database)
    assert one.spend(1, "aa", 50, NOON)
    declare(database, 1, "hours: 1\nvalues: 60\n")
    assert [other.spend(1, "aa", 10, NOON), other.spend(1, "aa", 1, NOON)] == [True, False]
    assert other.spend(1, "aa", 60, NOON + 3_600_000)
    assert other.spend(2, "aa", 50, NOON)
    assert not other.spend(2, "aa", 1, NOON + 3_600_000)


def test_rules_are_declared_by_a_privacy_officer_in_versions_and_the_log_has_it(vault: Vault) -> None:
    declaring = Declaring(vault.means, SHIFT_RULES)
    assert declaring.present(vault.caller()).source == shipped_text()
    applied = declaring.apply(vault.caller("privacy_officer"), "hours: 8\nvalues: 0\n")
    assert (applied.version, declaring.present(vault.caller())) == (1, applied)
    assert declaring.apply(vault.caller("privacy_officer"), applied.source) == applied
    with pytest.raises(DeniedError):
        declaring.apply(vault.caller("support"), "hours: 24\nvalues: 100000\n")
    with pytest.raises(ShiftRulesRefusedError):
        declaring.apply(vault.caller("privacy_officer"), "hours: 25\nvalues: 1\n")
    outcomes = [entry["outcome"] for entry in vault.entries(action="vault.shift_rules")]
    assert outcomes == ["done", "denied"]
    token = vault.token(submitted("北京市朝阳区建国路88号2单元501", "address"))
    vault.assign("o-1", "rider-1", Stage.PICKED_UP)
    assert vault.seen(token, caller=vault.caller(courier="rider-1")) == ["budget"]


@given(st.text(max_size=60))
def test_any_text_is_rules_or_refused(text: str) -> None:
    try:
        rules = read_rules(text)
    except ShiftRulesTextError:
        return
    assert 1 <= rules.hours <= 24


@pytest.mark.parametrize(
    "text",
    [
        "hours: 12",
        "hours: 0\nvalues: 1",
        "hours: true\nvalues: 1",
        "hours: 1\nvalues: 1\nvalues: 2",
        "hours: 1.5\nvalues: 1",
        "hours: 1\nvalues: -1\n",
    ],
)
def test_unsound_rules_are_refused(text: str) -> None:
    with pytest.raises(ShiftRulesTextError):
        read_rules(text)
