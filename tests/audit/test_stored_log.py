"""Writing entries with the act and finding out when they do not fit it any more, on both databases."""

import uuid
from typing import Any

import orjson
import pytest

from audit import verification
from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from audit.merkle import leaf_hash
from audit.reader import AuditReader
from audit.verification import verify
from database.engine import Database
from database.statement import Statement
from database.transaction import Transaction
from tests.support.vault import OTHER_TENANT, Vault, submitted

AT = 1_793_606_400_123


def append(database: Database, *, tenant: int = 1, rows: int = 1) -> str:
    act = Act(
        Action.TOKENIZE, Actor(ActorKind.SYSTEM), tenant, AT, str(uuid7(AT)),
        [Group(Outcome.DONE, rows=list(range(1, rows + 1)))],
    )  # fmt: skip
    database.write(tenant, lambda tx: AuditLog().append(tx, act))
    return act.request


def tamper(database: Database, text: str, **parameters: Any) -> None:
    assert database.write(None, lambda tx: tx.run(Statement(text), **parameters)) == 1


@pytest.fixture
def log(database: Database) -> Database:
    """Three acts of tenant 1, the second with three entries, and one of tenant 2."""
    for rows in (1, 1_200, 1):
        append(database, rows=rows)
    append(database, tenant=OTHER_TENANT)
    return database


def whys(database: Database) -> list[str]:
    return [divergence.why for divergence in verify(database).divergences]


def test_an_empty_and_an_untouched_log_are_in_order(database: Database) -> None:
    assert verify(database) == verification.Verdict(0, 0, ())
    for rows in (1, 1_200):
        append(database, rows=rows)
    assert verify(database) == verification.Verdict(4, 2, ())


def test_everything_the_vault_does_verifies(vault: Vault) -> None:
    tokens = [vault.token(), vault.token(submitted("王小明", "name"))]
    vault.detokenize(*tokens, "tok_nothing")
    vault.detokenize(*tokens, caller=vault.caller("auditor"))
    vault.tokenize(submitted("1"))
    verdict = verify(vault.database)
    assert verdict.divergences == ()
    assert verdict.acts >= 5


def test_an_entry_taken_away_names_its_act(log: Database) -> None:
    (act,) = log.read(None, lambda tx: tx.all(Statement("SELECT act FROM audit_entry WHERE id = 3")))[0]
    tamper(log, "DELETE FROM audit_entry WHERE id = 3")
    (divergence,) = verify(log).divergences
    assert divergence.where == f"act {uuid.UUID(bytes=bytes(act))} (vault.tokenize)"
    assert divergence.why == "has 2 of its 3 entries"


def test_an_act_cannot_be_taken_away_from_its_entries(log: Database) -> None:
    (act,) = log.read(None, lambda tx: tx.all(Statement("SELECT act FROM audit_entry WHERE id = 1")))[0]
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        log.write(None, lambda tx: tx.run(Statement("DELETE FROM audit_act WHERE id = :act"), act=bytes(act)))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("tenant = 2", "its columns do not say what its bytes say"),
        ("part = 7", "its columns do not say what its bytes say"),
        ("leaf = :octets", "its leaf is not the hash of its bytes"),
        ("body = :octets", "its leaf is not the hash of its bytes"),
        ("body = :octets, leaf = :leaf", "its bytes are not canonical"),
    ],
    ids=["tenant", "part", "leaf", "body", "body_and_leaf"],
)
def test_a_changed_entry_is_found(database: Database, change: str, why: str) -> None:
    append(database)
    if change == "tenant = 2":
        columns = "id, request, action, at, parts"
        tamper(database, f"INSERT INTO audit_act (tenant, {columns}) SELECT 2, {columns} FROM audit_act")
    octets = b'{"v": 1, "act": "spaces"}'
    text = f"UPDATE audit_entry SET {change} WHERE id = 1"
    given = {name: value for name, value in {"octets": octets, "leaf": leaf_hash(octets)}.items() if f":{name}" in text}
    tamper(database, text, **given)
    assert why in whys(database)


@pytest.mark.parametrize("change", ["parts = 2", "action = 'vault.search'"])
def test_a_changed_act_is_found(database: Database, change: str) -> None:
    append(database)
    tamper(database, f"UPDATE audit_act SET {change}")
    assert "its act says something else" in whys(database)


def test_an_entry_rewritten_with_its_hash_but_for_another_tenant_is_found(database: Database) -> None:
    append(database)
    (body,) = database.read(None, lambda tx: tx.all(Statement("SELECT body FROM audit_entry")))[0]
    forged = orjson.dumps({**orjson.loads(bytes(body)), "tenant": 9}, option=orjson.OPT_SORT_KEYS)
    tamper(database, "UPDATE audit_entry SET body = :body, leaf = :leaf", body=forged, leaf=leaf_hash(forged))
    assert whys(database) == ["its columns do not say what its bytes say"]


def test_pages_of_any_size_find_the_same(log: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tamper(log, "DELETE FROM audit_entry WHERE id = 2")
    whole = verify(log)
    for size in (1, 2, 3):
        monkeypatch.setattr(verification, "AT_ONCE", size)
        assert verify(log) == whole


def test_an_act_that_fails_takes_its_entry_with_it(database: Database) -> None:
    act = Act(Action.TOKENIZE, Actor(ActorKind.SYSTEM), 1, AT, str(uuid7(AT)))

    def fail(tx: Transaction) -> None:
        AuditLog().append(tx, act)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(1, fail)
    assert verify(database) == verification.Verdict(0, 0, ())


def test_the_entries_of_a_request_are_read_in_order_and_in_their_tenant_only(log: Database) -> None:
    reader, request = AuditReader(log), append(log, rows=600)
    assert [entry["part"] for entry in reader.of_request(1, request)] == [1, 2]
    assert reader.of_request(OTHER_TENANT, request) == []
