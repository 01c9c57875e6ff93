"""The publisher: everything gets its index once, what is published stays true, and what cannot be is refused."""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
import pytest

from audit.directory import LogDirectory
from audit.errors import AuditError, PathOccupiedError, RefusedError
from audit.merkle import leaf_hash, root_of
from audit.publisher import Publisher, Step
from audit.tile import tiles_between
from database.engine import Database
from database.statement import Statement
from tests.audit.deployment import Keys, Log
from tests.support.clock import Clock


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: Clock) -> Log:
    return Log(database, tmp_path / "audit", clock)


class KilledError(Exception):
    """Stands for the end of the process: nothing after it runs."""


def killed_at(step: Step) -> Callable[[Step], None]:
    def reached(now: Step) -> None:
        if now is step:
            raise KilledError

    return reached


def drain(publisher: Publisher) -> None:
    while publisher.run_once():
        pass


def change(log: Log, text: str) -> None:
    log.database.write(None, lambda tx: tx.run(Statement(text)))


@pytest.mark.parametrize("count", [1, 255, 256, 257, 700])
def test_what_was_appended_is_published_in_order_under_a_signed_root(log: Log, count: int) -> None:
    log.act(count)
    checkpoint = log.publish()
    assert checkpoint.size == count
    assert [entry["rows"][0] for entry in log.entries()] == list(range(1, count + 1))
    assert checkpoint.root == root_of([leaf_hash(body) for body in log.bodies()])


def test_an_empty_log_publishes_nothing(log: Log) -> None:
    publisher = log.publisher()
    assert not publisher.run_once()
    assert log.directory.files(1).checkpoint() is None


def test_entries_of_every_tenant_stand_in_one_log(log: Log) -> None:
    log.act(tenant=1)
    log.act(tenant=2)
    log.publish()
    assert {entry["tenant"] for entry in log.entries()} == {1, 2}


def test_later_entries_extend_what_was_published(log: Log) -> None:
    publisher = log.publisher()
    sizes = []
    for count in (1, 300, 5, 0, 600):
        log.act(count)
        drain(publisher)
        sizes.append(log.published().size)
    assert sizes == [1, 301, 306, 306, 906]
    assert log.published().root == root_of([leaf_hash(body) for body in log.bodies()])


def test_more_than_one_batch_is_numbered_without_waiting(log: Log) -> None:
    log.act(5_000)
    publisher = log.publisher()
    assert publisher.run_once()
    assert log.published().size == 4_096
    assert not publisher.run_once()
    assert log.published().size == 5_000


@pytest.mark.parametrize("step", [step for step in Step if step not in {Step.COSIGNED, Step.MARKED}])
def test_killed_at_any_step_nothing_is_lost_or_numbered_twice(log: Log, step: Step) -> None:
    log.act(300)
    log.publish()
    log.act(300)
    dying = log.publisher(reached=killed_at(step))
    with pytest.raises(KilledError):
        drain(dying)
    dying._around.directory.release()
    log.act(10)
    checkpoint = log.publish()
    assert checkpoint.size == 610
    assert [entry["rows"][0] for entry in log.entries()] == list(range(1, 611))
    assert checkpoint.root == root_of([leaf_hash(body) for body in log.bodies()])


def test_a_second_process_on_the_host_does_nothing(log: Log) -> None:
    first, second = log.publisher(), log.publisher()
    log.act(3)
    drain(first)
    log.act(3)
    assert not second.run_once()
    assert log.published().size == 3
    first.close()
    drain(second)
    assert log.published().size == 6


def test_a_second_host_follows_with_files_of_its_own(log: Log, tmp_path: Path) -> None:
    other = Log(log.database, tmp_path / "elsewhere", log.clock)
    leader, follower = log.publisher(), other.publisher()
    for _ in range(3):
        log.act(200)
        drain(leader)
        drain(follower)
        assert other.published() == log.published()
        assert other.bodies() == log.bodies()


