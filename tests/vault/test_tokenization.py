"""Exchanging values for tokens, on both databases."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from audit.entry import Reason
from tests.support.vault import OTHER_TENANT, Vault, submitted
from vault.errors import NotFoundError
from vault.item import AtomicBatchError, Issued, ItemError
from vault.policy import View
from vault.shredding import ShredReason


def codes(answers: Any) -> list[str]:
    return ["ok" if isinstance(one, Issued) else one.code for one in answers]


def tokens(answers: Any) -> list[str]:
    return [one.token for one in answers]


def records(vault: Vault) -> int:
    return int(vault.sql("SELECT count(*) FROM record")[0][0])


def test_a_value_goes_in_and_comes_out_as_it_was_written(vault: Vault) -> None:
    (answer,) = vault.tokenize(submitted("138 1234 5678"))
    assert isinstance(answer, Issued)
    assert answer.created
    assert re.fullmatch(r"tok_[A-Za-z0-9_-]{28}", answer.token)
    assert vault.seen(answer.token) == ["138 1234 5678"]
    assert vault.seen(answer.token, normal=True) == ["+8613812345678"]


def test_one_value_of_one_person_has_one_token_however_it_is_written(vault: Vault) -> None:
    first, second, third = vault.tokenize(submitted("138 1234 5678"), submitted("+86 13812345678"), submitted())
    (again,) = vault.tokenize(submitted("１３８１２３４５６７８"))
    assert {first.token, second.token, third.token, again.token} == {first.token}  # type: ignore[union-attr]  # all issued
    assert [one.created for one in (first, second, third, again)] == [True, False, False, False]  # type: ignore[union-attr]  # all issued
    assert vault.seen(tokens([again])[0]) == ["138 1234 5678"]
    assert records(vault) == 1


def test_the_same_value_of_another_person_kind_or_tenant_has_another_token(vault: Vault) -> None:
    same = [
        vault.token(submitted("王小明", "name")),
        vault.token(submitted("王小明", "name", subject="cust-1002")),
        vault.token(submitted("王小明", "note")),
        vault.token(submitted("王小明", "name"), caller=vault.caller(tenant=OTHER_TENANT)),
    ]
    assert len(set(same)) == 4


def test_a_fresh_token_is_new_each_time(vault: Vault) -> None:
    answers = vault.tokenize(*[submitted(mode="fresh")] * 3, submitted())
    assert len(set(tokens(answers))) == 4
    assert all(one.created for one in answers if isinstance(one, Issued))
    assert vault.seen(*tokens(answers)) == ["13812345678"] * 4


def test_an_expiring_token_ends_at_its_very_moment(vault: Vault) -> None:
    token = vault.token(submitted(mode="fresh", expires_in=60))
    vault.clock.advance(seconds=59, milliseconds=999)
    assert vault.seen(token) == ["13812345678"]
    vault.clock.advance(milliseconds=1)
    assert vault.seen(token) == ["not_found"]
    with pytest.raises(NotFoundError):
        vault.tokens.get(vault.caller(), token)


def test_a_limited_token_is_spent_by_plain_answers_only(vault: Vault) -> None:
    token = vault.token(submitted(mode="fresh", max_uses=2))
    assert vault.seen(token, view=View.MASKED) == ["138****5678"]
    assert vault.seen(token, caller=vault.caller("support")) == ["policy"]
    assert vault.seen(token, token, token) == ["13812345678", "13812345678", "not_found"]
    assert vault.seen(token, view=View.MASKED) == ["not_found"]


def test_a_preserving_token_looks_like_its_kind_and_opens_for_those_who_may(vault: Vault) -> None:
    item = submitted(format="preserving")
    first, again = vault.token(item), vault.token(item)
    assert first == again
    assert re.fullmatch(r"154\d{8}", first)
    assert first != vault.token()
    assert vault.seen(first, caller=vault.caller(preserving=True)) == ["13812345678"]
    assert vault.seen(first) == ["not_found"]


def test_preserving_tokens_of_a_batch_are_all_different(vault: Vault) -> None:
    items = [submitted(f"1381234{n:04}", format="preserving", subject=f"cust-{n}") for n in range(50)]
    items += [submitted("11010519491231002X", "id_card", purpose="courier_verification", format="preserving")]
    issued = tokens(vault.tokenize(*items))
    assert len(set(issued)) == 51
    caller = vault.caller(preserving=True)
    assert vault.seen(*issued[:50], caller=caller) == [item.value for item in items[:50]]
    assert vault.seen(issued[50], purpose="courier_verification", caller=caller) == ["11010519491231002X"]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (submitted(kind="shoe_size"), "unknown_kind"),
        (submitted(purpose=None), "purpose_missing"),
        (submitted(purpose="curiosity"), "unknown_purpose"),
        (submitted(subject="13812345678"), "subject_is_personal"),
        (submitted(ref="order:13812345678"), "ref_is_personal"),
        (submitted(expires_in=60), "invalid_combination"),
        (submitted(max_uses=1), "invalid_combination"),
        (submitted(mode="fresh", format="preserving"), "invalid_combination"),
        (submitted("李雷", "name", format="preserving"), "no_preserving_format"),
        (submitted("6222", "bank_card", purpose="delivery"), "not_necessary"),
        (submitted("1381234567"), "not_a_phone"),
        (submitted("110105194912310021", "id_card", purpose="courier_verification"), "wrong_check_digit"),
        (submitted(" "), "empty"),
        (submitted("x" * 100_000, "name"), "too_long"),
    ],
    ids=map(str, range(14)),
)
def test_what_cannot_be_stored_is_refused_in_its_place_and_the_others_stand(vault: Vault, item: Any, code: str) -> None:
    answers = vault.tokenize(submitted(), item, submitted("王小明", "name"))
    assert codes(answers) == ["ok", code, "ok"]
    assert records(vault) == 2
    assert item.value not in repr(answers[1]) or not item.value.strip()


def test_a_batch_in_which_nothing_can_be_stored_stores_nothing_and_is_logged(vault: Vault) -> None:
    caller = vault.caller()
    assert codes(vault.tokenize(submitted(" "), submitted("1"), caller=caller)) == ["empty", "not_a_phone"]
    assert records(vault) == 0
    (entry,) = vault.entries(request=caller.request)
    assert (entry["outcome"], entry["reason"], entry["count"]) == ("failed", "invalid", 2)


def test_an_empty_batch_is_answered_and_logged(vault: Vault) -> None:
    caller = vault.caller()
    assert vault.tokenize(caller=caller) == []
    assert [entry["count"] for entry in vault.entries(request=caller.request)] == [0]


def test_an_atomic_batch_stores_all_or_nothing(vault: Vault) -> None:
    caller = vault.caller()
    with pytest.raises(AtomicBatchError) as refused:
        vault.tokenize(submitted(), submitted("1"), submitted(kind="shoe_size"), caller=caller, atomic=True)
    assert [(place, error.code) for place, error in refused.value.errors] == [(1, "not_a_phone"), (2, "unknown_kind")]
    assert records(vault) == 0
    assert [entry["outcome"] for entry in vault.entries(request=caller.request)] == ["failed"]
    assert codes(vault.tokenize(submitted(), submitted("王小明", "name"), atomic=True)) == ["ok", "ok"]


def test_a_persons_state_spoils_an_atomic_batch_and_undoes_what_was_stored(vault: Vault) -> None:
    vault.token(submitted(subject="cust-2"))
    vault.shredding.freeze(vault.caller("privacy_officer"), "cust-2")
    caller, before = vault.caller(), records(vault)
    with pytest.raises(AtomicBatchError) as refused:
        vault.tokenize(
            submitted(subject="cust-3"), submitted("王小明", "name", subject="cust-2"), caller=caller, atomic=True
        )
    assert [(place, error.reason) for place, error in refused.value.errors] == [(1, Reason.FROZEN)]
    assert records(vault) == before
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "frozen")]
    assert vault.sql("SELECT count(*) FROM subject") == [(1,)]


@pytest.mark.parametrize("role", ["support", "auditor", "operator", "admin", "risk", "privacy_officer", "merchant"])
def test_a_role_that_may_not_tokenize_is_refused_and_recorded(vault: Vault, role: str) -> None:
    caller = vault.caller(role)
    (answer,) = vault.tokenize(submitted(), caller=caller)
    assert isinstance(answer, ItemError)
    assert (answer.code, answer.reason) == ("denied", Reason.POLICY)
    (entry,) = vault.entries(request=caller.request)
    assert (entry["outcome"], entry["reason"], entry["purpose"], entry["kind"]) == (
        "denied",
        "policy",
        "delivery",
        "phone",
    )
    assert entry["actor"] == {"kind": "credential", "id": caller.credential, "role": role}
    assert records(vault) == 0


def test_frozen_and_erased_people_take_no_more_values(vault: Vault) -> None:
    officer = vault.caller("privacy_officer")
    for subject in ("cust-frozen", "cust-erased", "cust-free"):
        vault.token(submitted(subject=subject))
    vault.shredding.freeze(officer, "cust-frozen")
    vault.shredding.shred(officer, "cust-erased", ShredReason.TEST)
    caller = vault.caller()
    items = [submitted("王小明", "name", subject=f"cust-{state}") for state in ("frozen", "erased", "free")]
    frozen, erased, free = vault.tokenize(*items, caller=caller)
    assert isinstance(frozen, ItemError)
    assert (frozen.code, frozen.reason) == ("denied", Reason.FROZEN)
    assert codes([erased, free]) == ["subject_erased", "ok"]
    fates = {(entry["outcome"], entry.get("reason")) for entry in vault.entries(request=caller.request)}
    assert fates == {("denied", "frozen"), ("failed", "subject_erased"), ("done", None)}


def test_the_log_names_people_by_pseudonyms_records_by_number_and_orders_by_keyed_names(vault: Vault) -> None:
    caller = vault.caller()
    vault.tokenize(
        submitted(),
        submitted("王小明", "name"),
        submitted("李雷", "name", subject="cust-2", ref="order:o-2"),
        caller=caller,
    )
    phones, names = vault.entries(request=caller.request)
    assert (phones["kind"], phones["count"], phones["part"], phones["parts"]) == ("phone", 1, 1, 2)
    assert (names["kind"], names["count"], names["part"], names["parts"]) == ("name", 2, 2, 2)
    assert phones["subjects"][0] == names["subjects"][0] != names["subjects"][1]
    assert len(set(names["rows"]) | set(phones["rows"])) == 3
    assert phones["ref"] == names["refs"][0] != names["refs"][1]
    assert phones["act"] == names["act"]
    assert phones["policy"] == vault.means.access.epoch
    whole = repr([phones, names])
    for secret in ("13812345678", "王小明", "李雷", "cust-1001", "cust-2", "o-1"):
        assert secret not in whole


def test_a_long_batch_is_split_into_entries_of_500(vault: Vault) -> None:
    caller = vault.caller()
    items = [submitted(f"138{n:08}", subject=f"cust-{n % 700}") for n in range(1_201)]
    assert codes(vault.tokenize(*items, caller=caller)) == ["ok"] * 1_201
    entries = vault.entries(request=caller.request)
    assert [(e["count"], len(e["rows"]), len(e["subjects"]), e["part"], e["parts"]) for e in entries] == [
        (500, 500, 500, 1, 3),
        (500, 500, 500, 2, 3),
        (201, 201, 201, 3, 3),
    ]
    assert len({row for entry in entries for row in entry["rows"]}) == 1_201
    assert len({ref for entry in entries for ref in entry["subjects"]}) == 700


def test_every_use_of_a_value_is_kept_once(vault: Vault) -> None:
    token = vault.token()
    vault.token()
    vault.token(submitted(ref="order:o-2"))
    vault.token(submitted(ref="", purpose="account"))
    uses = {(use.purpose, use.ref) for use in vault.tokens.get(vault.caller(), token).uses}
    assert uses == {("delivery", "order:o-1"), ("delivery", "order:o-2"), ("account", "")}


def test_24_parallel_calls_with_one_value_make_one_row(vault: Vault) -> None:
    others = [vault.another_process() for _ in range(3)] + [vault]

    def call(number: int) -> Issued:
        (answer,) = others[number % 4].tokenize(submitted())
        assert isinstance(answer, Issued)
        return answer

    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(call, range(24)))
    assert len({one.token for one in answers}) == 1
    assert sum(one.created for one in answers) == 1
    assert (records(vault), vault.sql("SELECT count(*) FROM subject")) == (1, [(1,)])
    assert len(vault.entries(action="vault.tokenize")) == 24


def test_parallel_batches_that_overlap_in_opposite_order_all_end_well(vault: Vault) -> None:
    items = [submitted(f"138{n:08}", subject=f"cust-{n}") for n in range(40)]

    def call(number: int) -> list[str]:
        answers = vault.tokenize(*(items if number % 2 else reversed(items)))
        return tokens(answers if number % 2 else reversed(answers))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(call, range(16)))
    assert all(one == answers[0] for one in answers)
    assert records(vault) == 40
