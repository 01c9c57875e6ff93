"""What a table says, which texts are tables, and what becomes of one that is applied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.vault import OTHER_TENANT, Vault, submitted
from vault.errors import DeniedError
from vault.handover.errors import TableRefusedError
from vault.handover.stage import Stage
from vault.handover.table import NEVER_FULL, Sight
from vault.handover.table_text import TableTextError, read_table, shipped_table, shipped_text
from vault.identifier import KINDS
from vault.policy import View

MINUTE = 60_000


def seen(stage: str, kind: str, *, role: str = "courier", after: int = 0) -> str:
    return shipped_table().allows(stage, 1_000, role, kind, 1_000 + after).name.lower()


def test_the_shipped_table_shows_a_building_then_the_door_then_nothing() -> None:
    assert (seen("assigned", "address"), seen("assigned", "name"), seen("assigned", "note")) == (
        "building",
        "masked",
        "masked",
    )
    assert (seen("picked_up", "address"), seen("picked_up", "name"), seen("picked_up", "note")) == (
        "full",
        "masked",
        "full",
    )
    for stage, minutes in (("delivered", 10), ("cancelled", 5)):
        assert seen(stage, "name", after=minutes * MINUTE - 1) == "masked"
        assert seen(stage, "name", after=minutes * MINUTE) == "none"
        assert seen(stage, "phone") == "none"
    assert seen("delivered", "address") == "building"


def test_a_merchant_sees_the_note_until_the_order_is_picked_up() -> None:
    shown = [seen(stage, "note", role="merchant") for stage in ("unassigned", "assigned", "picked_up", "delivered")]
    assert shown == ["full", "full", "none", "none"]


def test_nothing_is_seen_before_a_stage_began_for_then_some_clock_is_wrong() -> None:
    assert seen("delivered", "name", after=-1) == "none"


def test_no_role_kind_or_stage_that_is_not_named_is_seen() -> None:
    assert seen("assigned", "name", role="customer") == "none"
    assert seen("assigned", "bank_card") == "none"
    assert seen("lost", "name") == "none"


def test_at_building_level_only_an_address_shows_more_than_its_mask() -> None:
    table = read_table("stages: {assigned: {courier: {name: masked, address: masked}}}", version=1)
    assert table.shows("assigned", 0, "courier", "name", View.BUILDING, 0)
    assert not table.shows("assigned", 0, "courier", "address", View.BUILDING, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has stages"),
        ("stages: [", "no YAML"),
        ("stages: {assigned: {courier: {name: masked}}, assigned: {}}", "name twice"),
        ("stages: {assigned: {}}\nmore: 1", "nothing else"),
        ("stages: {eaten: {courier: {name: masked}}}", "there are not"),
        ("stages: {assigned: {support: {name: masked}}}", "stages.assigned: the roles are"),
        ("stages: {assigned: {courier: {blood: masked}}}", "no such kind as that of number 1"),
        ("stages: {assigned: {courier: {name: 138 1234 5678}}}", "stages.assigned.courier.name: a view is one of"),
        ("stages: {assigned: {courier: {name: building}}}", "only addresses"),
        ("stages: {picked_up: {courier: {phone: full}}}", "stages.picked_up.courier.phone: is never shown in full"),
        ("stages: {delivered: {courier: {name: masked}}}", "stages.delivered.minutes: is needed"),
        ("stages: {delivered: {minutes: true, courier: {}}}", "stages.delivered.minutes: is a whole number"),
        ("stages: {delivered: {minutes: -1, courier: {}}}", "stages.delivered.minutes: is a whole number"),
        ("stages: {unassigned: {courier: {name: masked}}}", "no courier has such an order"),
        ("stages: {unassigned: {minutes: 5, merchant: {}}}", "nobody has said"),
        ("stages: {assigned: courier}", "has roles"),
        ("x" * 70_000, "longer"),
    ],
)
def test_a_text_that_is_no_table_is_refused_at_its_place_without_what_stands_there(text: str, why: str) -> None:
    with pytest.raises(TableTextError) as refused:
        read_table(text, version=1)
    assert why in str(refused.value)
    assert "138" not in str(refused.value)


@given(kind=st.sampled_from(sorted(NEVER_FULL)), stage=st.sampled_from(["assigned", "picked_up"]))
def test_no_table_shows_a_contact_or_a_document_in_full(kind: str, stage: str) -> None:
    with pytest.raises(TableTextError):
        read_table(f"stages: {{{stage}: {{courier: {{{kind}: full}}}}}}", version=1)


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    try:
        table = read_table(text, version=1)
    except TableTextError:
        return
    assert all(
        sight <= Sight.BUILDING or kind not in NEVER_FULL
        for scene in table.scenes.values()
        for kinds in scene.seen.values()
        for kind, sight in kinds.items()
    )


def test_the_shipped_table_names_known_kinds_only() -> None:
    named = {kind for scene in shipped_table().scenes.values() for kinds in scene.seen.values() for kind in kinds}
    assert named <= set(KINDS)


def test_a_table_holds_from_its_commit_on_in_every_process_and_for_its_tenant_alone(vault: Vault) -> None:
    other, token = vault.another_process(), vault.token(submitted("王小明", "name"))
    vault.assign("o-1", "rider-1")
    assert other.seen(token, view=View.MASKED, caller=vault.caller(courier="rider-1")) == ["王**"]
    applied = vault.declaring.apply(vault.caller("privacy_officer"), "stages: {}")
    assert other.seen(token, view=View.MASKED, caller=vault.caller(courier="rider-1")) == ["stage"]
    assert (applied.version, other.declaring.present(vault.caller())) == (1, applied)
    assert other.declaring.present(vault.caller(tenant=OTHER_TENANT)).source == shipped_text()


def test_the_same_table_again_is_no_new_version_and_a_bad_one_changes_nothing(vault: Vault) -> None:
    officer = vault.caller("privacy_officer")
    assert vault.declaring.apply(officer, shipped_text()).version == 0
    assert [vault.declaring.apply(officer, "stages: {}").version for _ in range(2)] == [1, 1]
    with pytest.raises(TableRefusedError):
        vault.declaring.apply(officer, "stages: {eaten: {}}")
    assert vault.declaring.present(officer).version == 1
    assert [(e["outcome"], e["rows"]) for e in vault.entries(action="vault.handover_table")] == [("done", [1])]


@pytest.mark.parametrize("role", ["service", "support", "courier", "merchant", "admin", "operator"])
def test_a_role_that_may_not_apply_tables_is_refused_and_recorded(vault: Vault, role: str) -> None:
    with pytest.raises(DeniedError):
        vault.declaring.apply(vault.caller(role), "stages: {}")
    assert [(e["outcome"], e["reason"]) for e in vault.entries(action="vault.handover_table")] == [("denied", "policy")]


def test_an_order_in_hand_opens_no_door_to_what_is_not_of_it(vault: Vault) -> None:
    """A courier who comes by the token of somebody else's order cannot see it through an order of their own."""
    other = vault.token(submitted("上海市静安区南京西路1号", "address", subject="cust-2", ref="order:o-2"))
    own = vault.token(submitted("上海市静安区南京西路2号", "address", subject="cust-1", ref=""))
    vault.assign("o-1", "rider-1", Stage.PICKED_UP)
    assert vault.seen(other, own, caller=vault.caller(courier="rider-1")) == ["not_assigned"] * 2
    vault.assign("o-1", "rider-1", Stage.PICKED_UP, customer="cust-1")
    seen = vault.seen(other, own, caller=vault.caller(courier="rider-1"))
    assert seen == ["not_assigned", "上海市静安区南京西路2号"]
    note = vault.token(submitted("放门口", "note", subject="cust-2", ref="order:o-2"))
    assert vault.seen(note, ref="order:o-9", caller=vault.caller("merchant")) == ["not_assigned"]


def test_a_merchant_is_judged_by_the_stage_of_the_order(vault: Vault) -> None:
    token = vault.token(submitted("放门口", "note"))
    assert vault.seen(token, caller=vault.caller("merchant")) == ["放门口"]
    vault.assign("o-1", "rider-1", Stage.PICKED_UP)
    assert vault.seen(token, caller=vault.caller("merchant")) == ["stage"]
