"""Every rotation, step by step, on both databases: what is cut off is taken up by another process, steps done again change
nothing more, and whoever reads, searches and writes meanwhile, with keys of before in memory or none at all, never notices."""

import pytest

from tests.support.rotations import ALL, People, Rotations
from tests.support.vault import TENANT, Vault, submitted
from vault.rotation.asking import Rotated
from vault.shredding import ShredReason
from work.job import Job

DESTROYING: list[tuple[Rotated, dict[str, bool]]] = [
    (key, {"destroy": True} if key in {Rotated.KEK, Rotated.TOKEN} else {}) for key in ALL
]


def names(keys: list[tuple[Rotated, dict[str, bool]]]) -> list[str]:
    return [key.value for key, _ in keys]


@pytest.mark.parametrize(("key", "params"), DESTROYING, ids=names(DESTROYING))
def test_values_are_read_found_and_written_after_every_step(
    vault: Vault, rotations: Rotations, people: People, key: Rotated, params: dict[str, bool]
) -> None:
    stale = vault.another_process()
    assert people.unread(stale) == {}
    for number, _ in enumerate(rotations.steps(rotations.job(key, **params))):
        for process in (stale, vault, vault.another_process()):
            assert people.unread(process) == {}
            assert people.unfound(process) == []
        written = f"137{number:08}"
        writer = (stale, vault.another_process())[number % 2]
        person = f"cust-{number}" if number % 2 else f"new-{number}"
        people.tokens[written] = writer.token(submitted(written, subject=person))
    for process in (stale, vault, vault.another_process()):
        assert people.unread(process) == {}
        assert people.unfound(process) == []


@pytest.mark.parametrize(("key", "params"), DESTROYING, ids=names(DESTROYING))
def test_steps_that_are_done_twice_and_by_other_processes_come_to_the_same(
    rotations: Rotations, people: People, key: Rotated, params: dict[str, bool]
) -> None:
    job: Job | None = rotations.job(key, **params)
    assert job is not None
    number = 0
    while job is not None:
        rotations.another_process().step(job, number)  # whose end nobody has noted
        if number:
            rotations.another_process().step(job, 0)  # taken up from the very beginning
        job, number = rotations.another_process().step(job, number), number + 1
    fresh = rotations.vault.another_process()
    assert (people.unread(fresh), people.unfound(fresh)) == ({}, [])
    for usage in ("kek", "token", "search", "format"):
        active = [scope for scope, _, state in rotations.states(usage) if state == "active"]
        assert len(active) == len(set(active))
    once = {Rotated.KEK: 2, Rotated.TOKEN: 2, Rotated.INDEX: 2}.get(key, 1)
    assert [version for _, version, state in rotations.states("kek") if state == "active"] == [
        once if key is Rotated.KEK else 1
    ]


@pytest.mark.parametrize("key", ALL)
def test_a_rotation_that_is_given_up_leaves_everything_readable_and_the_next_one_finishes_it(
    rotations: Rotations, people: People, key: Rotated
) -> None:
    steps = rotations.steps(rotations.job(key))
    for _ in range(2):
        next(steps, None)
    fresh = rotations.another_process()
    assert (people.unread(fresh.vault), people.unfound(fresh.vault)) == ({}, [])
    fresh.rotate(key)
    assert (people.unread(fresh.vault), people.unfound(fresh.vault)) == ({}, [])
    if key is Rotated.INDEX:
        states = {
            scope: [state for name, _, state in fresh.states("search") if name == scope] for scope in ("phone", "email")
        }
        assert states == {"phone": ["destroyed", "destroyed", "active"], "email": ["destroyed", "destroyed", "active"]}
        assert fresh.vault.sql("SELECT DISTINCT epoch FROM search_index") == [(3,)]


def test_a_person_who_is_erased_in_the_middle_stays_erased(rotations: Rotations, people: People) -> None:
    vault, erased = rotations.vault, 0
    for key in ALL:
        subject = f"cust-{ALL.index(key)}"
        gone = [
            value
            for value in people.tokens
            if value.endswith(f"000{ALL.index(key)}") or value == f"王小明{ALL.index(key)}"
        ]
        for number, _ in enumerate(rotations.steps(rotations.job(key))):
            if number == 0:
                officer = vault.caller("privacy_officer")
                vault.another_process().shredding.shred(officer, subject, ShredReason.TEST)
                erased += 1
                for value in gone:
                    people.tokens.pop(value)
        assert people.unread(vault.another_process()) == {}
    assert erased >= 4
    assert vault.sql("SELECT count(*) FROM dek WHERE tenant = :t", t=TENANT) == [(7 - erased,)]