def test_a_host_takes_over_when_the_lease_has_run_out_and_the_old_one_changes_nothing_more(
    log: Log, tmp_path: Path
) -> None:
    other = Log(log.database, tmp_path / "elsewhere", log.clock)
    first, second = log.publisher(), other.publisher()
    log.act(100)
    drain(first)
    drain(second)
    log.clock.advance(seconds=11)
    log.act(100)
    drain(second)
    assert other.published().size == 200
    log.act(100)
    first.run_once()
    drain(second)
    drain(first)
    assert other.published().size == log.published().size == 300
    assert other.bodies() == log.bodies()


def test_files_that_were_lost_are_built_anew_from_the_numbered_entries(log: Log) -> None:
    log.act(700)
    before = log.publish()
    bodies = log.bodies()
    shutil.rmtree(log.directory.root)
    log.act(1)
    after = log.publish()
    assert after.size == 701
    assert log.bodies()[:700] == bodies
    assert root_of([leaf_hash(body) for body in log.bodies()[:700]]) == before.root


def test_unfilled_tiles_stay_until_the_full_one_can_stand_for_them(log: Log) -> None:
    publisher = log.publisher()
    for _ in range(6):
        log.act(50)
        drain(publisher)
    files = log.directory.files(1)
    assert [len(files.read(path)) for path in tiles_between(0, 150)] == [150 * 32]
    assert not (files.root / "tile/0/000.p").exists()
    assert [one.name for one in (files.root / "tile/0/001.p").iterdir()] == ["44"]
    assert len(log.entries()) == 300


def test_a_database_restored_to_an_older_state_is_refused_with_a_word_why(
    log: Log, dialect: str, database_url: str, tmp_path: Path
) -> None:
    if dialect == "postgresql":
        pytest.skip("the drill restores PostgreSQL from its files")
    log.act(100)
    log.publish()
    backup = sqlite3.connect(tmp_path / "backup.db")
    with sqlite3.connect(log.database.engine.url.database or "") as live:
        live.backup(backup)
    log.act(50)
    published = log.publish()
    with sqlite3.connect(log.database.engine.url.database or "") as live:
        backup.backup(live)
    log.act(3)
    with pytest.raises(RefusedError, match="of 150 entries, and the database one of 100: the database was restored"):
        log.publish()
    assert log.published() == published


def test_another_history_of_the_same_length_is_refused(log: Log, tmp_path: Path) -> None:
    log.act(100)
    log.publish()
    shutil.copytree(log.directory.root, tmp_path / "kept")
    for table in ("audit_checkpoint", "audit_leaf", "audit_head", "audit_origin", "audit_entry", "audit_act"):
        change(log, f"DELETE FROM {table}")
    shutil.rmtree(log.directory.root)
    log.act(200)
    log.publish()
    shutil.rmtree(log.directory.root)
    shutil.copytree(tmp_path / "kept", log.directory.root)
    with pytest.raises((RefusedError, PathOccupiedError)):
        log.publish()


def test_a_changed_row_is_not_numbered(log: Log) -> None:
    log.act(2)
    change(log, "UPDATE audit_entry SET body = leaf WHERE id = (SELECT max(id) FROM audit_entry)")
    with pytest.raises(RefusedError, match="was changed after it was written"):
        log.publish()


def test_files_are_not_rebuilt_from_rows_that_were_changed(log: Log) -> None:
    log.act(20)
    log.publish()
    shutil.rmtree(log.directory.root)
    change(log, "DELETE FROM audit_entry WHERE id = (SELECT min(id) FROM audit_entry)")
    with pytest.raises(RefusedError, match="rows were deleted"):
        log.publish()


def test_a_stored_checkpoint_of_another_key_is_refused(log: Log) -> None:
    log.act(20)
    log.publish()
    stranger = Log(log.database, log.directory.root, log.clock, Keys(9))
    with pytest.raises(RefusedError, match="keys"):
        stranger.publish()


