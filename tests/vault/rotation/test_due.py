"""Rotations that are due by themselves, and keys that have sealed as much as they may. On both databases."""

import pytest

from tests.support.rotations import People, Rotations
from tests.support.vault import OTHER_TENANT, TENANT, Vault, submitted
from vault.errors import KeyWornError
from vault.item import ItemError
from vault.rotation.asking import Rotated
from vault.rotation.due import DAY_MS, Ages
from vault.rotation.timetable import RotationTimetable
from vault.seal_count import SEALS_AT_MOST, SEALS_DUE, WEIGHT, counted
from work.timetable import DueJob

MONTH = Ages({"root": 30, "kek": 30, "dek": 0, "search": 0, "token": 0})


def due(vault: Vault, ages: Ages = MONTH) -> list[DueJob]:
    at = vault.means.at()
    return list(vault.database.read(None, lambda tx: RotationTimetable(ages).due(tx, at)))


def named(jobs: list[DueJob]) -> set[tuple[int, str, str]]:
    return {(job.tenant, job.kind, job.occurrence) for job in jobs}


def test_root_and_kek_are_due_after_thirty_days_and_not_again_once_they_were_rotated(
    vault: Vault, rotations: Rotations
) -> None:
    vault.token()
    assert due(vault) == []
    vault.clock.advance(days=29, hours=23)
    assert due(vault) == []
    vault.token(caller=vault.caller(tenant=OTHER_TENANT))
    vault.clock.advance(hours=1)
    root = vault.sql("SELECT max(id) FROM keyring_root")[0][0]
    assert named(due(vault)) == {(TENANT, "rotate_kek", "kek_1"), (TENANT, "rotate_root", f"root_{root}")}
    rotations.rotate(Rotated.KEK)
    rotations.rotate(Rotated.ROOT)
    assert due(vault) == []
    vault.clock.advance(days=30)
    assert named(due(vault)) >= {(TENANT, "rotate_kek", "kek_2"), (OTHER_TENANT, "rotate_kek", "kek_1")}


def test_what_is_due_asks_for_the_same_as_a_person_would(vault: Vault, rotations: Rotations) -> None:
    vault.token()
    vault.token(submitted(format="preserving"))
    ages = Ages({"search": 90, "token": 90, "dek": 90, "kek": 90})
    vault.clock.advance(days=91)
    asked = {job.kind: job.params for job in due(vault, ages)}
    for key in (Rotated.KEK, Rotated.INDEX, Rotated.TOKEN):
        assert sorted(asked[key.job_kind]["after"]) == sorted(rotations.job(key).params["after"])
    assert (
        vault.sql("SELECT created_at FROM dek")[0][0] < asked["rotate_dek"]["before"] <= vault.means.at() - 90 * DAY_MS
    )


def test_nothing_is_due_where_rotation_is_switched_off(vault: Vault) -> None:
    vault.token()
    vault.clock.advance(days=10_000)
    assert due(vault, Ages({})) == []


def test_a_key_that_has_sealed_half_of_what_it_may_is_due(vault: Vault, rotations: Rotations) -> None:
    vault.token()
    number = rotations.number_of("cust-1001")
    vault.damage("UPDATE kek SET seals = :due", due=SEALS_DUE)
    vault.damage("UPDATE dek SET seals = :due", due=SEALS_DUE)
    assert named(due(vault)) == {(TENANT, "rotate_kek", "kek_1"), (TENANT, "rotate_dek", f"dek_{number}_1")}
    vault.clock.advance(seconds=1)
    [job] = [job for job in due(vault) if job.kind == "rotate_dek"]
    rotations.rotate(Rotated.DEK, **job.params)
    rotations.rotate(Rotated.KEK)
    assert due(vault) == []
    assert vault.sql("SELECT version, seals FROM dek") == [(2, 2)]


def test_a_kek_that_has_sealed_all_it_may_wraps_nobody_new_until_it_is_rotated(
    vault: Vault, rotations: Rotations, people: People
) -> None:
    vault.damage("UPDATE kek SET seals = :most", most=SEALS_AT_MOST)
    with pytest.raises(KeyWornError):
        vault.token(submitted(subject="cust-new"))
    people.tokens["13711112222"] = vault.token(submitted("13711112222", subject="cust-1"))
    assert people.unread(vault) == {}
    rotations.rotate(Rotated.KEK)
    people.tokens["13733334444"] = vault.token(submitted("13733334444", subject="cust-new"))
    assert people.unread(vault) == {}


def test_a_dek_that_has_sealed_all_it_may_takes_nothing_more_until_it_is_rotated(
    vault: Vault, rotations: Rotations, people: People
) -> None:
    number = rotations.number_of("cust-1")
    vault.damage("UPDATE dek SET seals = :most WHERE subject = :number", most=SEALS_AT_MOST, number=number)
    refused, issued = vault.tokenize(
        submitted("13711112222", subject="cust-1"), submitted("13711112222", subject="cust-2")
    )
    assert isinstance(refused, ItemError)
    assert (refused.code, bool(refused.detail), isinstance(issued, ItemError)) == ("key_worn", True, False)
    assert people.unread(vault) == {}
    rotations.rotate(Rotated.DEK, subject=number)
    people.tokens["13711112222"] = vault.token(submitted("13711112222", subject="cust-1"))
    assert people.unread(vault.another_process()) == {}


def test_seals_are_counted_where_the_lot_falls_upon_them(
    vault: Vault, rotations: Rotations, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("vault.recording", "vault.subject"):
        monkeypatch.setattr(f"{module}.counted", lambda count: iter(range(count)))
    vault.tokenize(submitted(), submitted("13711112222"), submitted("王小明", "name", subject="cust-2"))
    assert sorted(vault.sql("SELECT seals FROM dek")) == [(WEIGHT,), (2 * WEIGHT,)]
    assert vault.sql("SELECT seals FROM kek") == [(2 * WEIGHT,)]
    rotations.rotate(Rotated.KEK)
    assert vault.sql("SELECT seals FROM kek ORDER BY version") == [(2 * WEIGHT,), (2,)]


def test_of_many_seals_one_in_sixty_five_thousand_is_counted() -> None:
    """2^26 seals: 1,024 are expected, with a standard deviation of 32; ten of them are a chance of 10^-23."""
    once = sum(1 for _ in counted(1 << 26))
    bit_by_bit = sum(1 for _ in range(1 << 10) for _ in counted(1 << 16))
    assert all(abs(found - 1_024) < 320 for found in (once, bit_by_bit))
    assert all(0 <= at < 100_000 for at in counted(100_000))
