"""python -m tests.drill.rotation [--subjects N] [--kills N] [--seed N]: rotate every key over and over while processes read and
write and the service is killed, on both databases.

Prints one JSON line for each database and ends with 1 unless there is no failed read, nothing lost and nothing doubled, and the
old versions of the keys are destroyed. A read has failed when it is answered wrongly: while the service is away it is repeated,
and then must be answered rightly.
"""

import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import click

from database.engine import Database
from database.statement import Statement
from tests.drill.patient import Patient
from tests.drill.people import (
    LOADED_AT_ONCE,
    Life,
    Witnessed,
    added,
    find,
    live,
    load,
    open_tokens,
    phone,
    shown,
    subject,
)
from tests.drill.rotator import Rotator
from tests.support import postgres
from tests.support.server import NotServingError, Server

READERS = 2
WRITERS = 1
SEARCHED = 2_000
TOLD_EVERY = 20
LONGEST_LIFE_SECONDS = 12.0
LONGEST_START_SECONDS = 4.0
KILLED_AGAIN = 0.5
"""How likely the service is killed again before it has come back."""
MEAN_LIFE_SECONDS = 2.5
SHOWN = 20
OPTIONS = ("--failure-rate", "0", "--audit-lag-seconds", "86400", "--audit-lag-entries", "100000000")
"""No bound on what is not asked here: how far the log may lag behind a service that is killed all the time."""

_RECORDS = Statement("SELECT count(*) FROM record")


class RotationDrill:
    """One database, one service, many kills."""

    def __init__(self, server: Server, address: str, *, subjects: int, seed: int) -> None:
        self._server = server
        self._address = address
        self._subjects = subjects
        self._seed = seed
        self._random = Random(seed)
        self._ways = Counter({"group": 30, "workers": 30, "main": 10})
        if not address.startswith("sqlite"):
            self._ways["worker"] = 40
        self._killed: Counter[str] = Counter()
        self._lost: list[str] = []
        self._starting = False

    def run(self, kills: int) -> dict[str, Any]:
        """Load, rotate and kill that many times, and look at everything."""
        began = time.monotonic()
        self._server.start()
        service = self._server.credential("service")
        rotator = Rotator(self._server.port, *(self._server.credential("operator") for _ in range(2)))
        tokens = load(self._server.port, service, self._subjects)
        loaded = time.monotonic()
        people = People(self._server.port, service, tokens, self._seed)
        rotator.start()
        for number in range(1, kills + 1):
            if rotator.faults:
                break
            self._kill()
            if number % TOLD_EVERY == 0:
                print(f"{number} kills, rotated {dict(rotator.rotated)}", file=sys.stderr, flush=True)
        self._bring_back()
        seen = people.end()
        rotator.finish()
        records_too_many = self._look(tokens, seen, service)
        versions = rotator.versions()
        self._server.stop()
        figures = self._figures(seen, rotator, versions, records_too_many)
        took = {"load_seconds": round(loaded - began, 1), "seconds": round(time.monotonic() - began, 1)}
        good = not figures["faults"] and not figures["doubled"] and self._destroyed(versions)
        return {**figures, **took, "ok": good}

    def _figures(
        self, seen: Sequence[Witnessed], rotator: Rotator, versions: Sequence[dict[str, Any]], records_too_many: int
    ) -> dict[str, Any]:
        witnessed = [why for one in seen for why in (*one.failed, *one.doubled)]
        return {
            "subjects": self._subjects,
            "kills": self._killed.total(),
            "failed_reads": sum(len(one.failed) for one in seen),
            "lost": len(self._lost),
            "doubled": records_too_many + sum(len(one.doubled) for one in seen),
            "old_versions_destroyed": sum(one["state"] == "destroyed" for one in versions),
            "seed": self._seed,
            "database": "sqlite" if self._address.startswith("sqlite") else "postgresql",
            "old_versions_left": dict(Counter(one["usage"] for one in versions if one["state"] == "decrypt-only")),
            "rotated": dict(rotator.rotated),
            "killed": dict(self._killed),
            "calls": sum(one.calls for one in seen),
            "calls_repeated": sum(one.repeats for one in seen),
            "written": sum(len(one.written) for one in seen),
            "faults": [*rotator.faults, *witnessed, *self._lost][:SHOWN],
        }

    def _destroyed(self, versions: Sequence[dict[str, Any]]) -> bool:
        """Whether old versions of each key are destroyed, and none is left but those of tokens that are out in the world."""
        left = {one["usage"] for one in versions if one["state"] == "decrypt-only"}
        gone = {one["usage"] for one in versions if one["state"] == "destroyed"}
        return left <= {"token", "format"} and {"kek", "search", "root"} <= gone

    def _kill(self) -> None:
        """Kill what works, after a few seconds, or what is still starting."""
        if self._starting:
            way = "start"
            time.sleep(self._random.uniform(0.1, LONGEST_START_SECONDS))
        else:
            (way,) = self._random.choices(list(self._ways), list(self._ways.values()))
            time.sleep(min(self._random.expovariate(1 / MEAN_LIFE_SECONDS), LONGEST_LIFE_SECONDS))
        self._killed[way] += 1
        if way == "workers":
            self._server.kill_workers()
        elif way == "worker":
            self._server.kill_worker(self._random)
        elif way == "main":
            self._server.kill_main()
        else:
            self._server.kill()
        if not self._server.running:
            self._server.spawn()
        self._starting = way != "worker" and self._random.random() < KILLED_AGAIN
        if not self._starting:
            self._bring_back()

    def _bring_back(self) -> None:
        """Wait until the service is ready. It ends by itself when a new worker dies within seconds, and is started again."""
        try:
            self._server.wait_ready()
        except NotServingError:
            if self._server.running:
                raise
            self._server.kill()
            self._server.start()

    def _look(self, tokens: Sequence[str], seen: Sequence[Witnessed], credential: str) -> int:
        """Open every token that was ever given out, and find people by their phones; tells how many records are too many."""
        caller = Patient(self._server.port, credential)
        written = [one for each in seen for one in each.written]
        expected = [(token, phone(number), number) for number, token in enumerate(tokens)]
        expected += [(token, added(serial), number) for serial, number, token in written]
        for start in range(0, len(expected), LOADED_AT_ONCE):
            part = expected[start : start + LOADED_AT_ONCE]
            for (_, value, number), got in zip(part, open_tokens(caller, [one[0] for one in part]), strict=True):
                if got != value:
                    self._lost.append(f"a token of {subject(number)} opens to something else: {shown(got)}")
        sample = self._random.sample(expected, min(SEARCHED, len(expected)))
        for start in range(0, len(sample), 50):
            part = sample[start : start + 50]
            for (token, _, number), found in zip(part, find(caller, [one[1] for one in part]), strict=True):
                if found != [token]:
                    self._lost.append(f"{subject(number)} is not found once by a value: {found}")
        caller.close()
        return self._records() - len(expected)

    def _records(self) -> int:
        database = Database(self._address, pool_size=1)
        try:
            row = database.read(None, lambda tx: tx.one(_RECORDS))
            assert row is not None
            return int(row[0])
        finally:
            database.dispose()


