"""The ledger of what was destroyed: it is whole, in order and signed, or it is refused, whatever was done to its files."""

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.vault import Vault
from vault.errors import LedgerError
from vault.ledger_line import LINE_BYTES, Event, LineKind, Position, backup, erasure, parse, written
from vault.shred_ledger import ShredLedger
from vault.shredding import ShredReason

PATHS = "shred.ledger", "ledger.head", "ledger.key"


def begun(directory: Path) -> ShredLedger:
    directory.mkdir(mode=0o700, exist_ok=True)
    ledger = ShredLedger(directory, directory)
    ledger.create()
    return ledger


def told(subject: int) -> Event:
    return erasure(tenant=1, subject=subject, version=1, at=1_793_606_400_000 + subject, reason="erasure_request")


def reopened(directory: Path) -> ShredLedger:
    ledger = ShredLedger(directory, directory)
    ledger.open()
    return ledger


def cause(directory: Path) -> str:
    """Why the ledger cannot be relied on."""
    before = {name: (directory / name).read_bytes() for name in PATHS if (directory / name).exists()}
    with pytest.raises(LedgerError) as refused:
        reopened(directory)
    assert {name: (directory / name).read_bytes() for name in before} == before, "it changed what it refused"
    return refused.value.cause


def test_what_was_appended_is_read_again_by_any_process(tmp_path: Path) -> None:
    ledger = begun(tmp_path / "keys")
    other = reopened(tmp_path / "keys")
    lines = [ledger.append(told(1)), other.append(told(2)), ledger.append(told(3))]
    assert [line.position.lines for line in lines] == [1, 2, 3]
    assert [line.event for line in reopened(tmp_path / "keys").lines()] == [told(1), told(2), told(3)]
    assert [line.event.subject for line in reopened(tmp_path / "keys").lines(2)] == [3]
    assert other.advance() == lines[-1].position
    assert other.verify() == 3


def test_backups_are_remembered_beside_erasures(tmp_path: Path) -> None:
    ledger = begun(tmp_path / "keys")
    copy = backup(archive=bytes(range(16)), half="keyring", at=5, until=9)
    ledger.append(told(1))
    ledger.append(copy)
    assert ledger.backups() == reopened(tmp_path / "keys").backups() == [copy]


@given(
    st.sampled_from(LineKind),
    st.lists(st.integers(0, 2**63 - 1), min_size=5, max_size=5),
    st.integers(0, 2**31 - 1),
    st.binary(min_size=16, max_size=16),
    st.from_regex("[a-z][a-z_]{0,23}", fullmatch=True),
)
def test_a_line_says_what_it_was_given(
    kind: LineKind, numbers: list[int], version: int, archive: bytes, code: str
) -> None:
    at, tenant, subject, until, number = numbers
    event = Event(kind, at, code, tenant=tenant, subject=subject, version=version, until=until, archive=archive)
    after = Position(number, bytes(32))
    octets = written(event.body(number + 1, after.digest), bytes(64))
    assert len(octets) == LINE_BYTES
    assert parse(octets, after).event == event


@given(st.binary(max_size=2 * LINE_BYTES))
def test_what_is_no_line_is_refused(octets: bytes) -> None:
    with pytest.raises(LedgerError):
        parse(octets, Position(0, bytes(32)))


def flip(path: Path, at: int) -> None:
    octets = bytearray(path.read_bytes())
    octets[at] ^= 1
    path.write_bytes(octets)


TAMPERINGS: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "the ledger is gone": (lambda keys: (keys / "shred.ledger").unlink(), {"missing"}),
    "its key is gone": (lambda keys: (keys / "ledger.key").unlink(), {"key_missing"}),
    "its head is gone": (lambda keys: (keys / "ledger.head").unlink(), {"head_missing"}),
    "its last line is gone": (lambda keys: os.truncate(keys / "shred.ledger", 119 + 2 * LINE_BYTES), {"cut"}),
    "all lines are gone": (lambda keys: os.truncate(keys / "shred.ledger", 119), {"cut"}),
    "half a line is gone": (lambda keys: os.truncate(keys / "shred.ledger", 119 + 3 * LINE_BYTES - 9), {"cut"}),
    "its head was changed": (lambda keys: flip(keys / "ledger.head", 70), {"damaged"}),
    "its name was changed": (lambda keys: flip(keys / "shred.ledger", 30), {"foreign"}),
    "others may read the key": (lambda keys: (keys / "ledger.key").chmod(0o644), {"readable_by_others"}),
    "the key is another text": (lambda keys: (keys / "ledger.key").write_text("nothing"), {"damaged"}),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_ledger_that_is_not_what_it_was_is_refused_and_left_alone(tmp_path: Path, tampering: str) -> None:
    ledger, keys = begun(tmp_path / "keys"), tmp_path / "keys"
    for subject in (1, 2, 3):
        ledger.append(told(subject))
    tamper, causes = TAMPERINGS[tampering]
    tamper(keys)
    assert cause(keys) in causes


@pytest.mark.parametrize("line", [0, 1, 2])
@pytest.mark.parametrize("place", [0, 40, 200, 250, 340])
def test_no_line_can_be_changed(tmp_path: Path, line: int, place: int) -> None:
    ledger, keys = begun(tmp_path / "keys"), tmp_path / "keys"
    for subject in (1, 2, 3):
        ledger.append(told(subject))
    flip(keys / "shred.ledger", 119 + line * LINE_BYTES + place)
    assert cause(keys) in {"damaged", "forked"}


