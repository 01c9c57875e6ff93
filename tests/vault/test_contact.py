"""Addresses of people for a message that leaves now: the profile's first, recorded, and none after erasure."""

from audit.reader import AuditReader, Selection
from tests.support.vault import TENANT, Vault, submitted
from vault.contact import Address, Contacts
from vault.people import People
from vault.shredding import ShredReason


def contacts(vault: Vault) -> Contacts:
    return Contacts(vault.means, lambda _tenant: "CN")


def number_of(vault: Vault, subject: str) -> int:
    keys = vault.keyring.of(TENANT)
    row = vault.database.read(TENANT, lambda tx: vault.means.subjects.find(tx, keys, TENANT, subject))
    assert row is not None
    return row.number


def test_the_address_of_the_profile_goes_before_one_of_an_order(vault: Vault) -> None:
    fields: dict[str, str | None] = {"phone": "138 1234 5678"}
    vault.profiles.put(vault.caller(), "cust-1001", fields, type_=None, purpose="account")
    vault.tokenize(
        submitted("13900000001", subject="cust-1001"), submitted("z@example.com", "email", purpose="account")
    )
    number = number_of(vault, "cust-1001")
    assert contacts(vault).address(TENANT, number, ["phone", "email"]) == Address("phone", "+8613812345678")
    assert contacts(vault).address(TENANT, number, ["email", "phone"]) == Address("email", "z@example.com")
    assert contacts(vault).address(TENANT, number, ["landline"]) is None
    page = AuditReader(vault.database).page(Selection(tenant=TENANT), after=None, limit=100)
    opened = [one.fields["kind"] for one in page.entries if one.fields["action"] == "vault.contact_open"]
    assert sorted(opened) == ["email", "phone"]


def test_the_address_stored_last_stands_in_where_there_is_no_profile(vault: Vault) -> None:
    vault.tokenize(submitted("13900000001", subject="cust-1001"))
    vault.tokenize(submitted("13900000002", subject="cust-1001"))
    number = number_of(vault, "cust-1001")
    assert contacts(vault).address(TENANT, number, ["phone"]) == Address("phone", "+8613900000002")


def test_nobody_who_was_erased_or_is_of_another_tenant_has_an_address_or_a_name(vault: Vault) -> None:
    vault.tokenize(submitted(subject="cust-1001"))
    number, people = number_of(vault, "cust-1001"), People(vault.means)
    assert people.people(TENANT, [number, 10**9])[number].platform_id == "cust-1001"
    assert people.people(TENANT + 1, [number]) == {}
    assert contacts(vault).address(TENANT + 1, number, ["phone"]) is None
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.ERASURE_REQUEST)
    assert people.people(TENANT, [number]) == {}
    assert contacts(vault).address(TENANT, number, ["phone"]) is None