class People:
    """The processes that read and write."""

    def __init__(self, port: int, credential: str, tokens: Sequence[str], seed: int) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._ended = spawning.Event()
        self._told: list[Connection] = []
        self._processes = []
        for number, role in enumerate(["reader"] * READERS + ["writer"] * WRITERS):
            hears, tells = spawning.Pipe(duplex=False)
            one = Life(
                role=role, number=number, port=port, credential=credential, tokens=tokens, seed=f"{seed}-{number}"
            )
            self._processes.append(spawning.Process(target=live, args=(one, self._ended, tells), daemon=True))
            self._told.append(hears)
        for process in self._processes:
            process.start()

    def end(self) -> list[Witnessed]:
        """Have them finish their calls, and tell what they saw."""
        self._ended.set()
        seen = [hears.recv() for hears in self._told]
        for process in self._processes:
            process.join()
        return seen


def rotation_drill(place: Path, address: str | None, *, subjects: int, kills: int, seed: int) -> dict[str, Any]:
    """Run the drill on SQLite in `place`, or on PostgreSQL at `address`."""
    options = OPTIONS if address is None else (*OPTIONS, "--workers", "2")
    server = Server(place, address, options=options)
    try:
        return RotationDrill(
            server, address or f"sqlite:///{server.data / 'moat.db'}", subjects=subjects, seed=seed
        ).run(kills)
    finally:
        server.kill()


@click.command()
@click.option("--subjects", type=click.IntRange(min=100), default=100_000, show_default=True)
@click.option("--kills", type=click.IntRange(min=1), default=200, show_default=True, help="Kills on each database.")
@click.option("--seed", type=int, help="Repeats a run; drawn and printed if it is not given.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database instead of both.")
def main(subjects: int, kills: int, seed: int | None, only: str | None) -> None:
    """Rotate every key while the service is read, written and killed."""
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    ended = []
    # Every start compiles the whole program anew where the environment forbids it to keep what it compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in ("sqlite", "postgresql") if only is None else (only,):
        place = Path(tempfile.mkdtemp(prefix="moat-drill-"))
        os.environ["PYTHONPYCACHEPREFIX"] = str(place / "pycache")
        if name == "sqlite":
            figures = rotation_drill(place, None, subjects=subjects, kills=kills, seed=seed)
        else:
            cluster = postgres.start(watched=os.getpid(), durability="durable")
            with cluster.fresh() as database:
                figures = rotation_drill(place, cluster.url(database), subjects=subjects, kills=kills, seed=seed)
        print(json.dumps(figures), flush=True)
        ended.append(figures["ok"])
        if figures["ok"]:
            shutil.rmtree(place)
        else:
            print(f"what is left of it: {place}", flush=True)
    raise SystemExit(0 if all(ended) else 1)


if __name__ == "__main__":
    main()
