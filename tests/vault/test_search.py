"""Finding tokens by a value's normal form, on both databases."""

from typing import Any

import pytest

from tests.support.vault import OTHER_TENANT, TENANT, Vault, submitted
from vault import search
from vault.access import Caller
from vault.budget import DAILY_PLAIN_VALUES
from vault.item import ItemError
from vault.keyring import SEARCH
from vault.rotation.minting import Minting
from vault.search import Matches, Probe
from vault.shredding import ShredReason

PHONE = "13812345678"


def find(vault: Vault, *probes: Probe, caller: Caller | None = None, limit: int = 20, purpose: str = "delivery") -> Any:
    asked = probes or (Probe("phone", PHONE),)
    return vault.searching.search(caller or vault.caller(), asked, purpose=purpose, ref="", limit=limit)


def found(vault: Vault, **options: Any) -> list[str]:
    (answer,) = find(vault, **options)
    assert isinstance(answer, Matches), answer
    return [match.subject for match in answer.matches]


def test_a_value_is_found_in_any_writing_with_its_token_and_person(vault: Vault) -> None:
    token = vault.token(submitted("138 1234 5678"))
    other = vault.token(submitted(subject="cust-2"))
    (answer,) = find(vault, Probe("phone", "+86 138-1234-5678"))
    assert {(match.token, match.subject) for match in answer.matches} == {(token, "cust-1001"), (other, "cust-2")}
    assert not answer.truncated


def test_tokens_under_a_key_that_another_process_has_minted_are_found(vault: Vault) -> None:
    vault.token(submitted(subject="cust-2"))
    found(vault)
    other = vault.another_process()
    other.keyring.renew_token_keys()
    token = other.token(submitted())
    (answer,) = find(vault)
    assert token in {match.token for match in answer.matches}


def test_a_value_in_the_index_of_two_epochs_is_one_match(vault: Vault) -> None:
    vault.token(submitted(subject="cust-2"))
    minting = Minting(vault.means, vault.roots)
    active = vault.database.read(TENANT, lambda tx: minting.active(tx, TENANT))
    minting.succeed(TENANT, [one for one in active if one.usage == SEARCH])
    vault.token()
    epochs = vault.sql("SELECT record, count(*) FROM search_index GROUP BY record ORDER BY record")
    assert epochs == [(1, 1), (2, 2)]
    assert found(vault) == ["cust-2", "cust-1001"]
    assert found(vault, limit=1) == ["cust-2"]


def test_answers_stand_in_the_order_of_the_probes(vault: Vault) -> None:
    vault.token()
    vault.token(submitted("13987654321", subject="cust-2"))
    answers = find(vault, Probe("phone", "13987654321"), Probe("phone", "13700000000"), Probe("phone", PHONE))
    assert [[match.subject for match in answer.matches] for answer in answers] == [["cust-2"], [], ["cust-1001"]]


def test_only_stable_values_of_this_tenant_are_found(vault: Vault) -> None:
    vault.token(submitted(mode="fresh"))
    vault.token(caller=vault.caller(tenant=OTHER_TENANT))
    assert found(vault) == []


def test_preserving_tokens_are_found_as_they_were_issued(vault: Vault) -> None:
    token = vault.token(submitted(format="preserving"))
    (answer,) = find(vault)
    assert [match.token for match in answer.matches] == [token]


def test_what_was_revoked_or_shredded_is_found_no_more(vault: Vault) -> None:
    vault.token(submitted(subject="cust-2"))
    vault.tokens.revoke(vault.caller(), vault.token())
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-2", ShredReason.TEST)
    assert found(vault) == []
    assert vault.sql("SELECT * FROM search_index") == []


