"""Looking tokens up and revoking them, on both databases."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.vault import OTHER_TENANT, Vault, submitted
from vault.access import Caller
from vault.errors import DeniedError, NotFoundError
from vault.issued_token import IssuedToken, Use

Act = Callable[[Vault, Caller, str], Any]


def read(vault: Vault, caller: Caller, token: str) -> IssuedToken:
    return vault.tokens.get(caller, token)


def revoke(vault: Vault, caller: Caller, token: str) -> None:
    vault.tokens.revoke(caller, token)


BOTH_ACTS = pytest.mark.parametrize("act", [read, revoke])


def test_a_token_is_described_without_its_value(vault: Vault) -> None:
    token = vault.token()
    vault.clock.advance(minutes=1)
    vault.token(submitted(ref="order:o-2"))
    described = vault.tokens.get(vault.caller("support"), token)
    assert described == IssuedToken(
        "phone",
        "cust-1001",
        "2026-11-02T08:00:00.000Z",
        None,
        None,
        [
            Use("delivery", "order:o-1", "2026-11-02T08:00:00.000Z"),
            Use("delivery", "order:o-2", "2026-11-02T08:01:00.000Z"),
        ],
        {},
    )


def test_limits_of_a_token_are_described(vault: Vault) -> None:
    token = vault.token(submitted(mode="fresh", expires_in=60, max_uses=2))
    vault.detokenize(token)
    described = vault.tokens.get(vault.caller(), token)
    assert (described.expires_at, described.uses_left) == ("2026-11-02T08:01:00.000Z", 1)


def test_a_revoked_token_is_gone_with_its_record_uses_and_index(vault: Vault) -> None:
    token, kept = vault.token(), vault.token(submitted("13987654321"))
    vault.tokens.revoke(vault.caller(), token)
    assert vault.seen(token, kept) == ["not_found", "13987654321"]
    counts = [vault.sql(f"SELECT count(*) FROM {name}")[0][0] for name in ("record", "record_use", "search_index")]
    assert counts == [1, 1, 1]


def test_a_value_written_again_after_its_revocation_has_another_token(vault: Vault) -> None:
    token = vault.token()
    vault.tokens.revoke(vault.caller(), token)
    again = vault.token()
    assert again != token
    assert vault.seen(token, again) == ["not_found", "13812345678"]


def test_preserving_tokens_are_reached_by_those_who_may_resolve_them(vault: Vault) -> None:
    token = vault.token(submitted(format="preserving"))
    with pytest.raises(NotFoundError):
        vault.tokens.get(vault.caller(), token)
    assert vault.tokens.get(vault.caller(preserving=True), token).kind == "phone"
    vault.tokens.revoke(vault.caller(preserving=True), token)
    assert vault.sql("SELECT count(*) FROM record") == [(0,)]


@BOTH_ACTS
def test_what_is_not_there_is_not_found_and_recorded(vault: Vault, act: Act) -> None:
    foreign = vault.token(caller=vault.caller(tenant=OTHER_TENANT))
    spent = vault.token(submitted(mode="fresh", max_uses=1))
    expired = vault.token(submitted(mode="fresh", expires_in=1))
    vault.detokenize(spent)
    vault.clock.advance(seconds=1)
    for token in ("tok_" + "A" * 28, "13812345678", foreign, spent, expired):
        caller = vault.caller()
        with pytest.raises(NotFoundError):
            act(vault, caller, token)
        assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("failed", "not_found")]


@BOTH_ACTS
def test_a_role_that_may_not_is_refused_before_the_token_is_looked_at(vault: Vault, act: Act) -> None:
    token = vault.token()
    for text in (token, "tok_" + "A" * 28):
        caller = vault.caller("merchant")
        with pytest.raises(DeniedError):
            act(vault, caller, text)
        assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "policy")]
    assert vault.seen(token) == ["13812345678"]


@BOTH_ACTS
def test_an_act_is_recorded_with_person_record_and_kind(vault: Vault, act: Act) -> None:
    token, caller = vault.token(), vault.caller()
    act(vault, caller, token)
    (entry,) = vault.entries(request=caller.request)
    (stored,) = vault.entries(action="vault.tokenize")
    assert entry["action"] == ("vault.token_read" if act is read else "vault.token_revoke")
    assert (entry["subjects"], entry["rows"], entry["kind"]) == (stored["subjects"], stored["rows"], "phone")


@BOTH_ACTS
def test_a_damaged_person_makes_the_token_not_found(vault: Vault, act: Act) -> None:
    token = vault.token()
    vault.damage("UPDATE dek SET wrapped = :octets", octets=bytes(61))
    with pytest.raises(NotFoundError):
        act(vault.another_process(), vault.caller(), token)
