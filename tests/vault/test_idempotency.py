"""Repeated calls: the answer of the first, once, for a day, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from database.engine import Database
from tests.support.clock import Clock
from tests.support.postgres import Cluster
from tests.support.vault import Gates, Vault, submitted
from vault.item import AtomicBatchError, Issued
from vault.shredding import ShredReason
from work.errors import IdempotencyMismatchError
from work.replay import Replay

PHONE = "13812345678"


def replay(key: str = "key-1", body: bytes = b"body", *, credential: int = 1, route: str = "tokenize") -> Replay:
    return Replay(1, credential, route, key, body)


def batch(vault: Vault, repeated: Replay) -> list[Any]:
    items = (submitted(), submitted("1"), submitted(mode="fresh"), submitted(format="preserving"), submitted())
    return vault.tokenize(*items, replay=repeated)


def test_a_repeated_call_gets_the_first_answer_and_does_nothing(vault: Vault) -> None:
    first = batch(vault, replay())
    before = vault.dump()
    assert batch(vault, replay()) == first
    assert [one.created for one in first if isinstance(one, Issued)] == [True, True, True, False]
    assert vault.dump() == before


def test_without_a_key_or_with_another_one_the_call_is_another(vault: Vault) -> None:
    first = batch(vault, replay())
    for other in (
        vault.tokenize(submitted(mode="fresh")),
        vault.tokenize(submitted(mode="fresh"), replay=replay("key-2")),
        vault.tokenize(submitted(mode="fresh"), replay=replay(credential=2)),
        vault.tokenize(submitted(mode="fresh"), replay=replay(route="other")),
    ):
        assert isinstance(other[0], Issued)
        assert other[0].token != first[2].token
    assert vault.sql("SELECT count(*) FROM record") == [(7,)]


def test_another_body_under_the_same_key_is_refused_and_stores_nothing(vault: Vault) -> None:
    batch(vault, replay())
    before = vault.dump()
    with pytest.raises(IdempotencyMismatchError):
        vault.tokenize(submitted("13987654321"), replay=replay(body=b"other"))
    assert vault.dump() == before


def test_a_batch_in_which_nothing_was_stored_repeats_its_errors(vault: Vault) -> None:
    first = vault.tokenize(submitted("1"), submitted(" "), replay=replay())
    assert vault.tokenize(submitted("1"), submitted(" "), replay=replay()) == first


def test_a_key_is_free_again_after_a_day(vault: Vault) -> None:
    first = batch(vault, replay())
    vault.clock.advance(hours=23, minutes=59, seconds=59)
    assert batch(vault, replay()) == first
    vault.clock.advance(seconds=1)
    second = vault.tokenize(submitted(mode="fresh"), replay=replay(body=b"other"))
    assert isinstance(second[0], Issued)
    assert vault.tokenize(submitted(mode="fresh"), replay=replay(body=b"other")) == second
    assert vault.sql("SELECT count(*) FROM idempotency") == [(1,)]


def test_an_atomic_batch_that_failed_leaves_its_key_free(vault: Vault) -> None:
    vault.token(submitted(subject="cust-2"))
    vault.shredding.freeze(vault.caller("risk"), "cust-2")
    for spoiled in (submitted("1"), submitted(subject="cust-2")):
        with pytest.raises(AtomicBatchError):
            vault.tokenize(submitted(), spoiled, atomic=True, replay=replay())
    (answer,) = vault.tokenize(submitted(), atomic=True, replay=replay(body=b"corrected"))
    assert isinstance(answer, Issued)


def test_nothing_that_was_submitted_is_kept(vault: Vault) -> None:
    batch(vault, replay("key-of-the-call", b'{"value": "13812345678"}'))
    stored = repr(vault.sql("SELECT * FROM idempotency"))
    for secret in ("key-of-the-call", PHONE, "tok_"):
        assert secret not in stored


def test_a_record_revoked_in_between_is_not_found_in_the_repeated_answer(vault: Vault) -> None:
    first = batch(vault, replay())
    vault.tokens.revoke(vault.caller(), first[2].token)
    again = batch(vault, replay())
    assert [getattr(one, "code", "ok") for one in again] == ["ok", "not_a_phone", "not_found", "ok", "ok"]


def test_shredding_a_person_forgets_the_calls_that_named_them(vault: Vault) -> None:
    vault.tokenize(submitted(), submitted(subject="cust-2"), replay=replay("both"))
    vault.tokenize(submitted(subject="cust-2"), replay=replay("other"))
    vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.TEST)
    assert vault.sql("SELECT count(*) FROM idempotency") == [(1,)]
    assert vault.sql("SELECT count(*) FROM idempotency_subject") == [(1,)]
    (answer,) = vault.tokenize(submitted(), replay=replay("both"))
    assert getattr(answer, "code", "") == "subject_erased"


def test_24_parallel_repetitions_do_it_once(vault: Vault) -> None:
    processes = [vault.another_process(), vault]

    def call(number: int) -> Any:
        return processes[number % 2].tokenize(submitted(mode="fresh"), submitted(), replay=replay())

    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(call, range(24)))
    assert all(answer == answers[0] for answer in answers)
    assert vault.sql("SELECT count(*) FROM record") == [(2,)]
    assert len(vault.entries(action="vault.tokenize")) == 1


@pytest.mark.postgres
def test_a_repetition_that_overtakes_the_first_call_is_the_one_that_counts(
    cluster: Cluster, tmp_path: Path, clock: Clock, gates: Gates
) -> None:
    overtaking: list[Any] = []

    def overtake(text: str, _tenant: int | None) -> None:
        if text.startswith("DELETE FROM idempotency") and not overtaking:
            overtaking.append("under way")
            overtaking[0] = fast.tokenize(submitted(mode="fresh"), replay=replay())

    with cluster.fresh() as name:
        databases = Database(cluster.url(name), observe=overtake), Database(cluster.url(name))
        slow = Vault(databases[0], tmp_path / "keys", clock, gates)
        fast = slow.another_process(databases[1])
        fast.token(submitted(subject="cust-2"))
        try:
            assert slow.tokenize(submitted(mode="fresh"), replay=replay()) == overtaking[0]
            assert fast.sql("SELECT count(*) FROM record") == [(2,)]
        finally:
            for database in databases:
                database.dispose()


def test_a_repeated_detokenization_decides_again_and_spends_no_further_use(vault: Vault) -> None:
    token = vault.token(submitted(mode="fresh", max_uses=2))
    repeated = replay(route="detokenize")
    for _ in range(3):
        assert vault.seen(token, replay=repeated) == [PHONE]
    assert vault.tokens.get(vault.caller(), token).uses_left == 1
    assert len(vault.entries(action="vault.detokenize")) == 3
    vault.gates.without_consent.add("delivery")
    assert vault.seen(token, replay=repeated) == ["no_consent"]


def test_a_repetition_of_another_detokenization_is_refused(vault: Vault) -> None:
    first, second = vault.token(), vault.token(submitted("13987654321"))
    vault.detokenize(first, replay=replay(body=b"first"))
    with pytest.raises(IdempotencyMismatchError):
        vault.detokenize(second, replay=replay(body=b"second"))
