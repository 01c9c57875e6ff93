"""People as the vault knows them: made once, opened by their own key, cached without outliving it, on both databases."""

from typing import Any

import pytest

from tests.support.vault import OTHER_TENANT, Vault, submitted
from vault import subject as subject_module
from vault.errors import IntegrityError, KeysChangedError
from vault.shredding import ShredReason
from vault.subject import KEPT_MS, SubjectDirectory, SubjectRow


def found(vault: Vault, platform_id: str = "cust-1001", tenant: int = 1) -> SubjectRow | None:
    directory = vault.means.subjects
    return vault.means.write(tenant, lambda tx, keys: directory.find(tx, keys, tenant, platform_id))


def opened(vault: Vault, row: SubjectRow, directory: SubjectDirectory | None = None, at: int | None = None) -> Any:
    keys = vault.keyring.of(1)
    return (directory or SubjectDirectory()).opened(keys, 1, row, vault.means.at() if at is None else at)


@pytest.fixture
def row(vault: Vault) -> SubjectRow:
    vault.token()
    known = found(vault)
    assert known is not None
    return known


def test_a_person_is_found_by_the_platforms_id_in_their_tenant_only(vault: Vault, row: SubjectRow) -> None:
    assert found(vault, "cust-1002") is None
    assert found(vault, tenant=OTHER_TENANT) is None
    assert opened(vault, row).platform_id == "cust-1001"


def test_the_platforms_id_stands_nowhere_in_the_database(vault: Vault) -> None:
    vault.token(submitted(subject="customer-canary"))
    vault.profiles.put(vault.caller(), "customer-canary", {"phone": "13812345678"}, type_="customer", purpose="account")
    for name, rows in vault.dump().items():
        assert "customer-canary" not in repr(rows), name
        assert b"customer-canary" not in b"".join(bytes(v) for r in rows for v in r if isinstance(v, bytes)), name


def test_people_have_different_pseudonyms_in_every_tenant(vault: Vault) -> None:
    vault.tokenize(submitted(), submitted(subject="cust-2"))
    vault.tokenize(submitted(), caller=vault.caller(tenant=OTHER_TENANT))
    ours = vault.entries(action="vault.tokenize")[0]["subjects"]
    theirs = vault.entries(OTHER_TENANT, action="vault.tokenize")[0]["subjects"]
    assert len({*ours, *theirs}) == 3


def test_a_pseudonym_stays_the_same_as_long_as_the_person(vault: Vault, row: SubjectRow) -> None:
    first = opened(vault, row).ref
    vault.clock.advance(days=400)
    assert opened(vault.another_process(), row).ref == first


@pytest.mark.parametrize("column", ["sealed_identity", "wrapped"])
def test_a_row_that_was_damaged_does_not_open(vault: Vault, row: SubjectRow, column: str) -> None:
    octets = bytes(getattr(row, column))
    changed: dict[str, Any] = {column: octets[:-1] + bytes([octets[-1] ^ 1])}
    with pytest.raises(IntegrityError):
        opened(vault, row._replace(**changed))


def test_a_row_that_was_moved_does_not_open(vault: Vault, row: SubjectRow) -> None:
    for moved in (row._replace(number=2), row._replace(dek_version=2)):
        with pytest.raises(IntegrityError):
            opened(vault, moved)


def test_a_key_wrapped_by_an_unknown_kek_asks_for_fresh_keys(vault: Vault, row: SubjectRow) -> None:
    with pytest.raises(KeysChangedError):
        opened(vault, row._replace(kek=row.kek + 1))


def test_the_cache_answers_for_exactly_the_versions_of_the_row(vault: Vault, row: SubjectRow) -> None:
    directory = SubjectDirectory()
    first = opened(vault, row, directory)
    assert opened(vault, row, directory) is first
    with pytest.raises(IntegrityError):
        opened(vault, row._replace(dek_version=2), directory)
    with pytest.raises(KeysChangedError):
        opened(vault, row._replace(kek=row.kek + 1), directory)


def test_an_opened_key_is_kept_for_two_generations_at_most(vault: Vault, row: SubjectRow) -> None:
    directory, at = SubjectDirectory(), vault.means.at()
    first = opened(vault, row, directory, at)
    assert opened(vault, row, directory, at + KEPT_MS) is first
    assert opened(vault, row, directory, at + 2 * KEPT_MS + 2) is first
    assert opened(vault, row, directory, at + 4 * KEPT_MS + 4) is not first


def test_the_number_of_opened_keys_is_bounded(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject_module, "KEPT_OPEN", 20)
    vault.tokenize(*[submitted(subject=f"cust-{number}") for number in range(100)])
    process = vault.another_process()
    tokens = [one.token for one in process.tokenize(*[submitted(subject=f"cust-{n}") for n in range(100)])]  # type: ignore[union-attr]  # all issued
    assert process.seen(*tokens) == ["13812345678"] * 100
    directory = process.means.subjects
    assert len(directory._young) + len(directory._old) <= 20


def test_a_forgotten_key_is_opened_anew(vault: Vault, row: SubjectRow) -> None:
    directory = SubjectDirectory()
    first = opened(vault, row, directory)
    directory.forget(1, row.number)
    assert opened(vault, row, directory) is not first


def test_a_person_who_comes_back_under_another_id_is_another_person(vault: Vault, row: SubjectRow) -> None:
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.TEST)
    vault.token(submitted(subject="cust-1001-b"))
    before, after = (entry["subjects"][0] for entry in vault.entries(action="vault.tokenize"))
    assert before != after


def test_nothing_of_an_opened_person_is_shown_by_printing(vault: Vault, row: SubjectRow) -> None:
    assert "cust-1001" not in repr(opened(vault, row))
