"""Kill the publisher at every step while writers write, and count what is lost, doubled, skipped or contradicted.

Afterwards the database is put back to an older state: the publisher must refuse and say why, and a restart must go on.
"""

import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson
from sqlalchemy.engine import make_url

from audit.checkpoint import ED25519, Checkpoint, VerifierKey, open_checkpoint
from audit.directory import LogDirectory
from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.errors import RefusedError
from audit.event_id import uuid7
from audit.log import AuditLog
from audit.merkle import leaf_hash, tree_root
from audit.publisher import Publisher, Step, Surroundings
from audit.restart import Restart
from audit.tile import TilePath, bundles_between, decode_bundle, nodes_of
from database.columns import millis
from database.engine import Database
from database.statement import Statement
from migrations.schema import migrate
from tests.audit.deployment import Keys
from tests.drill.publisher_nursery import MOMENT, WHOLE
from tests.support.postgres import Cluster

WRITERS = 4
UNREACHED = {Step.COSIGNED, Step.MARKED}
"""Steps of a log with witnesses."""

ACTOR = Actor(ActorKind.CREDENTIAL, 1, "service")
CHECKPOINTS = Statement("SELECT size, note FROM audit_checkpoint WHERE log = 1 ORDER BY size")
LEAVES = Statement("SELECT leaf_index, count(*) FROM audit_leaf WHERE log = 1 GROUP BY leaf_index ORDER BY leaf_index")


