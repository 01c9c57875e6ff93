"""A crash at every write of a plan and of its run, an end before the end: each use is disposed of once or not at all, and the
report adds up at any time. On both databases."""

from collections.abc import Callable
from typing import Any

import pytest

from database.transaction import Transaction
from dsar.retention import frozen, planning, running
from tests.dsar.retention.conftest import Platform

USES = 7


class _Crash(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few at once that seven uses take several pages, chunks and steps."""
    for module in (frozen, planning):
        monkeypatch.setattr(module, "CHUNK_ITEMS", 2)
    monkeypatch.setattr(planning, "PAGE", 3)
    monkeypatch.setattr(planning, "PAGES_A_STEP", 1)
    monkeypatch.setattr(running, "CHUNKS_A_STEP", 1)


def due(platform: Platform, name: str) -> list[str]:
    """Phones of people of whom nothing else is kept, whose orders ended long ago."""
    tokens = []
    for number in range(USES):
        ref = platform.order()
        tokens.append(platform.store(f"cust-{name}-{number}", ref))
        platform.tell("order.completed", ref, days=31)
    return tokens


def crashing(platform: Platform, monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool) -> None:
    """Have the process end at the write of this number, before it is durable or after."""
    database, writes = platform.api.moat.database, 0
    real = database.write

    def write(tenant: int | None, work: Callable[[Transaction], Any]) -> Any:
        nonlocal writes
        writes += 1
        if writes != at:
            return real(tenant, work)

        def cut(tx: Transaction) -> Any:
            work(tx)
            raise _Crash

        if not after:
            return real(tenant, cut)
        real(tenant, work)
        raise _Crash

    monkeypatch.setattr(database, "write", write)


@pytest.mark.parametrize("after", [False, True], ids=["before_it_is_durable", "after"])
def test_a_process_that_ends_at_any_write_leaves_a_plan_that_goes_on_to_the_same_end(
    platform: Platform, after: bool
) -> None:
    tokens = due(platform, f"plan-{after}")
    job = platform.call("POST", "/v1/retention/plans", expected=202)["job"]
    crashes = carried_with_crashes(platform, job, after=after)
    assert crashes >= 3
    plan = platform.call("GET", f"/v1/retention/plans/{job}")
    assert (plan["state"], plan["planned"], plan["chunks"]) == ("ready", USES, 4)
    assert len({(item["record"], item["ref"]) for item in platform.items(plan)}) == USES
    assert len([one for one in platform.entries("retention.planned") if one.get("wording") == plan["root"]]) == 1
    run = platform.ask(plan)
    assert carried_with_crashes(platform, run["job"], after=after) >= 3
    report = platform.look(run["run"])
    assert (report["state"], report["disposed"], report["records"]) == ("done", USES, USES)
    assert [platform.uses(token) for token in tokens] == [None] * USES
    disposed = [one for one in platform.entries("retention.dispose") if one["request"] == run["run"]]
    assert sum(one["count"] for one in disposed) == USES
    (done,) = [one for one in platform.entries("retention.done") if one["request"] == run["run"]]
    assert (done["count"], done["wording"]) == (USES, plan["root"])


def carried_with_crashes(platform: Platform, job: str, *, after: bool) -> int:
    """Carry a job out, with a crash at the first write of a step, then at the second when it is begun again, and so on, until the
    step comes through; tells how many crashes that were."""
    crashes, number = 0, 0
    while True:
        found = platform.job(job)
        (task,) = [task for task in platform.api.moat.work.tasks if task.kind == found.kind]
        for at in range(1, 50):
            with pytest.MonkeyPatch.context() as patched:
                crashing(platform, patched, at, after=after)
                try:
                    progress = task.step(found, number)
                    break
                except _Crash:
                    crashes += 1
        number += 1
        if progress.finished:
            platform.end(job)
            return crashes


def test_a_run_that_was_cancelled_goes_on_when_it_is_asked_for_again(platform: Platform) -> None:
    tokens = due(platform, "cancelled")
    plan = platform.plan()
    run = platform.ask(plan)
    steps = platform.steps(run["job"])
    next(steps), next(steps)
    platform.end(run["job"], "cancelled")
    half = platform.look(run["run"])
    assert 0 < half["disposed"] < USES
    assert half["waiting"] == USES - half["disposed"]
    again = platform.run(plan)
    assert (again["disposed"], again["waiting"], again["state"]) == (USES, 0, "done")
    assert [platform.uses(token) for token in tokens] == [None] * USES


def test_a_key_whose_destruction_was_cut_off_is_destroyed_by_the_next_step(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.store("cust-cut-off", "", purpose="account")
    platform.tell("account.closed", "cust-cut-off", days=20)
    plan = platform.plan()
    run = platform.ask(plan)
    (task,) = [task for task in platform.api.moat.work.tasks if task.kind == "retention_run"]
    crashing(platform, monkeypatch, 2, after=False)
    with pytest.raises(_Crash):
        task.step(platform.job(run["job"]), 0)
    monkeypatch.undo()
    assert platform.sql("SELECT count(*) FROM shredding WHERE destroyed_at IS NULL") == [(1,)]
    platform.carry(run["job"])
    assert platform.sql("SELECT count(*) FROM shredding WHERE destroyed_at IS NULL") == [(0,)]
    assert platform.look(run["run"])["people"] == 1


def test_a_value_that_is_used_anew_while_its_use_ends_is_not_lost(platform: Platform) -> None:
    """Whoever stores after the purge gets a record that is there."""
    ref, value = platform.order(), "13877778888"
    old = platform.store("cust-anew", ref, value=value)
    platform.tell("order.completed", ref, days=31)
    plan = platform.plan()
    young = platform.order()
    assert platform.store("cust-anew", young, value=value) == old
    platform.run(plan)
    assert platform.uses(old) == {("delivery", young)}
    assert platform.seen(old, ref=young) == value


def test_a_throttled_run_rests_between_its_steps(platform: Platform) -> None:
    due(platform, "throttled")
    run = platform.ask(platform.plan(), throttle=1)
    waits = [progress.wait_seconds for progress in platform.steps(run["job"])]
    assert waits[:3] == [2.0, 2.0, 2.0]
