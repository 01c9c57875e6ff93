"""Kill workers at every step of what people's requests and the retention purge make them do, and look what became of everybody.

A cycle: people of every kind ask; workers carry out what was asked, and are killed; officers approve, release holds and begin a
purge; workers go on, and are killed; then nothing moves any more, and everybody is looked at. On PostgreSQL there are three
workers, of which one dies for good half way. On SQLite there may be one at a time. A rehearsal is one cycle, however few die.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.drill.request_office import Office
from tests.drill.request_people import Person, Population
from tests.drill.request_steps import STEPS, Death, Deaths

WORKERS = {True: 1, False: 3}
LOOKED_EVERY_SECONDS = 0.05
LONGEST_LIFE_SECONDS = 40.0
"""A worker that has not come to its step by then dies where it is."""
QUIET_WITHIN_SECONDS = 1_200.0
KILLS_A_CYCLE = 40
EACH = {True: 4, False: 1}
"""People of each kind in a cycle of a full drill, and of a rehearsal."""
FULL = 100
FAULTS_SHOWN = 20


class Nursery:
    """Asks the process that raises workers."""

    def __init__(self, place: Path, address: str | None) -> None:
        command = [sys.executable, "-m", "tests.drill.request_nursery", str(place)]
        named = [] if address is None else [address]
        self._process = subprocess.Popen([*command, *named], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, deaths: Sequence[Death]) -> int:
        """A worker; its process id."""
        return int(self._ask(do="start", deaths=deaths)["pid"])

    def ended(self, worker: int) -> str | None:
        """How a worker has ended, None while it lives."""
        return self._ask(do="look", pid=worker)["ended"]  # type: ignore[no-any-return]  # as the nursery answers

    def kill(self, worker: int) -> None:
        """Kill a worker wherever it is."""
        self._ask(do="kill", pid=worker)

    def close(self) -> None:
        """End it with whatever it has raised."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, **asked: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


class Worker:
    """One that was raised, to die or to live."""

    def __init__(self, nursery: Nursery, deaths: Sequence[Death]) -> None:
        self.pid = nursery.start(deaths)
        self.doomed = bool(deaths)
        self.born = time.monotonic()


