"""Orders whose customer wants to be nobody: the alias, the pick-up code, the relay number. On both databases."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from audit.entry import Actor
from database.transaction import Transaction
from tests.support.vault import Gates, Vault, submitted
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.handover.alias import DIGITS, LETTERS, draw_alias, pickup_code
from vault.handover.errors import PickupRefusedError
from vault.handover.stage import Stage
from vault.item import Revealed
from vault.keys import MacKey
from vault.policy import View
from vault.ports import OrderLine
from vault.protection.freeze import FreezeReason, Frozen
from vault.protection.freezing import Asked
from vault.shredding import ShredReason

Answer = TypeVar("Answer")
CUSTOMER = "cust-1001"


class Lines:
    """A relay with so many numbers, that remembers what it was asked."""

    def __init__(self, numbers: int) -> None:
        self.room = numbers
        self.open_for: dict[str, tuple[str, str, str]] = {}

    def numbers(self, tx: Transaction, tenant: int) -> Callable[[], bool]:
        return lambda: True

    def using(self, tenant: int, actor: Actor, request: str, attempt: Callable[[OrderLine], Answer]) -> Answer:
        return attempt(self)

    def open(self, tx: Transaction, *, order: str, courier: str, customer: str, at: int) -> str | None:
        if order not in self.open_for and len(self.open_for) >= self.room:
            return None
        x = self.open_for.get(order, ("", "", f"+8617000000{len(self.open_for):02d}"))[2]
        self.open_for[order] = (courier, customer, x)
        return x

    def close(self, tx: Transaction, *, order: str, at: int) -> None:
        self.open_for.pop(order, None)


@pytest.fixture
def lines(gates: Gates) -> Lines:
    gates.relay = lines = Lines(1)
    return lines


def anonymous(vault: Vault) -> None:
    vault.preferences.put(vault.caller(), CUSTOMER, {"anonymous_orders": True})


def test_who_prefers_it_is_an_alias_to_courier_and_merchant_and_to_nobody_else(vault: Vault) -> None:
    tokens = [vault.token(submitted(value, kind)) for kind, value in (("name", "王小明"), ("phone", "13812345678"))]
    anonymous(vault)
    alias = vault.assign("o-1", "rider-1", customer=CUSTOMER).alias
    assert alias is not None
    answers = vault.detokenize(*tokens, view=View.MASKED, caller=vault.caller(courier="rider-1"))
    assert [(a.value, a.subject) for a in answers if isinstance(a, Revealed)] == [(alias, None)] * 2
    assert vault.seen(*tokens, view=View.MASKED) == ["王**", "138****5678"]
    (seen,) = vault.detokenize(tokens[0], view=View.MASKED, caller=vault.caller("merchant"))
    assert isinstance(seen, Revealed)
    assert (seen.value, seen.subject) == (alias, None)


def test_the_note_of_an_anonymous_order_stays_masked_at_the_door(vault: Vault) -> None:
    note, address = (
        vault.token(submitted("找王小明", "note")),
        vault.token(submitted("北京市朝阳区建国路88号2单元501", "address")),
    )
    vault.assign("o-1", "rider-1", Stage.PICKED_UP, customer=CUSTOMER, anonymous=True)
    assert vault.seen(note, address, caller=vault.caller(courier="rider-1")) == [
        "stage",
        "北京市朝阳区建国路88号2单元501",
    ]


def test_a_choice_holds_for_assignments_after_it_and_an_order_that_is_anonymous_stays_so(vault: Vault) -> None:
    assert vault.assign("o-1", "rider-1", customer=CUSTOMER).alias is None
    anonymous(vault)
    alias = vault.assign("o-1", "rider-1").alias
    assert alias is not None
    vault.preferences.put(vault.caller(), CUSTOMER, {"anonymous_orders": False})
    assert vault.assign("o-1", "rider-2", Stage.PICKED_UP).alias == alias
    assert vault.assign("o-2", "rider-1", customer=CUSTOMER).alias is None


def test_no_two_running_orders_of_a_courier_have_one_alias_while_there_are_others(vault: Vault) -> None:
    aliases = [vault.assign(f"o-{n}", "rider-1", customer=CUSTOMER, anonymous=True).alias for n in range(40)]
    assert len(set(aliases)) == 40


def test_aliases_are_drawn_and_run_out_without_harm() -> None:
    every = {letter + digit for letter in LETTERS for digit in DIGITS}
    (left, *_) = sorted(every)
    assert draw_alias(every - {left}) == left
    assert draw_alias(every) in every
    assert len({draw_alias(()) for _ in range(200)}) > 50


def test_a_pickup_code_depends_on_key_tenant_order_and_nonce() -> None:
    key, nonce = MacKey(bytes(32)), bytes(16)
    first = pickup_code(key, tenant=1, ref="order:o-1", nonce=nonce)
    others = {
        pickup_code(MacKey(bytes(31) + b"\x01"), tenant=1, ref="order:o-1", nonce=nonce),
        pickup_code(key, tenant=2, ref="order:o-1", nonce=nonce),
        pickup_code(key, tenant=1, ref="order:o-2", nonce=nonce),
        pickup_code(key, tenant=1, ref="order:o-1", nonce=bytes(15) + b"\x01"),
    }
    assert first not in others
    assert len(first) == 4


def test_the_right_code_picks_the_order_up_and_can_be_said_twice(vault: Vault) -> None:
    code = vault.assign("o-1", "rider-1", version=5, customer=CUSTOMER, anonymous=True).pickup_code or ""
    for _ in range(2):
        taken = vault.picking_up.pick_up(vault.caller("merchant"), "o-1", code)
        assert taken.stage is Stage.PICKED_UP
    late = vault.assign("o-1", "rider-1", version=5)
    assert (late.applied, late.stage) == (False, Stage.PICKED_UP)
    assert vault.assign("o-1", "rider-1", Stage.DELIVERED, version=6).applied


def test_after_five_wrong_codes_the_right_one_is_not_taken_until_another_courier_comes(vault: Vault) -> None:
    code = vault.assign("o-1", "rider-1", customer=CUSTOMER, anonymous=True).pickup_code or ""
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    for said in [wrong] * 5 + [code]:
        with pytest.raises(PickupRefusedError):
            vault.another_process().picking_up.pick_up(vault.caller("merchant"), "o-1", said)
    reasons = [entry["reason"] for entry in vault.entries(action="vault.pickup")]
    assert reasons == ["invalid"] * 5 + ["locked"]
    renewed = vault.assign("o-1", "rider-2").pickup_code or ""
    assert vault.picking_up.pick_up(vault.caller(), "o-1", renewed).stage is Stage.PICKED_UP


def test_an_order_without_a_code_is_not_picked_up_by_one(vault: Vault) -> None:
    vault.assign("o-1", "rider-1")
    for order in ("o-1", "o-9"):
        with pytest.raises(NotFoundError):
            vault.picking_up.pick_up(vault.caller("merchant"), order, "0000")
    with pytest.raises(DeniedError):
        vault.picking_up.pick_up(vault.caller("support"), "o-1", "0000")


def test_neither_code_nor_name_is_stored_with_the_order(vault: Vault) -> None:
    code = vault.assign("o-1", "rider-1", customer=CUSTOMER, anonymous=True).pickup_code
    (row,) = vault.sql("SELECT * FROM assignment")
    assert code is not None
    assert code not in map(str, row)
    assert CUSTOMER not in map(str, row)


def test_the_relay_number_comes_with_the_assignment_and_goes_with_the_order(lines: Lines, vault: Vault) -> None:
    first = vault.assign("o-1", "rider-1", customer=CUSTOMER)
    assert first.relay == vault.assign("o-1", "rider-1").relay == "+861700000000"
    assert lines.open_for["o-1"][:2] == ("rider-1", CUSTOMER)
    vault.assign("o-1", "rider-2")
    assert lines.open_for["o-1"][0] == "rider-2"
    ended = vault.assign("o-1", "rider-2", Stage.DELIVERED)
    assert (ended.relay, ended.relayed, lines.open_for) == (None, False, {})


def test_a_full_pool_does_not_stop_an_assignment(lines: Lines, vault: Vault) -> None:
    vault.assign("o-1", "rider-1", customer=CUSTOMER)
    second = vault.assign("o-2", "rider-1", customer=CUSTOMER)
    assert (second.applied, second.relay, second.relayed) == (True, None, True)
    nobody = vault.assign("o-3", "rider-1")
    assert (nobody.relay, nobody.relayed) == (None, False)


def test_a_statement_that_does_not_hold_touches_no_line(lines: Lines, vault: Vault) -> None:
    vault.assign("o-1", "rider-1", version=7, customer=CUSTOMER)
    vault.assign("o-1", "rider-2", Stage.CANCELLED, version=6)
    assert lines.open_for["o-1"][0] == "rider-1"


def test_freezing_a_courier_closes_their_lines_and_lets_nobody_give_them_orders(lines: Lines, vault: Vault) -> None:
    vault.assign("o-1", "rider-1", customer=CUSTOMER)
    vault.freezing.freeze(vault.caller("risk"), Asked(Frozen.COURIER, "rider-1", None, FreezeReason.LOST_DEVICE))
    assert lines.open_for == {}
    with pytest.raises(DeniedError):
        vault.assign("o-2", "rider-1", customer=CUSTOMER)
    assert vault.assign("o-1", "rider-1", Stage.CANCELLED).applied


def test_lifting_the_freeze_opens_the_lines_of_running_orders_again_where_both_may_be_reached(
    lines: Lines, vault: Vault
) -> None:
    lines.room = 3
    for order, customer in (("o-1", CUSTOMER), ("o-2", "cust-2"), ("o-3", "cust-3")):
        vault.assign(order, "rider-1", customer=customer)
    freeze = vault.freezing.freeze(
        vault.caller("risk"), Asked(Frozen.COURIER, "rider-1", None, FreezeReason.LOST_DEVICE)
    )
    vault.assign("o-2", "rider-1", Stage.DELIVERED)
    vault.assign("o-3", "rider-2", customer="cust-3")
    own = vault.freezing.freeze(vault.caller("risk"), Asked(Frozen.SUBJECT, "rider-1", None, FreezeReason.COMPLAINT))
    vault.freezing.lift(vault.caller("privacy_officer"), freeze.freeze.id)
    assert {order: line[0] for order, line in lines.open_for.items()} == {"o-3": "rider-2"}
    again = vault.freezing.freeze(
        vault.caller("risk"), Asked(Frozen.COURIER, "rider-1", None, FreezeReason.LOST_DEVICE)
    )
    vault.freezing.lift(vault.caller("privacy_officer"), own.freeze.id)
    vault.freezing.lift(vault.caller("privacy_officer"), again.freeze.id)
    assert {order: line[:2] for order, line in lines.open_for.items()} == {
        "o-1": ("rider-1", CUSTOMER),
        "o-3": ("rider-2", "cust-3"),
    }


def test_who_was_erased_is_no_party_any_more_and_has_no_choices(vault: Vault) -> None:
    anonymous(vault)
    vault.assign("o-1", "rider-1", customer=CUSTOMER, merchant="shop-1")
    officer = vault.caller("privacy_officer")
    for person in (CUSTOMER, "rider-1", "shop-1"):
        vault.shredding.shred(officer, person, ShredReason.TEST)
    assert vault.sql("SELECT courier, customer, merchant, alias, nonce FROM assignment") == [
        (None, None, None, "", None)
    ]
    assert vault.sql("SELECT count(*) FROM preference") == [(0,)]
    with pytest.raises(SubjectErasedError):
        vault.preferences.put(vault.caller(), CUSTOMER, {"anonymous_orders": True})


def test_choices_are_recorded_and_are_the_services_to_write(vault: Vault) -> None:
    anonymous(vault)
    assert vault.preferences.get(vault.caller(), CUSTOMER) == {"anonymous_orders": True}
    with pytest.raises(NotFoundError):
        vault.preferences.get(vault.caller(), "cust-9")
    with pytest.raises(DeniedError):
        vault.preferences.put(vault.caller("courier"), CUSTOMER, {"anonymous_orders": False})
    assert [entry["outcome"] for entry in vault.entries(action="vault.preference")] == ["done", "denied"]
