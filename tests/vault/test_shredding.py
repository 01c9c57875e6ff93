"""Freezing, and destroying for good, on both databases."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from database.statement import Statement
from database.transaction import Transaction
from tests.support.vault import OTHER_TENANT, Vault, submitted
from vault.access import Caller
from vault.errors import DeniedError, HeldError, LedgerError, NotFoundError, SubjectErasedError
from vault.handover.stage import Stage
from vault.item import Issued
from vault.ledger_line import Event, Line
from vault.shredding import Shredded, ShredReason
from vault.subject import SubjectState
from work.replay import Replay

SUBJECT = "cust-1001"


def shred(vault: Vault, subject: str = SUBJECT, caller: Caller | None = None) -> Shredded:
    return vault.shredding.shred(caller or vault.caller("privacy_officer"), subject, ShredReason.ERASURE_REQUEST)


def fill(vault: Vault) -> None:
    """Give the person, who is number 1, something in every table that can hold it, and somebody else something too."""
    vault.token()
    replay = Replay(1, vault.caller().credential, "tokenize", "key-1", b"body")
    vault.tokenize(
        submitted(),
        submitted(format="preserving"),
        submitted("王小明", "name", mode="fresh", max_uses=3),
        submitted("13987654321", subject="cust-2"),
        replay=replay,
    )
    vault.profiles.put(vault.caller(), SUBJECT, {"phone": "13711112222"}, type_="customer", purpose="account")
    vault.assign("o-9", SUBJECT, Stage.ASSIGNED)
    vault.detokenize(vault.token(), replay=Replay(1, 1, "detokenize", "key-2", b"body"))


def octets_of(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def test_nothing_of_a_shredded_person_is_left_in_any_table(vault: Vault) -> None:
    fill(vault)
    secrets = {
        octets_of(value)
        for text in (
            "SELECT sealed, fingerprint FROM record WHERE subject = 1",
            "SELECT fingerprint, NULL FROM search_index WHERE record IN (SELECT id FROM record WHERE subject = 1)",
            "SELECT wrapped, NULL FROM dek WHERE subject = 1",
            "SELECT sealed_identity, NULL FROM subject WHERE id = 1",
        )
        for row in vault.sql(text)
        for value in row
    } - {b""}
    assert len(secrets) >= 8
    receipt = shred(vault)
    assert receipt[:2] == (SUBJECT, "2026-11-02T08:00:00.000Z")
    dump = vault.dump()
    left = [name for name, rows in dump.items() for row in rows for value in row if octets_of(value) in secrets]
    assert left == []
    of_subject = {
        name: vault.sql(f"SELECT * FROM {name} WHERE {column} = 1")
        for name, column in (
            ("record", "subject"),
            ("dek", "subject"),
            ("subject_field", "subject"),
            ("idempotency_subject", "subject"),
            ("assignment", "courier"),
        )
    }
    assert [name for name, rows in of_subject.items() if rows] == []
    assert vault.sql("SELECT state, type, sealed_identity FROM subject WHERE id = 1") == [("erased", None, None)]
    assert dump["idempotency"] == []
    assert len(dump["record"]) == len(dump["search_index"]) == len(dump["record_use"]) == len(dump["dek"]) == 1


def test_others_keep_what_is_theirs(vault: Vault) -> None:
    theirs = vault.token(submitted("13987654321", subject="cust-2"))
    foreign = vault.caller(tenant=OTHER_TENANT)
    namesake = vault.token(caller=foreign)
    vault.token()
    shred(vault)
    assert vault.seen(theirs) == ["13987654321"]
    assert vault.seen(namesake, caller=vault.caller(tenant=OTHER_TENANT)) == ["13812345678"]


def test_an_erased_person_stays_erased(vault: Vault) -> None:
    vault.token()
    shred(vault)
    for again in (lambda: shred(vault), lambda: vault.shredding.freeze(vault.caller("risk"), SUBJECT)):
        with pytest.raises(NotFoundError):
            again()
    (answer,) = vault.tokenize(submitted())
    assert not isinstance(answer, Issued)
    assert answer.code == "subject_erased"
    with pytest.raises(SubjectErasedError):
        vault.assign("o-1", SUBJECT, Stage.ASSIGNED)


def test_shredding_is_recorded_with_the_pseudonym_that_is_then_without_a_key(vault: Vault) -> None:
    vault.token()
    caller = vault.caller("privacy_officer")
    shred(vault, caller=caller)
    (entry,) = vault.entries(request=caller.request)
    (stored,) = vault.entries(action="vault.tokenize")
    assert (entry["action"], entry["outcome"]) == ("vault.subject_shred", "done")
    assert entry["subjects"] == stored["subjects"]
    assert SUBJECT not in repr(entry)
    assert vault.sql("SELECT subject, reason, asked_at, destroyed_at FROM shredding") == [
        (1, "erasure_request", 1793606400000, 1793606400000)
    ]


def test_a_hold_keeps_everything_and_is_recorded(vault: Vault) -> None:
    token = vault.token()
    vault.gates.held_subjects.add(1)
    caller = vault.caller("privacy_officer")
    with pytest.raises(HeldError):
        shred(vault, caller=caller)
    assert vault.seen(token) == ["13812345678"]
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "held")]
    assert vault.sql("SELECT * FROM shredding") == []
    vault.gates.held_subjects.clear()
    shred(vault)
    assert vault.seen(token) == ["not_found"]


@pytest.mark.parametrize("role", ["service", "support", "risk", "auditor", "operator", "admin"])
def test_a_role_that_may_not_shred_is_refused_and_recorded(vault: Vault, role: str) -> None:
    token, caller = vault.token(), vault.caller(role)
    with pytest.raises(DeniedError):
        shred(vault, caller=caller)
    assert vault.seen(token) == ["13812345678"]
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "policy")]


def test_an_unknown_or_foreign_person_is_not_found_and_recorded(vault: Vault) -> None:
    vault.token(caller=vault.caller(tenant=OTHER_TENANT))
    caller = vault.caller("privacy_officer")
    with pytest.raises(NotFoundError):
        shred(vault, caller=caller)
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("failed", "not_found")]
    assert vault.sql("SELECT state FROM subject") == [("active",)]


class CrashError(BaseException):
    """The process ends here."""


AFTER_INTENT, AFTER_LINE = "vault.shred_ledger.ShredLedger.append", "vault.destruction._destroy"


def crash_at(where: str, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr(where, crash)
        with pytest.raises(CrashError):
            shred(vault)


@pytest.mark.parametrize("where", [AFTER_INTENT, AFTER_LINE])
def test_after_a_crash_between_intent_and_destruction_nothing_can_be_used_and_a_start_finishes_it(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    token = vault.token()
    crash_at(where, vault, monkeypatch)
    assert vault.seen(token) == ["frozen"]
    with pytest.raises(SubjectErasedError):
        vault.shredding.unfreeze(vault.caller("risk"), SUBJECT)
    vault.clock.advance(minutes=1)
    restarted = vault.another_process()
    assert restarted.seen(token) == ["not_found"]
    assert vault.sql("SELECT destroyed_at - asked_at, line FROM shredding") == [(60_000 * (where == AFTER_INTENT), 1)]
    (entry,) = vault.entries(action="vault.subject_shred")
    assert (entry["outcome"], entry["actor"]["kind"]) == ("done", "system")
    assert restarted.destruction.catch_up() == 0
    assert len(vault.entries(action="vault.subject_shred")) == 1
    assert [line.event.subject for line in restarted.ledger.lines()] == [1]


def test_a_shredding_that_crashed_can_be_asked_for_again(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.token()
    crash_at(AFTER_INTENT, vault, monkeypatch)
    shred(vault)
    assert vault.sql("SELECT count(*) FROM shredding WHERE destroyed_at IS NOT NULL") == [(1,)]


def test_a_hold_placed_after_the_crash_does_not_bring_the_person_back(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = vault.token()
    crash_at(AFTER_INTENT, vault, monkeypatch)
    vault.gates.held_subjects.add(1)
    with pytest.raises(HeldError):
        shred(vault)
    assert vault.seen(token) == ["frozen"]


@pytest.mark.parametrize("act", ["freeze", "unfreeze"])
def test_freezing_is_recorded_and_refused_to_those_who_may_not(vault: Vault, act: str) -> None:
    vault.token()

    def call(caller: Caller, subject: str = SUBJECT) -> SubjectState:
        use_case: Callable[[Caller, str], SubjectState] = getattr(vault.shredding, act)
        return use_case(caller, subject)

    officer, support, lost = vault.caller("risk"), vault.caller("support"), vault.caller("risk")
    assert call(officer) is {"freeze": SubjectState.FROZEN, "unfreeze": SubjectState.ACTIVE}[act]
    with pytest.raises(DeniedError):
        call(support)
    with pytest.raises(NotFoundError):
        call(lost, "cust-unknown")
    for caller, expected in ((officer, "done"), (support, "denied"), (lost, "failed")):
        (entry,) = vault.entries(request=caller.request)
        assert (entry["action"], entry["outcome"]) == (f"vault.subject_{act}", expected)


def test_shredding_and_writing_at_once_end_with_nothing_left(vault: Vault) -> None:
    vault.token()

    def write(number: int) -> object:
        return vault.tokenize(submitted(f"138{number:08}"), submitted(f"137{number:08}", mode="fresh"))

    with ThreadPoolExecutor(8) as threads:
        calls: list[Future[object]] = [threads.submit(write, number) for number in range(8)]
        calls.append(threads.submit(lambda: shred(vault)))
        calls += [threads.submit(write, number) for number in range(8, 16)]
        for call in calls:
            call.result()
    assert vault.sql("SELECT count(*) FROM record") == [(0,)]
    assert vault.sql("SELECT count(*) FROM dek") == [(0,)]


class Remembering:
    """A package that keeps rows of people."""

    def __init__(self, fails: bool = False) -> None:
        self.told: list[tuple[int, int, int]] = []
        self.fails = fails

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:
        """Take note, or fail as code with a fault does."""
        assert tx.all(Statement("SELECT * FROM dek WHERE tenant = :tenant AND subject = 1"), tenant=tenant) == []
        if self.fails:
            raise RuntimeError
        self.told.append((tenant, subject_number, at))


def test_others_hear_of_an_erasure_in_its_transaction(vault: Vault) -> None:
    listener = Remembering()
    vault.gates.listeners.append(listener)
    vault.token()
    shred(vault)
    assert listener.told == [(1, 1, 1793606400000)]


def test_where_one_of_them_fails_nothing_is_destroyed_and_a_start_tries_again(vault: Vault) -> None:
    listener = Remembering(fails=True)
    vault.gates.listeners.append(listener)
    token = vault.token()
    with pytest.raises(RuntimeError):
        shred(vault)
    assert vault.seen(token) == ["frozen"]
    listener.fails = False
    assert vault.another_process().seen(token) == ["not_found"]
    assert len(listener.told) == 1


def test_a_key_that_was_exchanged_on_the_way_gets_a_line_of_its_own(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.token()
    append = vault.ledger.append

    def exchanged_meanwhile(event: Event) -> Line:
        line = append(event)
        vault.damage("UPDATE dek SET version = 2 WHERE tenant = 1 AND subject = 1 AND version = 1")
        return line

    monkeypatch.setattr(vault.ledger, "append", exchanged_meanwhile)
    shred(vault)
    assert [line.event.version for line in vault.ledger.lines()] == [1, 2]
    assert vault.sql("SELECT line FROM shredding") == [(2,)]
    assert vault.sql("SELECT * FROM dek") == []


def test_nothing_is_destroyed_that_the_ledger_does_not_say(vault: Vault) -> None:
    token = vault.token()
    (vault.keys / "shred.ledger").unlink()
    with pytest.raises(LedgerError):
        shred(vault)
    assert vault.seen(token) == ["frozen"]
    assert vault.sql("SELECT count(*) FROM dek") == [(1,)]
