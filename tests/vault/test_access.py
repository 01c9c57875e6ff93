"""The order of the access decision: who is told what, on both databases."""

from typing import Any

import pytest

from tests.support.vault import Vault, submitted
from vault.policy import View
from vault.shredding import ShredReason

ORDER = ["policy", "frozen", "no_consent", "restricted", "budget", "13812345678"]


def test_the_first_authority_that_refuses_is_the_one_that_is_named(vault: Vault) -> None:
    token = vault.token(submitted(purpose="support"))
    support: dict[str, Any] = {"purpose": "support", "ref": "ticket:t-1"}
    vault.gates.without_consent.add("support")
    vault.restrict(1)
    vault.shredding.freeze(vault.caller("risk"), "cust-1001")
    assert vault.budget.spend(1, vault.caller("support").credential, "support", 2_000, vault.means.at())

    def seen(ref: str = "ticket:t-1") -> str:
        return vault.seen(token, purpose="support", ref=ref, caller=vault.caller("support"))[0]

    told = [seen("order:o-1"), seen()]
    vault.shredding.unfreeze(vault.caller("risk"), "cust-1001")
    told.append(seen())
    vault.gates.without_consent.clear()
    told.append(seen())
    vault.gates.restricted_subjects.clear()
    told.append(seen())
    vault.clock.advance(days=1)
    told.append(seen())
    assert told == ORDER
    assert [vault.seen(token, caller=vault.caller("auditor"), **support), vault.seen(token)] == [
        ["policy"],
        ["13812345678"],
    ]


@pytest.mark.parametrize("role", ["auditor", "operator", "admin"])
def test_those_who_run_moat_see_nobody_in_any_view(vault: Vault, role: str) -> None:
    token = vault.token()
    for view in View:
        for purpose in ("delivery", "account", "support"):
            assert vault.seen(token, purpose=purpose, view=view, caller=vault.caller(role)) == ["policy"]


def test_support_sees_plain_on_a_ticket_and_masked_without(vault: Vault) -> None:
    token = vault.token(submitted(purpose="support"))

    def seen(view: View, ref: str) -> list[str]:
        return vault.seen(token, purpose="support", ref=ref, view=view, caller=vault.caller("support"))

    assert seen(View.MASKED, "") == ["138****5678"]
    assert seen(View.PLAIN, "") == ["policy"]
    assert seen(View.PLAIN, "order:o-1") == ["policy"]
    assert seen(View.PLAIN, "ticket:t-1") == ["13812345678"]


def test_an_unknown_purpose_or_role_is_denied_by_policy(vault: Vault) -> None:
    token = vault.token()
    assert vault.seen(token, purpose="curiosity") == ["policy"]


def test_an_erased_person_is_not_told_from_an_unknown_token(vault: Vault) -> None:
    token = vault.token()
    vault.gates.without_consent.add("delivery")
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.TEST)
    assert vault.seen(token) == ["not_found"]
