"""One process has a person's key in memory, another destroys or replaces it: what the first writes then is refused, or sealed
under the key that lives, and never lost. With real processes, on both databases."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audit.event_id import uuid7
from tests.support.vault import TENANT, Vault
from tests.support.vault_process import VaultProcess
from vault.keyring import KEK
from vault.rotation.ending import Ending
from vault.rotation.kek_rotation import KekRotation
from vault.rotation.minting import Minting
from vault.rotation.reencryption import DekRotation
from work.job import Job, JobState, Params, Task

SUBJECT = "cust-1001"
GONE = {"subject_erased", "not_found"}


@pytest.fixture(scope="module")
def processes() -> Iterator[list[VaultProcess]]:
    """Two processes for all tests here: their start takes longer than what they do."""
    started = [VaultProcess(), VaultProcess()]
    yield started
    for one in started:
        one.end()


@pytest.fixture
def first(processes: list[VaultProcess], vault: Vault, database_url: str, tmp_path: Path) -> VaultProcess:
    """A process that has the person's key in its cache."""
    for one in processes:
        assert one.do(do="open", url=database_url, keys=str(tmp_path / "keys")) == "opened"
    return processes[0]


@pytest.fixture
def second(processes: list[VaultProcess], first: VaultProcess) -> VaultProcess:
    """Another."""
    return processes[1]


def write(process: VaultProcess, value: str = "13800000001") -> str:
    return str(process.do(do="write", value=value, subject=SUBJECT))


def carry_out(vault: Vault, task: Task, params: Params) -> None:
    """A job of one task, from its beginning to its end, in this process."""
    job = Job(TENANT, uuid7(1), task.kind, JobState.RUNNING, params, 0, 0, None, 1)
    for number in range(1_000):
        progress = task.step(job, number)
        if progress.finished:
            return
        job = Job(TENANT, job.id, job.kind, job.state, params, progress.done, progress.total, None, 1)
    raise AssertionError("the job does not end")


def reencrypt(vault: Vault) -> None:
    """Give everybody a new DEK."""
    vault.clock.advance(seconds=1)
    at = int(vault.clock().timestamp() * 1000)
    carry_out(vault, DekRotation(vault.means), {"before": at})


def renew_kek(vault: Vault) -> None:
    """A new KEK, and the end of the one before."""
    minting = Minting(vault.means, vault.roots)
    active = vault.database.read(TENANT, lambda tx: minting.active(tx, TENANT))
    params = {"after": [list(one) for one in active if one.usage == KEK], "destroy": True}
    carry_out(vault, KekRotation(vault.means, minting, Ending(vault.means)), params)


def dek_versions(vault: Vault) -> list[int]:
    return [version for (version,) in vault.sql("SELECT version FROM dek ORDER BY subject")]


def records(vault: Vault) -> int:
    return int(vault.sql("SELECT count(*) FROM record")[0][0])


def test_a_write_after_another_process_shredded_the_person_is_refused(
    vault: Vault, first: VaultProcess, second: VaultProcess
) -> None:
    token = write(first)
    assert first.do(do="see", tokens=[token]) == ["13800000001"]
    assert second.do(do="shred", subject=SUBJECT) == "shredded"
    assert write(first, "13800000002") == "subject_erased"
    assert set(first.do(do="see", tokens=[token])) <= GONE
    assert (records(vault), dek_versions(vault)) == (0, [])


def test_a_write_that_holds_the_person_is_done_before_the_shredding_and_goes_with_it(
    vault: Vault, first: VaultProcess, second: VaultProcess
) -> None:
    write(first)
    first.do(do="hold")
    first.send(do="write", value="13800000002", subject=SUBJECT)
    assert first.answer() == "held"
    second.send(do="shred", subject=SUBJECT)
    first.send(do="go")
    token = str(first.answer())
    assert token.startswith("tok_")
    assert second.answer() == "shredded"
    assert set(second.do(do="see", tokens=[token])) | set(first.do(do="see", tokens=[token])) <= GONE
    assert (records(vault), dek_versions(vault)) == (0, [])


def test_a_write_after_another_process_replaced_the_key_is_sealed_under_the_new_one(
    vault: Vault, first: VaultProcess, second: VaultProcess
) -> None:
    before = write(first)
    reencrypt(vault)
    assert dek_versions(vault) == [2]
    after = write(first, "13800000002")
    for process in (first, second):
        assert process.do(do="see", tokens=[before, after]) == ["13800000001", "13800000002"]
    assert vault.another_process().seen(before, after) == ["13800000001", "13800000002"]


def test_a_write_that_holds_the_person_is_done_before_the_key_is_replaced_and_moves_along(
    vault: Vault, first: VaultProcess, second: VaultProcess
) -> None:
    before = write(first)
    first.do(do="hold")
    first.send(do="write", value="13800000002", subject=SUBJECT)
    assert first.answer() == "held"
    with ThreadPoolExecutor(1) as pool:
        replaced = pool.submit(reencrypt, vault)
        first.send(do="go")
        after = str(first.answer())
        replaced.result(60)
    assert dek_versions(vault) == [2]
    assert second.do(do="see", tokens=[before, after]) == ["13800000001", "13800000002"]


def test_a_new_person_after_another_process_destroyed_the_kek_gets_a_key_under_the_one_that_lives(
    vault: Vault, first: VaultProcess, second: VaultProcess
) -> None:
    old = write(first)
    renew_kek(vault)
    new = str(first.do(do="write", value="13800000002", subject="cust-2002"))
    for process in (first, second):
        assert process.do(do="see", tokens=[old, new]) == ["13800000001", "13800000002"]
    states = vault.sql("SELECT version, state FROM kek ORDER BY version")
    assert states == [(1, "destroyed"), (2, "active")]


def test_nothing_written_while_keys_are_replaced_over_and_over_is_lost(
    vault: Vault, first: VaultProcess, second: VaultProcess
) -> None:
    write(first)
    for number, process in enumerate((first, second)):
        process.send(do="write_many", start=1_000 * (number + 1), count=60, subject=SUBJECT)
    for _ in range(4):
        reencrypt(vault)
        renew_kek(vault)
    tokens = {number: process.answer() for number, process in enumerate((first, second))}
    for number, written in tokens.items():
        values = [f"138{1_000 * (number + 1) + one:08d}" for one in range(60)]
        assert vault.another_process().seen(*written) == values
    assert records(vault) == 121
    assert dek_versions(vault) == [5]


def test_nothing_written_while_the_person_is_shredded_can_be_read_afterwards(
    vault: Vault, first: VaultProcess, second: VaultProcess
) -> None:
    write(first)
    first.send(do="write_many", start=1_000, count=200, subject=SUBJECT)
    while records(vault) < 10:
        time.sleep(0.001)
    assert second.do(do="shred", subject=SUBJECT) == "shredded"
    answers = first.answer()
    stored = [answer for answer in answers if answer.startswith("tok_")]
    refused = answers[len(stored) :]
    assert len(stored) >= 9
    # Frozen from the intent on, and erased once the key is destroyed.
    assert refused == ["denied"] * refused.count("denied") + ["subject_erased"] * refused.count("subject_erased")
    assert write(first) == "subject_erased"
    for process in (first, second):
        assert set(process.do(do="see", tokens=stored)) <= GONE
    assert (records(vault), dek_versions(vault)) == (0, [])
