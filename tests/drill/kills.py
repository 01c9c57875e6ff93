"""Kill the service while it writes, start it again, and count what is lost, halved or doubled.

A kill hits, at a random moment 50 to 400 ms after the first acknowledgement: the whole process group, the workers alone, the
main process alone, the service while it starts, or a backend of PostgreSQL, whose server then recovers by its own log.
"""

import os
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psycopg

from database.engine import Database
from tests.drill.ledger import Ledger, unanswered
from tests.drill.operations import Caller, Operation, UnansweredError
from tests.drill.writers import Writers
from tests.support.postgres import Cluster
from tests.support.server import MOAT, NotServingError, Server

VERIFIED_EVERY = 10
ASKED_AGAIN = 5
OPENED = 10
FAULTS_SHOWN = 20
ANSWERED_WITHIN_SECONDS = 60.0


@dataclass(slots=True)
class Tally:
    """What a campaign counts."""

    killed: Counter[str] = field(default_factory=Counter)
    given_up: int = 0
    operations: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    unanswered_but_there: int = 0
    asked_again: int = 0
    faults: list[str] = field(default_factory=list)


class Campaign:
    """One database, one service, many kills."""

    def __init__(self, server: Server, address: str, seed: int, cluster: Cluster | None = None) -> None:
        self._server = server
        self._cluster = cluster
        self._random = Random(seed)
        self._seed = seed
        self._database = Database(address, pool_size=2)
        self._ledger = Ledger(self._database)
        self._tally = Tally()

    def run(self, kills: int) -> dict[str, Any]:
        """Kill that many times; the figures, with `ok` false if anything does not add up."""
        began = time.monotonic()
        self._server.start()
        credential = self._server.credential("service", scopes=["vault:preserving"])
        writers = Writers(self._server.port, credential, self._seed)
        caller = Caller(self._server.port, credential)
        for number in range(1, kills + 1):
            self._cycle(writers, caller)
            if number % VERIFIED_EVERY == 0 or number == kills:
                self._verify_by_command()
            if self._tally.faults:
                break
        self._server.stop()
        self._database.dispose()
        return self._figures(time.monotonic() - began)

    def _cycle(self, writers: Writers, caller: Caller) -> None:
        caller.close()
        writers.begin()
        if not writers.wait_for_acknowledgement():
            self._tally.faults.append("nothing is acknowledged any more")
        time.sleep(self._random.uniform(0.05, 0.4))
        self._strike()
        writers.end()
        operations = writers.operations
        self._tally.faults += writers.faults
        self._count(operations)
        if not self._server.running:
            self._server.spawn()
        if self._cluster is not None:
            _wait_for_recovery(self._cluster)
        looked = self._ledger.look(operations, settled=False)
        self._tally.unanswered_but_there += sum(one.number in looked.present for one in unanswered(operations))
        self._bring_back()
        self._ask_again(operations, caller)
        settled = self._ledger.look(operations, settled=True)
        self._tally.faults += [*looked.faults, *settled.faults, *self._ledger.verify_log()]
        self._open(operations, caller)

    def _bring_back(self) -> None:
        """Wait until the service is ready. It ends by itself when a new worker dies within seconds, and is started again."""
        try:
            self._server.wait_ready()
        except NotServingError:
            if self._server.running:
                raise
            self._tally.given_up += 1
            self._server.kill()
            self._server.start()

    def _strike(self) -> None:
        ways = {"group": 40, "workers": 40, "main": 10, "start": 10}
        if self._cluster is not None:
            ways["backend"] = 15
        (way,) = self._random.choices(list(ways), list(ways.values()))
        self._tally.killed[way] += 1
        if way == "group":
            self._server.kill()
        elif way == "workers":
            self._server.kill_workers()
        elif way == "main":
            self._server.kill_main()
        elif way == "backend" and self._cluster is not None:
            _kill_backend(self._cluster, self._random)
        else:
            self._server.kill()
            self._server.spawn()
            time.sleep(self._random.uniform(0.1, 2.5))
            self._server.kill()

    def _count(self, operations: list[Operation]) -> None:
        self._tally.operations += len(operations)
        self._tally.unanswered += len(unanswered(operations))
        self._tally.acknowledged += len(operations) - len(unanswered(operations))

    def _ask_again(self, operations: list[Operation], caller: Caller) -> None:
        """Repeat what was not answered, and some of what was: the answer must be the first one."""
        answered = [one for one in operations if one.answer is not None]
        sample = self._random.sample(answered, min(ASKED_AGAIN, len(answered)))
        for operation in (*unanswered(operations), *sample):
            answer = self._persist(operation, caller)
            self._tally.asked_again += 1
            if operation.answer is not None and answer != operation.answer:
                self._tally.faults.append(f"operation {operation.number} was answered otherwise when asked again")
            operation.answer = answer
            operation.repeats += 1

    def _persist(self, operation: Operation, caller: Caller) -> list[Any]:
        """Ask until there is an answer. A service that has just come back may still hold connections that are gone."""
        until = time.monotonic() + ANSWERED_WITHIN_SECONDS
        while True:
            try:
                return caller.call(operation)
            except UnansweredError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _open(self, operations: list[Operation], caller: Caller) -> None:
        """Some of the tokens still open to the values that they were made for."""
        made = [one for one in operations if one.refs and one.values and not one.values[one.refs[0]].startswith("限用")]
        for operation in self._random.sample(made, min(OPENED, len(made))):
            for token, ref in zip(operation.answer or (), operation.refs, strict=True):
                asked = Operation(0, "/v1/detokenize", _asking(token, ref))
                if caller.call(asked, keyed=False) != [operation.values[ref]]:
                    self._tally.faults.append(f"a token of operation {operation.number} opens to something else")

    def _verify_by_command(self) -> None:
        command = [str(MOAT), "audit", "verify", *self._server.where]
        ended = subprocess.run(command, capture_output=True, check=False, env=self._server.environment)
        if ended.returncode != 0:
            self._tally.faults.append(f"moat audit verify ended with {ended.returncode}: {ended.stdout.decode()[:500]}")

    def _figures(self, seconds: float) -> dict[str, Any]:
        tally = self._tally
        return {
            "kills": sum(tally.killed.values()),
            "killed": dict(tally.killed),
            "given_up": tally.given_up,
            "operations": tally.operations,
            "acknowledged": tally.acknowledged,
            "unanswered": tally.unanswered,
            "unanswered_but_there": tally.unanswered_but_there,
            "asked_again": tally.asked_again,
            "items": self._ledger.items,
            "seconds": round(seconds, 1),
            "faults": tally.faults[:FAULTS_SHOWN],
            "ok": not tally.faults,
        }


def _asking(token: str, ref: str) -> bytes:
    return f'{{"purpose":"delivery","ref":"{ref}","view":"plain","items":[{{"token":"{token}"}}]}}'.encode()


def _kill_backend(cluster: Cluster, random: Random) -> None:
    """SIGKILL to one backend of the service; PostgreSQL then ends all others and recovers from its log."""
    with cluster.as_superuser("postgres") as connection:
        backends = connection.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'moat_owner'").fetchall()
    if backends:
        os.kill(random.choice(backends)[0], signal.SIGKILL)


def _wait_for_recovery(cluster: Cluster) -> None:
    """Return when PostgreSQL takes connections again."""
    until = time.monotonic() + ANSWERED_WITHIN_SECONDS
    while True:
        try:
            cluster.as_superuser("postgres").close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