@dataclass(slots=True)
class Written:
    """The acts that were acknowledged, by number."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: list[int] = field(default_factory=list)
    next: int = 0


class Writers:
    """Threads that append acts of one or more entries until they are told to stop."""

    def __init__(self, database: Database, seed: int) -> None:
        self._database = database
        self._seed = seed
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.written = Written()

    def start(self) -> None:
        self._stop.clear()
        self._threads = [threading.Thread(target=self._write, args=(Random(self._seed + n),)) for n in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, random: Random) -> None:
        log = AuditLog()
        while not self._stop.is_set():
            with self.written.lock:
                number, self.written.next = self.written.next, self.written.next + 1
            at = millis(datetime.now(UTC))
            groups = [Group(Outcome.DONE, rows=[number])] * random.choice((1, 1, 1, 3))
            act = Act(Action.SEARCH, ACTOR, 1 + number % 3, at, str(uuid7(at)), groups)
            self._database.write(act.tenant, lambda tx, act=act: log.append(tx, act))  # type: ignore[misc]  # bound now
            with self.written.lock:
                self.written.numbers += [number] * len(groups)
            time.sleep(random.uniform(0, 0.01))


class PublisherDrill:
    """One database and one directory, many publishers."""

    def __init__(self, place: Path, address: str | None, cluster: Cluster | None, seed: int) -> None:
        self._place = place
        self._address = address or f"sqlite:///{place / 'moat.db'}"
        self._cluster = cluster
        self._random = Random(seed)
        self._seed = seed
        self._directory = place / "audit"
        self._seen: dict[int, bytes] = {}
        self._faults: list[str] = []

    def run(self, kills: int) -> dict[str, Any]:
        """Kill that many publishers; the figures, with `ok` false if anything does not add up."""
        if self._address.startswith("sqlite"):
            migrate(make_url(self._address))
        began = time.monotonic()
        database = Database(self._address, pool_size=WRITERS + 2)
        writers = Writers(database, self._seed)
        killed = self._kill(kills, writers)
        self._count(database, writers.written)
        restored = self._restore(database)
        database.dispose()
        return {
            "killed": dict(killed),
            "entries": len(writers.written.numbers),
            "checkpoints": len(self._seen),
            "restored": restored,
            "seconds": round(time.monotonic() - began, 1),
            "faults": self._faults[:20],
            "ok": not self._faults and killed.total() >= kills,
        }

    def _kill(self, kills: int, writers: Writers) -> Counter[str]:
        killed: Counter[str] = Counter()
        steps = [step.value for step in Step if step not in UNREACHED]
        command = [sys.executable, "-m", "tests.drill.publisher_nursery", self._address, str(self._directory)]
        nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        writers.start()
        try:
            for number in range(kills):
                step = steps[number % len(steps)]
                moment = number % 5 == 4
                word = MOMENT if moment else step
                count = (
                    self._random.randint(1, 400) if moment else self._random.randint(1, 1 if step == "leased" else 6)
                )
                ended = _ask(nursery, word, count)
                killed[word] += ended == "killed"
                if ended != "killed":
                    self._faults.append(f"a publisher that was to die at {word} {ended}")
                self._look()
        finally:
            writers.stop()
        for _ in range(3):  # on PostgreSQL ids settle in the pass after
            if (ended := _ask(nursery, WHOLE, 0)) != "ended 0":
                self._faults.append(f"the last publisher {ended}")
        assert nursery.stdin is not None
        nursery.stdin.close()
        nursery.wait()
        self._look()
        return killed

    def _look(self) -> None:
        """Keep the checkpoint that the world sees now."""
        octets = LogDirectory(self._directory).files(1).checkpoint()
        if octets is not None:
            checkpoint = _opened(octets)
            before = self._seen.setdefault(checkpoint.size, checkpoint.root)
            if before != checkpoint.root or checkpoint.size < max(self._seen):
                self._faults.append(f"a checkpoint of {checkpoint.size} entries contradicts one before it")

    def _count(self, database: Database, written: Written) -> None:
        files = LogDirectory(self._directory).files(1)
        size = max(self._seen)
        paths: list[TilePath] = list(bundles_between(0, size))
        entries = [entry for path in paths for entry in decode_bundle(files.read(path), path.width)]
        logged = Counter(orjson.loads(entry)["rows"][0] for entry in entries)
        wanted = Counter(written.numbers)
        if logged != wanted:
            self._faults.append(
                f"{(wanted - logged).total()} entries are lost and {(logged - wanted).total()} too many"
            )
        if [leaf_hash(entry) for entry in entries] != [nodes_of(size, files.read)(0, index) for index in range(size)]:
            self._faults.append("bundles and tiles disagree")
        leaves = database.read(None, lambda tx: tx.all(LEAVES))
        if [tuple(row) for row in leaves] != [(index, 1) for index in range(size)]:
            self._faults.append("the indexes have a gap, or one of them stands twice")
        node = nodes_of(size, files.read)
        stored = database.read(None, lambda tx: tx.all(CHECKPOINTS))
        checkpoints = [_opened(bytes(note)) for _, note in stored]
        if not set(self._seen) <= {checkpoint.size for checkpoint in checkpoints}:
            self._faults.append("a checkpoint was published that is not stored")
        for checkpoint in [*checkpoints, *(Checkpoint(checkpoints[0].origin, *seen) for seen in self._seen.items())]:
            if tree_root(checkpoint.size, node) != checkpoint.root:
                self._faults.append(f"the log does not begin with its checkpoint of {checkpoint.size} entries")

    def _restore(self, database: Database) -> str:
        """Put the database back behind its last checkpoint; what the refusal said, once a restart has gone on from it."""
        put_back = self._copy(database)
        writers = Writers(database, self._seed + 100)
        writers.start()
        time.sleep(0.3)
        writers.stop()
        _publish(self._publisher(database))
        last = _opened(LogDirectory(self._directory).files(1).checkpoint() or b"")
        put_back()
        restored = Database(self._address, pool_size=WRITERS + 2)
        try:
            _publish(self._publisher(restored))
        except RefusedError as refused:
            said = refused.why
        else:
            self._faults.append("a restored database was not refused")
            return ""
        restart = Restart(
            database=restored,
            directory=LogDirectory(self._directory),
            keys=Keys(),
            anchors=(),
            now=lambda: datetime.now(UTC),
        )
        known, origin = restart.begin(ACTOR, Actor(ActorKind.CREDENTIAL, 2, "admin"))
        _publish(self._publisher(restored))
        new = _opened(LogDirectory(self._directory).files(2).checkpoint() or b"")
        if known != last or new.origin != origin or new.size < 1:
            self._faults.append("the restart did not go on from the last known checkpoint")
        restored.dispose()
        return said

    def _copy(self, database: Database) -> Callable[[], None]:
        """Copy the database now; the answer puts the copy back in its place."""
        if self._cluster is None:
            path, kept = self._address.removeprefix("sqlite:///"), self._place / "kept.db"
            with sqlite3.connect(path) as live, sqlite3.connect(kept) as copy:
                live.backup(copy)

            def put_back() -> None:
                database.dispose()
                with sqlite3.connect(kept) as copy, sqlite3.connect(path) as live:
                    copy.backup(live)

            return put_back
        cluster, name = self._cluster, make_url(self._address).database
        database.dispose()
        with cluster.as_superuser("postgres") as connection:
            connection.execute(f"CREATE DATABASE kept_{name} TEMPLATE {name}".encode())

        def put_back_postgresql() -> None:
            database.dispose()
            with cluster.as_superuser("postgres") as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
                connection.execute(f"ALTER DATABASE kept_{name} RENAME TO {name}".encode())

        return put_back_postgresql

    def _publisher(self, database: Database) -> Publisher:
        return Publisher(
            Surroundings(
                database=database,
                directory=LogDirectory(self._directory),
                keys=Keys(),
                origin="log.example/drill",
                now=lambda: datetime.now(UTC),
            )
        )


def _publish(publisher: Publisher) -> None:
    try:
        for _ in range(3):
            while publisher.run_once():
                pass
    finally:
        publisher.close()


def _opened(octets: bytes) -> Checkpoint:
    origin = octets.partition(b"\n")[0].decode()
    return open_checkpoint(octets, [VerifierKey(origin, ED25519, key) for key in Keys().publics()])[0]


def _ask(nursery: "subprocess.Popen[str]", word: str, number: int) -> str:
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{word} {number}\n")
    nursery.stdin.flush()
    return nursery.stdout.readline().strip()
