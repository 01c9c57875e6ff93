"""Whom the log's pseudonyms stand for, and the keys that sign the log and its exports, on both databases."""

import pytest

from audit.entry import Actor, ActorKind
from audit.log import AuditLog
from tests.support.vault import OTHER_TENANT, TENANT, Vault, submitted
from vault.log_key import EXPORT_SIGNING, LogKeyring
from vault.log_subject import LogSubjects
from vault.shredding import ShredReason


def keyring(vault: Vault, usage: str) -> LogKeyring:
    return LogKeyring(vault.database, vault.roots, AuditLog(), vault.clock, usage=usage)


def test_a_person_has_the_pseudonym_that_stands_in_the_entries(vault: Vault) -> None:
    vault.token(submitted())
    [entry] = vault.entries(action="vault.tokenize")
    assert list(LogSubjects(vault.means).pseudonyms(TENANT, "cust-1001")) == entry["subjects"]


def test_a_person_unknown_to_the_tenant_or_erased_has_none(vault: Vault) -> None:
    subjects = LogSubjects(vault.means)
    vault.token(submitted())
    assert list(subjects.pseudonyms(TENANT, "cust-2")) == []
    assert list(subjects.pseudonyms(OTHER_TENANT, "cust-1001")) == []
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason("erasure_request"))
    assert list(subjects.pseudonyms(TENANT, "cust-1001")) == []


@pytest.mark.parametrize("usage", ["log_signing", EXPORT_SIGNING])
def test_a_signing_key_is_made_once_and_announced_with_what_it_signs(vault: Vault, usage: str) -> None:
    [public] = keyring(vault, usage).publics()
    assert keyring(vault, usage).signers()[0].public == public
    [announced] = vault.entries(tenant=0, action="audit.key_create")
    assert (announced["key"], announced["kind"]) == (public.hex(), usage)


def test_exports_are_signed_by_another_key_than_the_log_and_rotate_apart(vault: Vault) -> None:
    exports, log = keyring(vault, EXPORT_SIGNING), keyring(vault, "log_signing")
    before = log.publics()
    first = exports.signers()[0].public
    second = exports.rotate(Actor(ActorKind.OPERATOR))
    assert [key.public for key in exports.signers()] == [second, first]
    assert log.publics() == before
    assert {first, second}.isdisjoint(before)