def test_frozen_and_restricted_people_are_not_shown_and_the_refusal_is_logged(vault: Vault) -> None:
    vault.token()
    vault.token(submitted(subject="cust-2"))
    vault.shredding.freeze(vault.caller("risk"), "cust-1001")
    vault.restrict(2)
    caller = vault.caller()
    assert found(vault, caller=caller) == []
    reasons = {(e["outcome"], e["reason"], e["count"]) for e in vault.entries(request=caller.request)}
    assert reasons == {("denied", "frozen", 1), ("denied", "restricted", 1)}


def test_matches_beyond_the_limit_are_cut_and_said_to_be(vault: Vault) -> None:
    for number in range(5):
        vault.token(submitted(subject=f"cust-{number}"))
    (answer,) = find(vault, limit=3)
    assert (len(answer.matches), answer.truncated) == (3, True)
    (answer,) = find(vault, limit=5)
    assert (len(answer.matches), answer.truncated) == (5, False)


def test_matches_of_one_call_are_bounded_and_every_probe_that_was_cut_says_so(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MATCHES_AT_MOST", 5)
    for number in range(4):
        vault.tokenize(*[submitted(value, subject=f"cust-{number}") for value in (PHONE, "13987654321", "13711112222")])
    answers = find(vault, *[Probe("phone", value) for value in (PHONE, "13987654321", "13711112222")])
    assert [(len(answer.matches), answer.truncated) for answer in answers] == [(4, False), (1, True), (0, True)]


@pytest.mark.parametrize(
    ("probe", "code"),
    [
        (Probe("shoe_size", "42"), "unknown_kind"),
        (Probe("note", "放门口"), "not_searchable"),
        (Probe("phone", "1"), "not_a_phone"),
        (Probe("email", "a@example.com"), "not_necessary"),
    ],
    ids=["unknown_kind", "not_searchable", "not_a_phone", "not_necessary"],
)
def test_a_probe_that_cannot_be_asked_fails_in_its_place(vault: Vault, probe: Probe, code: str) -> None:
    vault.token()
    first, second = find(vault, probe, Probe("phone", PHONE))
    assert isinstance(first, ItemError)
    assert first.code == code
    assert isinstance(second, Matches)
    assert len(second.matches) == 1


def test_an_unknown_purpose_finds_nothing(vault: Vault) -> None:
    (answer,) = find(vault, purpose="curiosity")
    assert answer.code == "unknown_purpose"


@pytest.mark.parametrize("role", ["merchant", "auditor", "admin", "courier"])
def test_a_role_that_may_not_search_is_refused_and_recorded(vault: Vault, role: str) -> None:
    caller = vault.caller(role)
    (answer,) = find(vault, caller=caller)
    assert (answer.code, answer.reason) == ("denied", "policy")
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "policy")]


def test_each_probe_costs_one_unit_whether_it_finds_or_not(vault: Vault) -> None:
    support = vault.caller("support")
    left = DAILY_PLAIN_VALUES["support"]
    for _ in range(2):
        find(vault, *[Probe("phone", "13700000000")] * (left // 2), caller=support, purpose="support")
    caller = vault.caller("support")
    (answer,) = find(vault, caller=caller, purpose="support")
    assert (answer.code, answer.reason) == ("denied", "budget")
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "budget")]
    vault.clock.advance(days=1)
    assert isinstance(find(vault, caller=vault.caller("support"), purpose="support")[0], Matches)


def test_a_search_is_logged_with_people_and_records_and_without_the_value(vault: Vault) -> None:
    vault.token()
    caller = vault.caller()
    find(vault, caller=caller)
    (entry,) = vault.entries(request=caller.request)
    assert (entry["action"], entry["outcome"], entry["rows"], entry["kind"]) == ("vault.search", "done", [1], "phone")
    assert PHONE not in repr(entry)


def test_a_damaged_person_is_left_out_of_the_matches(vault: Vault) -> None:
    vault.token()
    vault.token(submitted(subject="cust-2"))
    vault.damage("UPDATE dek SET wrapped = :octets WHERE subject = 1", octets=bytes(61))
    assert found(vault.another_process()) == ["cust-2"]
