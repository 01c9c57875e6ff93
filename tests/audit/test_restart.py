"""Going on after a restore: by two persons, in a new log that says where the old one ended."""

from pathlib import Path

import pytest

from audit.anchor import DirectoryAnchor, UrlAnchor
from audit.entry import Actor, ActorKind
from audit.errors import RefusedError
from audit.origin import directory_of, successor
from audit.publisher import Publisher
from audit.restart import Restart
from database.engine import Database
from database.statement import Statement
from tests.audit.deployment import Log
from tests.support.clock import Clock

ONE = Actor(ActorKind.CREDENTIAL, 3, "operator")
OTHER = Actor(ActorKind.CREDENTIAL, 4, "admin")


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: Clock) -> Log:
    return Log(database, tmp_path / "audit", clock)


def change(log: Log, text: str) -> None:
    log.database.write(None, lambda tx: tx.run(Statement(text)))


def restored(log: Log) -> None:
    """Take the database back behind its last checkpoint, as a restored copy would be."""
    for statement in (
        "DELETE FROM audit_checkpoint WHERE size > 100",
        "DELETE FROM audit_leaf WHERE leaf_index >= 100",
        "UPDATE audit_head SET size = 100",
        "DELETE FROM audit_entry WHERE id > 100",
    ):
        change(log, statement)


def restart(log: Log, anchors: tuple[DirectoryAnchor, ...] = ()) -> Restart:
    return Restart(database=log.database, directory=log.directory, keys=log.keys, anchors=anchors, now=log.clock)


def drain(publisher: Publisher) -> None:
    while publisher.run_once():
        pass
    publisher.close()


def test_after_a_restore_the_log_goes_on_in_a_new_one_that_names_the_end_of_the_old_one(log: Log) -> None:
    log.act(100)
    log.publish()
    log.act(50)
    last = log.publish()
    restored(log)
    log.act(7)
    with pytest.raises(RefusedError, match="moat audit restart"):
        log.publish()
    known, origin = restart(log).begin(ONE, OTHER)
    assert known == last
    assert origin == successor(last.origin)
    log.publish()
    checkpoint = log.published(2)
    assert (checkpoint.origin, checkpoint.size) == (origin, 8)
    first = log.entries(2)[0]
    assert first["action"] == "audit.restart"
    assert first["succeeds"] == {"log": 1, "size": 150, "root": last.root.hex()}
    assert (first["actor"]["id"], first["approver"]["id"]) == (3, 4)
    assert log.published(1) == last
    assert len(log.entries(1)) == 150


def test_one_person_cannot_restart(log: Log) -> None:
    log.act()
    log.publish()
    with pytest.raises(RefusedError, match="two persons"):
        restart(log).begin(ONE, ONE)


def test_a_running_publisher_goes_on_in_the_new_log(log: Log) -> None:
    publisher = log.publisher()
    log.act(5)
    publisher.run_once()
    restart(log).begin(ONE, OTHER)
    log.act(5)
    drain(publisher)
    assert log.published(1).size == 5
    assert log.published(2).size == 6


def test_a_database_from_before_a_restart_is_refused(log: Log) -> None:
    log.act(5)
    log.publish()
    restart(log).begin(ONE, OTHER)
    log.publish()
    for statement in (
        "DELETE FROM audit_checkpoint WHERE log = 2",
        "DELETE FROM audit_origin WHERE log = 2",
        "UPDATE audit_head SET log = 1, size = 5",
    ):
        change(log, statement)
    with pytest.raises(RefusedError, match="knows a later log"):
        log.publish()


def test_an_anchor_directory_keeps_the_last_checkpoint_of_each_log(log: Log, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    anchor = DirectoryAnchor(kept)
    log.act(5)
    drain(log.publisher(anchors=[anchor]))
    published = log.published()
    assert anchor.checkpoints(published.origin) == [log.directory.files(1).checkpoint()]
    assert (kept / directory_of(published.origin) / "checkpoint").is_file()
    restart(log, (anchor,)).begin(ONE, OTHER)
    drain(log.publisher(anchors=[anchor]))
    assert len(list(kept.iterdir())) == 2


def test_an_anchor_that_is_not_there_stops_the_numbering(log: Log, tmp_path: Path) -> None:
    log.act(5)
    with pytest.raises(RefusedError, match="not a directory"):
        log.publisher(anchors=[DirectoryAnchor(tmp_path / "unmounted")]).run_once()


def test_an_address_is_asked_for_the_checkpoint_of_the_log(log: Log) -> None:
    log.act(5)
    log.publish()
    octets = log.directory.files(1).checkpoint()
    origin = log.published().origin
    asked: list[str] = []

    def fetch(url: str) -> bytes | None:
        asked.append(url)
        return octets if directory_of(origin) in url else None

    anchor = UrlAnchor("https://witness.example/", fetch)
    log.act(5)
    drain(log.publisher(anchors=[anchor]))
    assert f"https://witness.example/{directory_of(origin)}/checkpoint" in asked
    assert log.published().size == 10
