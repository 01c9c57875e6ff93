"""Giving values back: views, refusals that look alike, uses, damage, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit.entry import Reason
from tests.support.vault import OTHER_TENANT, Vault, submitted
from vault.handover.stage import Stage
from vault.item import ItemError, Revealed
from vault.policy import View
from vault.shredding import ShredReason

PHONE = "13812345678"


def fates(vault: Vault, request: str) -> list[tuple[str, str | None, int]]:
    return [(e["outcome"], e.get("reason"), e["count"]) for e in vault.entries(request=request)]


def test_the_plain_view_shows_the_value_and_the_masked_view_its_mask(vault: Vault) -> None:
    token = vault.token()
    assert vault.detokenize(token) == [Revealed("phone", "cust-1001", PHONE, "plain")]
    assert vault.detokenize(token, view=View.MASKED) == [Revealed("phone", "cust-1001", "138****5678", "masked")]


def test_answers_stand_in_the_order_of_the_tokens_and_repeat_with_them(vault: Vault) -> None:
    phone, name = vault.token(), vault.token(submitted("王小明", "name"))
    assert vault.seen(name, phone, "tok_nothing", name) == ["王小明", PHONE, "not_found", "王小明"]


def changed(token: str) -> str:
    return token[:10] + ("A" if token[10] != "A" else "B") + token[11:]


def revoked(vault: Vault) -> str:
    token = vault.token()
    vault.tokens.revoke(vault.caller(), token)
    return token


def shredded(vault: Vault) -> str:
    token = vault.token()
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.TEST)
    return token


@pytest.mark.parametrize(
    "unreachable",
    [
        lambda vault: "tok_" + "A" * 28,
        lambda vault: "",
        lambda vault: "13812345678",
        lambda vault: "tok_" + "订" * 28,
        lambda vault: changed(vault.token()),
        lambda vault: vault.token(caller=vault.caller(tenant=OTHER_TENANT)),
        revoked,
        shredded,
        lambda vault: vault.token(submitted(mode="fresh", expires_in=0)),
    ],
    ids=["made_up", "empty", "a_value", "not_ascii", "changed", "foreign", "revoked", "shredded", "expired"],
)
def test_whatever_reaches_no_live_record_is_not_found_alike_and_recorded(
    vault: Vault, unreachable: Callable[[Vault], str]
) -> None:
    token, caller = unreachable(vault), vault.caller()
    (answer,) = vault.detokenize(token, caller=caller)
    assert answer == ItemError("not_found", "no such token")
    assert [(outcome, count) for outcome, _, count in fates(vault, caller.request)] == [("failed", 1)]
    assert vault.damaged == 0


def test_a_token_that_never_was_is_told_from_one_whose_record_went_in_the_log_only(vault: Vault) -> None:
    caller, gone = vault.caller(), revoked(vault)
    first, second = vault.detokenize("tok_" + "A" * 28, gone, caller=caller)
    assert first == second
    assert fates(vault, caller.request) == [("failed", "unknown", 1), ("failed", "not_found", 1)]


DAMAGE = {
    "sealed": "UPDATE record SET sealed = :octets WHERE id = 1",
    "wrapped": "UPDATE dek SET wrapped = :octets WHERE subject = 1",
    "sealed_identity": "UPDATE subject SET sealed_identity = :octets WHERE id = 1",
}


@pytest.mark.parametrize("column", DAMAGE)
@pytest.mark.parametrize("place", [0, 1, 13, 30, -1])
def test_a_flipped_bit_is_not_found_and_counted(vault: Vault, column: str, place: int) -> None:
    token = vault.token()
    table = {"sealed": "record", "wrapped": "dek", "sealed_identity": "subject"}[column]
    octets = bytearray(vault.sql(f"SELECT {column} FROM {table}")[0][0])
    octets[place] ^= 1
    assert vault.damage(DAMAGE[column], octets=bytes(octets)) == 1
    fresh = vault.another_process()
    caller = fresh.caller()
    assert fresh.detokenize(token, caller=caller) == [ItemError("not_found", "no such token")]
    assert fresh.damaged == 1
    assert fates(fresh, caller.request) == [("failed", "integrity", 1)]


def test_truncated_ciphertext_is_not_found_and_counted(vault: Vault) -> None:
    token = vault.token()
    for octets in (b"", b"\x01", bytes(200)):
        vault.damage(DAMAGE["sealed"], octets=octets)
        assert vault.seen(token) == ["not_found"]
    assert vault.damaged == 3


def test_ciphertext_moved_to_another_row_does_not_open_there(vault: Vault) -> None:
    mine, other = vault.token(), vault.token(submitted("13987654321"))
    theirs = vault.token(submitted("13711112222", subject="cust-2"))
    rows = [(row, sealed) for row, sealed in vault.sql("SELECT id, sealed FROM record ORDER BY id")]
    for (row, _), (_, sealed) in zip(rows, rows[1:] + rows[:1], strict=True):
        vault.damage("UPDATE record SET sealed = :sealed WHERE id = :row", sealed=sealed, row=row)
    assert vault.seen(mine, other, theirs) == ["not_found"] * 3
    assert vault.damaged == 3


def test_a_record_given_to_another_person_does_not_open_there(vault: Vault) -> None:
    token = vault.token()
    vault.token(submitted("13987654321", subject="cust-2"))
    vault.damage("UPDATE record SET subject = 2 WHERE id = 1")
    assert vault.seen(token) == ["not_found"]
    assert vault.damaged == 1


def test_keys_of_two_people_swapped_open_nothing(vault: Vault) -> None:
    mine, theirs = vault.token(), vault.token(submitted("13987654321", subject="cust-2"))
    (first,), (second,) = vault.sql("SELECT wrapped FROM dek ORDER BY subject")
    vault.damage("UPDATE dek SET wrapped = :wrapped WHERE subject = 1", wrapped=second)
    vault.damage("UPDATE dek SET wrapped = :wrapped WHERE subject = 2", wrapped=first)
    assert vault.another_process().seen(mine, theirs) == ["not_found"] * 2


@pytest.mark.parametrize("change", ["kind = 1 - kind + 2", "token_version = 2"])
def test_a_record_whose_kind_or_token_version_was_changed_is_not_found(vault: Vault, change: str) -> None:
    token = vault.token()
    vault.damage(f"UPDATE record SET {change}")
    assert vault.seen(token) == ["not_found"]


def test_one_damaged_record_leaves_the_others_of_the_batch(vault: Vault) -> None:
    bad, good = vault.token(), vault.token(submitted("王小明", "name"))
    vault.damage("UPDATE record SET sealed = :octets WHERE id = 1", octets=bytes(64))
    assert vault.seen(bad, good) == ["not_found", "王小明"]


def test_a_disclosure_is_logged_with_person_record_order_purpose_and_view(vault: Vault) -> None:
    tokens = [vault.token(), vault.token(submitted("13987654321", subject="cust-2"))]
    caller = vault.caller()
    vault.detokenize(*tokens, caller=caller, ref="order:o-77")
    (entry,) = vault.entries(request=caller.request)
    (stored,) = {tuple(e["subjects"]) for e in vault.entries(action="vault.tokenize")[:1]}
    assert (entry["action"], entry["outcome"], entry["purpose"], entry["view"], entry["kind"]) == (
        "vault.detokenize",
        "done",
        "delivery",
        "plain",
        "phone",
    )
    assert entry["subjects"][0] == stored[0]
    assert entry["rows"] == [1, 2]
    assert len(entry["ref"]) == 22
    assert "o-77" not in repr(entry)
    assert PHONE not in repr(entry)


def test_nothing_is_shown_when_the_log_cannot_be_written(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    token = vault.token(submitted(mode="fresh", max_uses=1))

    def full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(type(vault.means.log), "append", full)
        with pytest.raises(OSError, match="disk full"):
            vault.detokenize(token)
    assert vault.seen(token) == [PHONE]


def test_a_refused_item_is_denied_with_its_reason_and_the_others_stand(vault: Vault) -> None:
    phone, note = vault.token(), vault.token(submitted("放门口", "note"))
    merchant = vault.caller("merchant")
    assert vault.seen(phone, note, caller=merchant) == ["policy", "放门口"]
    assert fates(vault, merchant.request) == [("denied", "policy", 1), ("done", None, 1)]


def test_a_kind_that_the_purpose_does_not_need_is_not_shown_for_it(vault: Vault) -> None:
    token = vault.token(submitted("a@example.com", "email", purpose="account"))
    assert vault.seen(token, purpose="delivery") == ["not_necessary"]
    assert vault.seen(token, purpose="account") == ["a@example.com"]


def test_the_gates_are_asked_for_what_the_policy_allows_and_refuse_by_name(vault: Vault) -> None:
    token = vault.token()
    vault.gates.without_consent.add("delivery")
    assert vault.seen(token) == ["no_consent"]
    vault.gates.asked.clear()
    assert vault.seen(token, caller=vault.caller("auditor")) == ["policy"]
    assert vault.gates.asked == []
    vault.gates.without_consent.clear()
    vault.restrict(1)
    assert vault.seen(token) == ["restricted"]
    assert [(reveal.subject, reveal.kind, reveal.purpose, reveal.view) for reveal in vault.gates.asked] == [
        (1, "phone", "delivery", "plain")
    ]


def test_frozen_data_is_denied_in_every_view_also_to_a_process_that_had_it_open(vault: Vault) -> None:
    token, other = vault.token(), vault.another_process()
    assert other.seen(token) == [PHONE]
    vault.shredding.freeze(vault.caller("risk"), "cust-1001")
    assert other.seen(token) == ["frozen"]
    assert other.seen(token, view=View.MASKED) == ["frozen"]
    vault.shredding.unfreeze(vault.caller("risk"), "cust-1001")
    assert other.seen(token) == [PHONE]


def test_shredded_data_is_gone_for_a_process_that_had_it_open(vault: Vault) -> None:
    token, other = vault.token(), vault.another_process()
    assert other.seen(token) == [PHONE]
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.TEST)
    assert other.seen(token) == ["not_found"]


def test_denied_and_masked_answers_and_damage_spend_no_use(vault: Vault) -> None:
    token = vault.token(submitted(mode="fresh", max_uses=1))
    vault.gates.without_consent.add("delivery")
    assert vault.seen(token) == ["no_consent"]
    vault.gates.without_consent.clear()
    assert vault.seen(token, view=View.MASKED) == ["138****5678"]
    assert vault.tokens.get(vault.caller(), token).uses_left == 1
    assert vault.seen(token) == [PHONE]


def test_24_parallel_calls_share_out_the_uses_exactly(vault: Vault) -> None:
    tokens = [vault.token(submitted(mode="fresh", max_uses=5)) for _ in range(2)]

    def call(number: int) -> list[str]:
        return vault.seen(*(tokens if number % 2 else reversed(tokens)))

    with ThreadPoolExecutor(24) as threads:
        answers = [answer for call in threads.map(call, range(24)) for answer in call]
    assert answers.count(PHONE) == 10
    assert answers.count("not_found") == 38


def test_a_courier_sees_by_the_stage_of_an_order_that_is_his(vault: Vault) -> None:
    name, address = (
        vault.token(submitted("王小明", "name")),
        vault.token(submitted("北京市朝阳区建国路88号2单元501", "address")),
    )
    phone = vault.token()
    rider = vault.caller(courier="rider-1")

    def seen(view: View, courier: str = "rider-1") -> list[str]:
        return vault.seen(name, address, phone, view=view, caller=vault.caller(courier=courier))

    assert seen(View.MASKED) == ["not_assigned"] * 3
    vault.assign("o-1", "rider-1", Stage.ASSIGNED)
    masked = seen(View.MASKED)
    assert masked[0] != "王小明"
    assert masked[2] == "138****5678"
    assert seen(View.PLAIN) == ["policy", "stage", "policy"]
    assert seen(View.MASKED, "rider-2") == ["not_assigned"] * 3
    vault.assign("o-1", "rider-1", Stage.PICKED_UP)
    assert seen(View.PLAIN) == ["policy", "北京市朝阳区建国路88号2单元501", "policy"]
    for stage in (Stage.DELIVERED, Stage.CANCELLED):
        vault.assign("o-1", "rider-1", stage)
        vault.clock.advance(minutes=10)
        assert seen(View.MASKED) == ["stage"] * 3
    vault.assign("o-1", "rider-2", Stage.PICKED_UP)
    assert seen(View.MASKED) == ["not_assigned"] * 3
    assert vault.seen(address, ref="order:o-2", caller=rider) == ["not_assigned"]


def test_who_acts_for_a_courier_is_logged_with_the_couriers_pseudonym(vault: Vault) -> None:
    token = vault.token()
    unknown = vault.caller(courier="rider-9")
    vault.detokenize(token, caller=unknown)
    (entry,) = vault.entries(request=unknown.request)
    assert entry["behalf"] == {"role": "courier"}
    vault.assign("o-1", "rider-1", Stage.ASSIGNED)
    known = vault.caller(courier="rider-1")
    vault.detokenize(token, view=View.MASKED, caller=known)
    (entry,) = vault.entries(request=known.request)
    (assigned,) = vault.entries(action="vault.assignment_write")
    assert entry["behalf"] == {"role": "courier", "subject": assigned["subjects"][0]}
    assert entry["actor"]["role"] == "service"


def test_a_frozen_courier_has_no_orders(vault: Vault) -> None:
    token = vault.token()
    vault.assign("o-1", "rider-1", Stage.ASSIGNED)
    vault.shredding.freeze(vault.caller("risk"), "rider-1")
    assert vault.seen(token, view=View.MASKED, caller=vault.caller(courier="rider-1")) == ["frozen"]


@pytest.mark.parametrize("role", ["support", "risk", "admin"])
def test_only_a_service_acts_for_a_courier(vault: Vault, role: str) -> None:
    token = vault.token()
    vault.assign("o-1", "rider-1", Stage.PICKED_UP)
    seen = vault.seen(token, view=View.MASKED, caller=vault.caller(role, courier="rider-1"))
    assert seen == ["policy"]


def test_a_batch_of_over_500_is_logged_in_parts_that_add_up(vault: Vault) -> None:
    answers = vault.tokenize(*[submitted(f"138{n:08}") for n in range(1_100)])
    caller = vault.caller()
    tokens = [one.token for one in answers if not isinstance(one, ItemError)]
    assert vault.seen(*tokens, caller=caller) == [f"138{n:08}" for n in range(1_100)]
    assert [(e["count"], e["part"], e["parts"]) for e in vault.entries(request=caller.request)] == [
        (500, 1, 3),
        (500, 2, 3),
        (100, 3, 3),
    ]


def test_a_denied_item_does_not_tell_whether_a_gate_would_have_refused_too(vault: Vault) -> None:
    token = vault.token()
    vault.gates.without_consent.add("delivery")
    (answer,) = vault.detokenize(token, caller=vault.caller("support"))
    assert isinstance(answer, ItemError)
    assert answer.reason is Reason.POLICY