class RequestDrill:
    """One deployment, many workers."""

    def __init__(self, place: Path, address: str | None, seed: int) -> None:
        self._place = place
        self._random = Random(seed)
        self._seed = seed
        self._nursery = Nursery(place, address)
        self._office = Office(place, address)
        self._people = Population(self._office, seed)
        self._deaths = Deaths(self._random)
        self._workers: list[Worker | None] = [None] * WORKERS[address is None]
        self._killed: Counter[str] = Counter()
        self._faults: list[str] = []
        self._purges: list[str] = []
        self._lost_for_good = 0
        self._each = 1

    def run(self, kills: int) -> dict[str, Any]:
        """Kill that many workers; the figures, with `ok` false if anything is not as it must be."""
        began = time.monotonic()
        self._each = EACH[kills >= FULL]
        cycles = 0
        try:
            while self._killed.total() < kills and not self._faults:
                self._cycle(min(KILLS_A_CYCLE, kills - self._killed.total()))
                cycles += 1
                print(f"{self._killed.total()} kills in {cycles} cycles", file=sys.stderr, flush=True)
                if kills < FULL:
                    break
                if 2 * self._killed.total() >= kills and len(self._workers) > 2:
                    self._workers.pop()
                    self._lost_for_good = 1
            self._last()
            self._faults += self._everywhere()
        finally:
            self._nursery.close()
            self._office.close()
        return self._figures(cycles, time.monotonic() - began)

    def _cycle(self, kills: int) -> None:
        people = self._people.cycle(self._each)
        upto = self._killed.total() + kills
        plan = self._office.call("POST", "/v1/retention/plans", credential=self._office.officer)["plan"]
        self._carry(self._killed.total() + kills // 2)
        self._approve(people)
        self._purge(plan)
        self._carry(upto)
        self._faults += self._people.faults(people)
        for person in people:
            self._go_on(person)
        self._carry(upto)
        self._approve(people)
        self._carry(upto)
        self._office.sweep()
        self._faults += self._people.faults(people)

    def _go_on(self, person: Person) -> None:
        """The second half of a life: what was held goes, and who has read their data wants it gone."""
        if person.kind == "held":
            self._office.release(person.hold)
            person.expected = ["completed"]
        elif person.kind == "access":
            self._people.ask(person, "erasure")
            person.expected.append("completed")
        elif person.kind == "restrict":
            self._office.call("POST", f"/v1/requests/{person.requests[0]}/lift", credential=self._office.officer)
            person.lifted = True

    def _approve(self, people: list[Person]) -> None:
        for person in people:
            for request in person.requests:
                if self._office.shown(request)["state"] == "review":
                    self._office.approve(request)

    def _purge(self, plan: str) -> None:
        asked = {"plan": plan}
        begun = self._office.call("POST", "/v1/retention/runs", asked, credential=self._office.officer)
        if begun["state"] == "awaiting_approval":
            self._office.approve_job(begun["job"])
        self._purges.append(begun["run"])

    def _carry(self, upto: int) -> None:
        """Have workers work until nothing moves any more, and die until there are so many dead."""
        until = time.monotonic() + QUIET_WITHIN_SECONDS
        while self._office.moving() and not self._faults:
            for place, worker in enumerate(self._workers):
                if worker is None or self._is_dead(worker):
                    dies = self._killed.total() + self._doomed() < upto
                    self._workers[place] = Worker(self._nursery, self._deaths.next() if dies else ())
            time.sleep(LOOKED_EVERY_SECONDS)
            if time.monotonic() > until:
                self._faults.append(f"jobs have not ended: {self._left()}")
        for place, worker in enumerate(self._workers):
            if worker is not None and not self._is_dead(worker):
                self._nursery.kill(worker.pid)
            self._workers[place] = None

    def _doomed(self) -> int:
        return sum(worker is not None and worker.doomed for worker in self._workers)

    def _is_dead(self, worker: Worker) -> bool:
        ended = self._nursery.ended(worker.pid)
        if ended == "killed":
            self._killed[self._died_at(worker)] += 1
            return True
        if ended is not None:
            self._faults.append(f"a worker {ended}: {(self._place / 'workers.log').read_text()[-1500:]}")
            return True
        if worker.doomed and time.monotonic() - worker.born > LONGEST_LIFE_SECONDS:
            self._nursery.kill(worker.pid)
            self._killed["moment"] += 1
            return True
        return False

    def _died_at(self, worker: Worker) -> str:
        told = (line.split() for line in (self._place / "deaths.log").read_text().splitlines())
        target = dict(told)[str(worker.pid)]
        self._deaths.died[target] += 1
        return target.partition(":")[2]

    def _left(self) -> list[Any]:
        return self._office.sql(
            "SELECT kind, state, error, step, run FROM job WHERE state IN ('queued', 'running', 'cancelling')"
        )

    def _last(self) -> None:
        """Everybody once more: nothing that ended has come back."""
        self._faults += self._people.faults(self._people.everybody)
        for run in self._purges:
            shown = self._office.call("GET", f"/v1/retention/runs/{run}", credential=self._office.officer)
            if shown["state"] != "done" or not shown["adds_up"]:
                self._faults.append(f"a purge is {shown['state']}, and adds up: {shown['adds_up']}")
        failed = self._office.sql("SELECT kind, error FROM job WHERE state = 'failed'")
        self._faults += [f"a job of the kind {kind} has failed: {error}" for kind, error in failed]

    def _everywhere(self) -> Iterator[str]:
        """Values and names in files and rows, where none may stand."""
        canaries = {canary: person for person in self._people.everybody for canary in person.canaries}
        for path in sorted(self._place.rglob("*")):
            if path.is_file():
                octets = path.read_bytes()
                yield from (f"{path.name} names {one.kind}" for canary, one in canaries.items() if canary in octets)

    def _figures(self, cycles: int, seconds: float) -> dict[str, Any]:
        people = Counter(person.kind for person in self._people.everybody)
        return {
            "kills": self._killed.total(),
            "killed": dict(self._killed.most_common()),
            "steps_without_dead": [step for step in STEPS if not self._deaths.died[step]],
            "lost_for_good": self._lost_for_good,
            "cycles": cycles,
            "people": dict(people),
            "requests": sum(len(person.requests) for person in self._people.everybody),
            "purges": len(self._purges),
            "seconds": round(seconds, 1),
            "faults": self._faults[:FAULTS_SHOWN],
            "ok": not self._faults,
        }
