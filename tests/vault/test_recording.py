"""Storing sealed values: numbers, ranges, keys that moved on, on both databases."""

from typing import Any

import pytest

from tests.support.vault import Vault, submitted
from vault import recording
from vault.item import Issued, ItemError


def codes(answers: Any) -> list[str]:
    return ["ok" if isinstance(one, Issued) else one.code for one in answers]


def test_a_row_number_is_never_used_again(vault: Vault) -> None:
    used: set[int] = set()
    for _ in range(3):
        answers = vault.tokenize(*[submitted(mode="fresh")] * 4)
        rows = {row for (row,) in vault.sql("SELECT id FROM record")}
        assert not rows & used
        used |= rows
        for answer in answers:
            assert isinstance(answer, Issued)
            vault.tokens.revoke(vault.caller(), answer.token)
    assert len(used) == 12


def test_no_value_stands_in_the_database_in_clear(vault: Vault) -> None:
    vault.token(submitted("13812345678"))
    vault.token(submitted("王小明金丝雀", "name"))
    octets = b"".join(bytes(v) for rows in vault.dump().values() for r in rows for v in r if isinstance(v, bytes))
    texts = repr(vault.dump())
    for value in ("13812345678", "+8613812345678", "王小明金丝雀"):
        assert value not in texts
        assert value.encode() not in octets


def test_equal_values_of_two_people_share_nothing_but_the_search_fingerprint(vault: Vault) -> None:
    vault.tokenize(submitted(), submitted(subject="cust-2"))
    rows = vault.sql("SELECT fingerprint, sealed FROM record")
    assert len({bytes(value) for row in rows for value in row}) == 4
    assert len({bytes(value) for (value,) in vault.sql("SELECT fingerprint FROM search_index")}) == 1


def test_fresh_values_carry_no_fingerprint(vault: Vault) -> None:
    vault.token(submitted(mode="fresh"))
    assert vault.sql("SELECT fingerprint FROM record") == [(None,)]
    assert vault.sql("SELECT count(*) FROM search_index") == [(0,)]


def test_a_range_of_preserving_tokens_that_is_used_up_refuses_the_item_and_no_other(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "capacity", lambda _kind: 3)
    items = [submitted(f"138{number:08}", format="preserving", subject=f"cust-{number}") for number in range(5)]
    caller = vault.caller()
    answers = vault.tokenize(*items, submitted("王小明", "name"), caller=caller)
    assert sorted(codes(answers)) == ["density_limit", "density_limit", "ok", "ok", "ok", "ok"]
    assert isinstance(answers[5], Issued)
    assert vault.sql("SELECT count(*) FROM record") == [(4,)]
    assert sum(entry["count"] for entry in vault.entries(request=caller.request) if entry["outcome"] == "done") == 4
    refused = [one for one in answers if isinstance(one, ItemError)]
    assert all("138" not in repr(one) for one in refused)


def test_a_writer_with_keys_of_yesterday_takes_todays(vault: Vault) -> None:
    vault.token()
    old = vault.keyring.of(1)
    vault.another_process().keyring.renew_token_keys()
    vault.token(submitted("13987654321"))
    assert vault.keyring.of(1).epoch > old.epoch
    versions = vault.sql("SELECT token_version FROM record ORDER BY id")
    assert versions[1][0] == versions[0][0] + 1


def test_duplicates_in_a_batch_keep_every_use_of_their_own(vault: Vault) -> None:
    first, second, third = vault.tokenize(submitted(ref="order:a"), submitted(ref="order:b"), submitted(ref="order:a"))
    assert isinstance(first, Issued)
    assert [one.created for one in (first, second, third) if isinstance(one, Issued)] == [True, False, False]
    assert {use.ref for use in vault.tokens.get(vault.caller(), first.token).uses} == {"order:a", "order:b"}
