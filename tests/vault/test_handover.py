"""Which courier has which order, on both databases."""

import pytest

from tests.support.vault import OTHER_TENANT, Vault
from vault.errors import DeniedError, SubjectErasedError
from vault.handover.stage import Stage
from vault.shredding import ShredReason

ASSIGNMENTS = "SELECT ref, courier, stage FROM assignment ORDER BY tenant, ref"


def test_the_last_assignment_of_an_order_stands(vault: Vault) -> None:
    vault.assign("o-1", "rider-1", Stage.ASSIGNED)
    vault.assign("o-2", "rider-1", Stage.ASSIGNED)
    vault.assign("o-1", "rider-2", Stage.PICKED_UP)
    assert vault.sql(ASSIGNMENTS) == [("order:o-1", 2, "picked_up"), ("order:o-2", 1, "assigned")]


def test_tenants_have_orders_of_the_same_number(vault: Vault) -> None:
    vault.assign("o-1", "rider-1", Stage.ASSIGNED)
    vault.assign("o-1", "rider-1", Stage.DELIVERED, caller=vault.caller(tenant=OTHER_TENANT))
    assert vault.sql(ASSIGNMENTS) == [("order:o-1", 1, "assigned"), ("order:o-1", 2, "delivered")]


def test_an_assignment_is_recorded_by_pseudonyms(vault: Vault) -> None:
    caller = vault.caller()
    vault.assign("o-1", "rider-1", Stage.ASSIGNED, caller=caller)
    (entry,) = vault.entries(request=caller.request)
    assert (entry["action"], entry["outcome"], entry["count"]) == ("vault.assignment_write", "done", 1)
    assert len(entry["subjects"][0]) == len(entry["ref"]) == 22
    assert "o-1" not in repr(entry)
    assert "rider-1" not in repr(entry)


@pytest.mark.parametrize("role", ["support", "courier", "merchant", "admin"])
def test_a_role_that_may_not_assign_is_refused_and_recorded(vault: Vault, role: str) -> None:
    caller = vault.caller(role)
    with pytest.raises(DeniedError):
        vault.assign("o-1", "rider-1", Stage.ASSIGNED, caller=caller)
    assert vault.sql(ASSIGNMENTS) == []
    assert vault.sql("SELECT count(*) FROM subject") == [(0,)]
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "policy")]


def test_frozen_and_erased_couriers_get_no_order_and_the_refusal_is_recorded(vault: Vault) -> None:
    officer = vault.caller("privacy_officer")
    for courier in ("rider-1", "rider-2"):
        vault.assign("o-0", courier, Stage.DELIVERED)
    vault.shredding.freeze(officer, "rider-1")
    vault.shredding.shred(officer, "rider-2", ShredReason.TEST)
    for courier, error, reason in (
        ("rider-1", DeniedError, "frozen"),
        ("rider-2", SubjectErasedError, "subject_erased"),
    ):
        caller = vault.caller()
        with pytest.raises(error):
            vault.assign("o-1", courier, Stage.ASSIGNED, caller=caller)
        assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", reason)]
    assert vault.sql(ASSIGNMENTS) == [("order:o-0", None, "delivered")]