def test_an_older_ledger_put_back_is_noticed_by_its_head(tmp_path: Path) -> None:
    ledger, keys = begun(tmp_path / "keys"), tmp_path / "keys"
    ledger.append(told(1))
    old = (keys / "shred.ledger").read_bytes()
    ledger.append(told(2))
    (keys / "shred.ledger").write_bytes(old)
    assert cause(keys) == "cut"
    with pytest.raises(LedgerError):
        ledger.append(told(3))
    with pytest.raises(LedgerError):
        ledger.advance()


def test_a_ledger_written_on_without_its_key_is_another_one(tmp_path: Path) -> None:
    ledger, keys = begun(tmp_path / "keys"), tmp_path / "keys"
    fork = begun(tmp_path / "fork")
    for subject in (1, 2):
        ledger.append(told(subject))
        fork.append(told(subject + 10))
    theirs = (tmp_path / "fork" / "shred.ledger").read_bytes()
    (keys / "shred.ledger").write_bytes((keys / "shred.ledger").read_bytes()[:119] + theirs[119:])
    assert cause(keys) == "forked"


@pytest.mark.parametrize("left", [b"v1 e 00", b"\0" * LINE_BYTES, b"x" * (LINE_BYTES - 1)])
def test_what_a_writer_left_when_it_died_is_no_line_and_the_next_one_cuts_it_off(tmp_path: Path, left: bytes) -> None:
    ledger, keys = begun(tmp_path / "keys"), tmp_path / "keys"
    ledger.append(told(1))
    with (keys / "shred.ledger").open("ab") as file:
        file.write(left)
    restarted = reopened(keys)
    assert [line.event.subject for line in restarted.lines()] == [1]
    restarted.append(told(2))
    assert [line.event.subject for line in reopened(keys).lines()] == [1, 2]


def test_a_line_without_its_head_counts_because_it_is_signed(tmp_path: Path) -> None:
    ledger, keys = begun(tmp_path / "keys"), tmp_path / "keys"
    ledger.append(told(1))
    head = (keys / "ledger.head").read_bytes()
    ledger.append(told(2))
    (keys / "ledger.head").write_bytes(head)
    assert [line.event.subject for line in reopened(keys).lines()] == [1, 2]


def test_much_that_is_no_line_is_not_cut_off(tmp_path: Path) -> None:
    ledger, keys = begun(tmp_path / "keys"), tmp_path / "keys"
    ledger.append(told(1))
    with (keys / "shred.ledger").open("ab") as file:
        file.write(b"x" * (LINE_BYTES + 1))
    before = (keys / "shred.ledger").read_bytes()
    with pytest.raises(LedgerError):
        reopened(keys).append(told(2))
    assert (keys / "shred.ledger").read_bytes() == before


def append_many(directory: Path, first: int) -> None:
    ledger = reopened(directory)
    for subject in range(first, first + 20):
        ledger.append(told(subject))


def test_processes_that_append_at_once_make_one_chain(tmp_path: Path) -> None:
    begun(tmp_path / "keys")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=append_many, args=(tmp_path / "keys", 100 * n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    ledger = reopened(tmp_path / "keys")
    assert ledger.verify() == 60
    assert sorted(line.event.subject for line in ledger.lines()) == sorted(
        100 * n + place for n in range(3) for place in range(20)
    )


def test_the_ledger_has_its_place_apart_from_the_keys(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "apart").mkdir()
    ledger = ShredLedger(tmp_path / "apart", tmp_path / "keys")
    ledger.create()
    ledger.append(told(1))
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {"ledger.key", "ledger.head"}
    assert [path.name for path in (tmp_path / "apart").iterdir()] == ["shred.ledger"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o600}


def shred(vault: Vault, subject: str) -> None:
    vault.shredding.shred(vault.caller("privacy_officer"), subject, ShredReason.TEST)


def test_a_database_that_is_further_than_the_ledger_is_refused(vault: Vault) -> None:
    """The ledger and its head were both rolled back; the database tells."""
    vault.token()
    before = {name: (vault.keys / name).read_bytes() for name in PATHS}
    shred(vault, "cust-1001")
    for name, octets in before.items():
        (vault.keys / name).write_bytes(octets)
    with pytest.raises(LedgerError) as refused:
        vault.another_process()
    assert refused.value.cause == "behind_database"


def test_a_ledger_of_another_deployment_is_refused(vault: Vault, tmp_path: Path) -> None:
    vault.token()
    for name in PATHS:
        (vault.keys / name).unlink()
    with pytest.raises(LedgerError) as refused:
        vault.another_process()
    assert refused.value.cause == "key_missing"
    begun(tmp_path / "other")
    for name in PATHS:
        (tmp_path / "other" / name).rename(vault.keys / name)
    with pytest.raises(LedgerError) as refused:
        vault.another_process()
    assert refused.value.cause == "other_database"


def test_what_is_in_no_line(vault: Vault) -> None:
    vault.token()
    shred(vault, "cust-1001")
    text = (vault.keys / "shred.ledger").read_text("ascii")
    assert "cust-1001" not in text
    assert "test" in text