def test_a_rotated_key_signs_beside_the_one_before_it(log: Log) -> None:
    log.act()
    log.publish()
    rotated = Log(log.database, log.directory.root, log.clock, Keys(2, 1))
    rotated.act()
    rotated.publish()
    octets = log.directory.files(1).checkpoint() or b""
    assert octets.count("— ".encode()) == 2
    assert log.published().size == rotated.published().size == 2


class Remembering:
    """An anchor that keeps every checkpoint in memory."""

    name = "the safe"

    def __init__(self) -> None:
        self.notes: list[bytes] = []

    def checkpoints(self, origin: str) -> Sequence[bytes]:
        return [note for note in self.notes if note.startswith(origin.encode() + b"\n")][-1:]

    def keep(self, note: bytes) -> None:
        self.notes.append(note)


def test_an_anchor_remembers_what_was_published_and_is_asked_before_the_next_numbering(
    log: Log, tmp_path: Path
) -> None:
    anchor = Remembering()
    log.act(10)
    publisher = log.publisher(anchors=[anchor])
    drain(publisher)
    publisher.close()
    assert anchor.notes == [log.directory.files(1).checkpoint()]
    for table in ("audit_checkpoint", "audit_leaf", "audit_head"):
        change(log, f"DELETE FROM {table}")
    shutil.rmtree(log.directory.root)
    with pytest.raises(RefusedError, match="the safe remembers a checkpoint of 10 entries"):
        drain(log.publisher(anchors=[anchor]))


def test_a_disk_that_takes_nothing_stops_publishing_and_loses_nothing(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.act(300)
    log.publish()
    log.act(300)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("audit.directory.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            log.publish()
    assert log.published().size == 300
    assert log.publish().size == 600
    assert [entry["rows"][0] for entry in log.entries()] == list(range(1, 601))


def test_a_witness_that_does_not_sign_keeps_the_checkpoint_back(log: Log) -> None:
    class Silent:
        def cosign(self, checkpoint: object, note: object, consistency: object) -> list[object]:
            raise AuditError("too few witnesses")

    log.act(5)
    publisher = log.publisher(witnesses=Silent())  # type: ignore[arg-type]  # it never returns
    with pytest.raises(AuditError, match="too few"):
        publisher.run_once()
    assert log.directory.files(1).checkpoint() is None
    publisher.close()
    assert log.publish().size == 5


def test_entries_that_commit_out_of_the_order_of_their_ids_are_all_numbered(
    log: Log, dialect: str, database_url: str
) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite commits in the order of ids")
    log.act(10)
    publisher = log.publisher()
    drain(publisher)
    dsn = database_url.replace("+psycopg", "")
    with psycopg.connect(dsn) as slow:
        slow.execute("SET moat.tenant = '-1'")
        slow.execute(
            "INSERT INTO audit_act SELECT tenant, decode('ff', 'hex'), request, action, at, parts FROM audit_act LIMIT 1"
        )
        slow.execute(
            "INSERT INTO audit_entry (tenant, act, part, body, leaf) "
            "SELECT tenant, decode('ff', 'hex'), part, body, leaf FROM audit_entry LIMIT 1"
        )
        for _ in range(4):
            log.act(5)
            drain(publisher)
        assert log.published().size == 30
        slow.commit()
    for _ in range(3):
        drain(publisher)
    assert log.published().size == 31
    (settled,) = log.database.read(None, lambda tx: tx.one(Statement("SELECT settled FROM audit_head")) or (0,))
    log.act(1)
    for _ in range(3):
        drain(publisher)
    assert log.published().size == 32
    assert settled <= 31


def test_a_directory_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    one, other = LogDirectory(tmp_path / "a"), LogDirectory(tmp_path / "a")
    assert one.seize()
    assert one.seize()
    assert not other.seize()
    one.release()
    assert other.seize()
    assert one.holder() == other.holder()
