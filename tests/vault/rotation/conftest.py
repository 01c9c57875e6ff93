"""People and their values, before any rotation."""

import pytest

from tests.support.rotations import People, Rotations
from tests.support.vault import Vault, submitted

PEOPLE = 7
WRITINGS = tuple(f"1380000{number:04}" for number in range(PEOPLE))


@pytest.fixture
def rotations(vault: Vault) -> Rotations:
    return Rotations(vault)


@pytest.fixture
def people(vault: Vault) -> People:
    """Seven people with a phone, a fresh name and, some of them, a format-preserving token."""
    tokens = {}
    for number, value in enumerate(WRITINGS):
        subject = f"cust-{number}"
        format_ = "preserving" if number % 3 == 0 else "opaque"
        tokens[value] = vault.token(submitted(value, subject=subject, format=format_))
        tokens[f"王小明{number}"] = vault.token(submitted(f"王小明{number}", "name", subject=subject, mode="fresh"))
    return People(tokens)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few at once that seven people take several steps."""
    for name, size in {
        "kek_rotation.DEKS_AT_ONCE": 2,
        "kek_rotation.BATCHES_A_STEP": 1,
        "reencryption.PEOPLE_AT_ONCE": 2,
        "reencryption.BATCHES_A_STEP": 1,
        "reencryption.RECORDS_AT_ONCE": 3,
        "reindexing.RECORDS_AT_ONCE": 3,
        "reindexing.BATCHES_A_STEP": 1,
        "reindexing.ROWS_AT_ONCE": 2,
    }.items():
        monkeypatch.setattr(f"vault.rotation.{name}", size)
