"""The daily allowance of plain values, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from database.engine import Database
from tests.support.vault import Vault, submitted
from vault.budget import DAY_MS, LEASE, Budget
from vault.policy import View

NOON = 20_000 * DAY_MS + DAY_MS // 2
DAILY = {"support": 100, "risk": 50_000}


@pytest.fixture
def budget(database: Database) -> Budget:
    return Budget(database, DAILY)


def spend(budget: Budget, count: int = 1, *, credential: int = 7, at: int = NOON, role: str = "support") -> bool:
    return budget.spend(1, credential, role, count, at)


def test_exactly_the_allowance_can_be_spent(budget: Budget) -> None:
    assert [spend(budget, 10) for _ in range(11)] == [True] * 10 + [False]
    assert not spend(budget)


def test_a_call_for_more_than_is_left_takes_nothing(budget: Budget) -> None:
    assert spend(budget, 60)
    assert not spend(budget, 41)
    assert spend(budget, 40)
    assert not spend(budget)


def test_a_call_for_more_than_the_allowance_is_refused_and_the_allowance_stays(budget: Budget) -> None:
    assert not spend(budget, 101)
    assert spend(budget, 100)


def test_what_was_not_disclosed_is_given_back(budget: Budget) -> None:
    assert spend(budget, 100)
    budget.give_back(1, 7, "support", 30, NOON)
    assert spend(budget, 30)
    assert not spend(budget)


def test_roles_without_an_allowance_are_not_counted(budget: Budget, database: Database) -> None:
    assert all(spend(budget, 10**6, role="service") for _ in range(3))
    assert spend(budget, 0)


def test_a_new_day_has_a_new_allowance_and_each_credential_its_own(budget: Budget) -> None:
    assert spend(budget, 100)
    assert not spend(budget)
    assert spend(budget, 100, credential=8)
    assert spend(budget, 100, at=NOON + DAY_MS)
    midnight = (NOON // DAY_MS + 2) * DAY_MS
    assert spend(budget, 100, at=midnight)
    assert not spend(budget, 1, at=midnight + DAY_MS - 1)


def test_many_calls_touch_the_database_once(
    budget: Budget, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int | None] = []
    write = database.write

    def noted(tenant: int | None, work: Any) -> Any:
        writes.append(tenant)
        return write(tenant, work)

    monkeypatch.setattr(database, "write", noted)
    assert all(spend(budget, role="risk") for _ in range(LEASE))
    assert len(writes) == 1


def test_processes_together_never_pass_the_allowance(database: Database) -> None:
    processes = [Budget(database, DAILY) for _ in range(4)]

    def call(number: int) -> int:
        return 3 if spend(processes[number % 4], 3) else 0

    with ThreadPoolExecutor(16) as threads:
        spent = sum(threads.map(call, range(200)))
    assert 90 <= spent <= 100


def test_a_process_that_starts_again_cannot_spend_what_was_spent(database: Database) -> None:
    assert spend(Budget(database, DAILY), 95)
    assert not spend(Budget(database, DAILY), 20)


def test_the_plain_view_costs_what_it_discloses_and_the_masked_view_nothing(vault: Vault) -> None:
    tokens = [one.token for one in vault.tokenize(*[submitted(f"138{n:08}", purpose="support") for n in range(100)])]  # type: ignore[union-attr]  # all issued
    support: dict[str, Any] = {"purpose": "support", "ref": "ticket:t-1"}
    for _ in range(30):
        vault.seen(*tokens, view=View.MASKED, caller=vault.caller("support"), **support)
        vault.seen(*["tok_nothing"] * 100, caller=vault.caller("support"), **support)
    for _ in range(20):
        assert "budget" not in vault.seen(*tokens, caller=vault.caller("support"), **support)
    caller = vault.caller("support")
    assert vault.seen(tokens[0], caller=caller, **support) == ["budget"]
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "budget")]
    assert vault.seen(tokens[0], caller=vault.caller("support"), view=View.MASKED, **support) == ["138****0000"]


def test_a_call_that_fails_gives_everything_back(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    token = vault.token(submitted(purpose="support"))
    support: dict[str, Any] = {"purpose": "support", "ref": "ticket:t-1"}

    def fail(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(type(vault.means.log), "append", fail)
        for _ in range(3):
            with pytest.raises(OSError, match=r"^$"):
                vault.detokenize(*[token] * 1_000, caller=vault.caller("support"), **support)
    assert vault.seen(token, caller=vault.caller("support"), **support) == ["13812345678"]


def test_a_courier_acted_for_has_the_couriers_allowance(vault: Vault) -> None:
    token = vault.token()
    acting = vault.caller(courier="rider-1")
    assert vault.seen(*[token] * 501, caller=acting, view=View.PLAIN) == ["policy"] * 501
    assert vault.budget.spend(1, acting.credential, "courier", 500, vault.means.at())
    assert not vault.budget.spend(1, acting.credential, "courier", 1, vault.means.at())


def test_each_person_acted_for_has_an_allowance_of_their_own(budget: Budget) -> None:
    assert budget.spend(1, 7, "support", 100, NOON, acted="aa")
    assert not budget.spend(1, 7, "support", 1, NOON, acted="aa")
    assert budget.spend(1, 7, "support", 100, NOON, acted="bb")
    assert budget.spend(1, 7, "support", 100, NOON)
