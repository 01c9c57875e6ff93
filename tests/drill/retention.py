"""python -m tests.drill.retention [--records N] [--seed N]: dispose of very many records while others use the service, which is
stopped and killed in between, on both databases.

Prints one JSON line for each database and ends with 1 unless the report adds up to the plan, exactly what was due is gone,
everything else is there, memory did not grow with the number of records, and no call of the others failed or took too long.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import click

from database.engine import CACHE_KIB, Database
from database.statement import Statement
from database.transaction import Transaction
from tests.drill.bystander import Bystander, resident
from tests.drill.patient import Patient
from tests.support import postgres
from tests.support.server import Server

AT_ONCE = 10_000
LOADERS = 2
RECORDS_OF_A_PERSON = 50
NOT_DUE, LATER, GONE, HELD = 200, 120, 70, 3
"""Records whose orders ended yesterday; that are told of again once they are planned; that somebody else deletes meanwhile; and
orders under a hold, each of a record."""

GROWTH_AT_MOST_MIB = 48 + 2 * CACHE_KIB / 1024
"""Two connections of SQLite may fill their caches: one reads, one writes."""

LONGEST_CALL_SECONDS = 5.0
LOOKED_EVERY_SECONDS = 0.2
ENDED_WITHIN_SECONDS = 7_200.0
KILLS = 3
OPTIONS = (
    "--retention-hour", "24", "--failure-rate", "0", "--audit-lag-seconds", "86400", "--audit-lag-entries", "100000000",
)  # fmt: skip
_KEPT = Statement("SELECT count(*) FROM record_use u WHERE u.ref LIKE 'order:d-%'")
_RECORDS = Statement("SELECT count(*) FROM record")
_SEARCHED = Statement("SELECT count(*) FROM search_index")


class RetentionDrill:
    """One database, one service, one plan and its run."""

    def __init__(self, server: Server, address: str, *, records: int, seed: int) -> None:
        self._server = server
        self._address = address
        self._records = records
        self._seed = seed
        self._random = Random(seed)
        self._faults: list[str] = []
        self._memory: list[float] = []

    def run(self) -> dict[str, Any]:
        """Load, plan, carry out, kill, and look at everything."""
        began = time.monotonic()
        self._server.start()
        service = self._server.credential("service")
        self._officer, self._colleague = (
            Patient(self._server.port, self._server.credential("privacy_officer")) for _ in range(2)
        )
        tokens = self._load(service)
        loaded = time.monotonic()
        others = Bystander(self._server.port, service)
        others.start()
        base = self._resident()
        plan = self._planned(base)
        planned = time.monotonic()
        self._change(service, tokens)
        report = self._carried_out(plan, others)
        ended = time.monotonic()
        others.end()
        figures = self._look(plan, report, others)
        self._server.stop()
        growth = max(self._memory, default=0.0)
        return {
            "records": self._records,
            "database": "sqlite" if self._address.startswith("sqlite") else "postgresql",
            "seed": self._seed,
            "load_seconds": round(loaded - began, 1),
            "plan_seconds": round(planned - loaded, 1),
            "run_seconds": round(ended - planned, 1),
            "growth_mib": round(growth, 1),
            "growth_to_half_mib": round(max(self._memory[: len(self._memory) // 2], default=0.0), 1),
            **figures,
            "faults": self._faults,
            "ok": not self._faults and growth <= GROWTH_AT_MOST_MIB,
        }

    def _load(self, credential: str) -> list[str]:
        """Store the records, each for an order of its own, and tell that those orders ended long ago; the tokens of some."""

        def part(start: int) -> list[str]:
            numbers = range(start, min(start + AT_ONCE, self._records + NOT_DUE))
            caller = Patient(self._server.port, credential)
            items = [
                {
                    "subject": f"cust-{number // RECORDS_OF_A_PERSON}",
                    "kind": "phone",
                    "value": f"138{number:08d}",
                    "ref": f"order:d-{number}",
                }
                for number in numbers
            ]
            answer = caller.call("POST", "/v1/tokenize", {"purpose": "delivery", "items": items}, key=f"load-{start}")
            happened = [
                {
                    "event": "order.completed",
                    "ref": f"order:d-{number}",
                    "at": self._ago(31 if number < self._records else 1),
                }
                for number in numbers
            ]
            caller.call("POST", "/v1/retention/events", {"items": happened}, key=f"tell-{start}")
            caller.close()
            return [item["token"] for item in answer["items"][:GONE]]

        with ThreadPoolExecutor(LOADERS) as pool:
            starts = range(0, self._records + NOT_DUE, AT_ONCE)
            return next(iter(list(pool.map(part, starts))))

    def _planned(self, base: float) -> dict[str, Any]:
        """A plan, with the service killed while it is made."""
        asked = self._officer.call("POST", "/v1/retention/plans")
        self._base = base
        self._until_done(asked["job"], lambda done: done > 0.5)
        self._server.kill()
        self._server.start()
        self._base = self._resident()
        self._until_done(asked["job"], None)
        plan: dict[str, Any] = self._officer.call("GET", f"/v1/retention/plans/{asked['plan']}")
        if (plan["planned"], plan["approvals"]) != (self._records, int(self._records > 10_000)):
            self._faults.append(f"{plan['planned']} are planned with {plan['approvals']} approvals")
        return plan

    def _change(self, credential: str, tokens: list[str]) -> None:
        """What happens between the plan and its run."""
        caller = Patient(self._server.port, credential)
        later = range(self._records - LATER, self._records)
        happened = [{"event": "order.completed", "ref": f"order:d-{one}", "at": self._ago(1)} for one in later]
        caller.call("POST", "/v1/retention/events", {"items": happened})
        for token in tokens[:GONE]:
            self._delete(credential, token)
        review = (datetime.now(UTC) + timedelta(days=90)).isoformat()
        for number in range(GONE, GONE + HELD):
            scope = {"scope": {"ref": f"order:d-{number}"}, "reason": "litigation", "case": "c-1", "review_at": review}
            self._officer.call("POST", "/v1/holds", scope)
        caller.close()

    def _delete(self, credential: str, token: str) -> None:
        with self._server.client(credential) as client:
            if not client.delete(f"/v1/tokens/{token}").is_success:
                self._faults.append("a token is not deleted")

    def _carried_out(self, plan: dict[str, Any], others: Bystander) -> dict[str, Any]:
        """The run, approved, paused and resumed, and killed on its way."""
        run = self._officer.call("POST", "/v1/retention/runs", {"plan": plan["plan"]})
        if run["state"] == "awaiting_approval":
            self._colleague.call("POST", f"/v1/jobs/{run['job']}/approve")
        self._until_done(run["job"], lambda done: done > 0.1)
        self._officer.call("POST", f"/v1/jobs/{run['job']}/pause")
        time.sleep(1.0)
        paused = self._report(run)
        time.sleep(1.0)
        if self._report(run)["chunks_done"] > paused["chunks_done"] + 8:
            self._faults.append("a paused run goes on")
        self._officer.call("POST", f"/v1/jobs/{run['job']}/resume")
        for kill in range(KILLS):
            at = (kill + 1 + self._random.random()) / (KILLS + 2)
            self._until_done(run["job"], lambda done, at=at: done > at)  # type: ignore[misc]  # a bound default
            others.away.set()
            self._server.kill()
            self._server.start()
            self._base = self._resident()
            others.away.clear()
        self._until_done(run["job"], None)
        return self._report(run)

    def _report(self, run: dict[str, Any]) -> dict[str, Any]:
        report: dict[str, Any] = self._officer.call("GET", f"/v1/retention/runs/{run['run']}")
        if not report["adds_up"]:
            self._faults.append(f"the report does not add up: {report}")
        return report

    def _until_done(self, job: str, reached: Callable[[float], bool] | None) -> None:
        """Return when the job is done, or as far as asked; memory is looked at meanwhile."""
        until = time.monotonic() + ENDED_WITHIN_SECONDS
        while time.monotonic() < until:
            found = self._officer.call("GET", f"/v1/jobs/{job}")
            with suppress(OSError, IndexError, ValueError):
                self._memory.append(self._resident() - self._base)
            if found["state"] == "done":
                return
            if found["state"] in {"failed", "cancelled"}:
                self._faults.append(f"a job was {found['state']}: {found['error']}")
                return
            if reached is not None and reached(found["done"] / max(found["total"], 1)):
                return
            time.sleep(LOOKED_EVERY_SECONDS)
        self._faults.append("a job does not end")

    def _look(self, plan: dict[str, Any], report: dict[str, Any], others: Bystander) -> dict[str, Any]:
        """Hold the report against the plan, and the database against both."""
        expected = {
            "planned": self._records,
            "disposed": self._records - LATER - GONE - HELD,
            "not_due": LATER,
            "gone": GONE,
            "held": HELD,
            "waiting": 0,
            "residue": 0,
            "state": "done",
            "root": plan["root"],
        }
        wrong = {name: report[name] for name, value in expected.items() if report[name] != value}
        if wrong:
            self._faults.append(f"the report says {wrong}")
        kept, records, searched = self._rows()
        left = NOT_DUE + LATER + HELD
        if (kept, records, searched) != (left, left + others.stored, left + others.stored):
            self._faults.append(f"{kept} uses, {records} records and {searched} rows of the index are left")
        self._faults += others.failed[:10]
        longest = max(others.took, default=0.0)
        if longest > LONGEST_CALL_SECONDS:
            self._faults.append(f"a call of others took {longest:.1f} s")
        ordered = sorted(others.took)
        return {
            "disposed": report["disposed"],
            "held": report["held"],
            "not_due": report["not_due"],
            "gone": report["gone"],
            "adds_up": report["adds_up"],
            "root": report["root"],
            "calls_of_others": len(ordered),
            "others_p50_ms": round(1000 * ordered[len(ordered) // 2], 1) if ordered else None,
            "others_p99_ms": round(1000 * ordered[len(ordered) * 99 // 100], 1) if ordered else None,
            "others_longest_ms": round(1000 * longest, 1),
            "kills": 1 + KILLS,
        }

    def _rows(self) -> tuple[int, int, int]:
        database = Database(self._address, pool_size=1)
        try:
            kept, records, searched = (
                database.read(None, partial(_counted, one)) for one in (_KEPT, _RECORDS, _SEARCHED)
            )
            return kept, records, searched
        finally:
            database.dispose()

    def _resident(self) -> float:
        """Memory that the workers hold, in MiB."""
        return sum(resident(worker) for worker in self._server.workers())

    def _ago(self, days: int) -> str:
        return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def _counted(count: Statement, tx: Transaction) -> int:
    row = tx.one(count)
    return int(row[0]) if row else 0


def retention_drill(place: Path, address: str | None, *, records: int, seed: int) -> dict[str, Any]:
    """Run the drill on SQLite in `place`, or on PostgreSQL at `address`."""
    server = Server(place, address, options=OPTIONS if address is None else (*OPTIONS, "--workers", "2"))
    try:
        url = address or f"sqlite:///{server.data / 'moat.db'}"
        return RetentionDrill(server, url, records=records, seed=seed).run()
    finally:
        server.kill()


def _databases(only: str | None) -> Iterator[str]:
    yield from ("sqlite", "postgresql") if only is None else (only,)


@click.command()
@click.option("--records", type=click.IntRange(min=1_000), default=1_000_000, show_default=True)
@click.option("--seed", type=int, help="Repeats a run; drawn and printed if it is not given.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database instead of both.")
def main(records: int, seed: int | None, only: str | None) -> None:
    """Dispose of very many records while others use the service, which is stopped and killed."""
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    ended = []
    # Every start compiles the whole program anew where the environment forbids it to keep what it compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in _databases(only):
        place = Path(tempfile.mkdtemp(prefix="moat-drill-"))
        os.environ["PYTHONPYCACHEPREFIX"] = str(place / "pycache")
        if name == "sqlite":
            figures = retention_drill(place, None, records=records, seed=seed)
        else:
            cluster = postgres.start(watched=os.getpid(), durability="durable")
            with cluster.fresh() as database:
                figures = retention_drill(place, cluster.url(database), records=records, seed=seed)
        print(json.dumps(figures), flush=True)
        ended.append(figures["ok"])
        if figures["ok"]:
            shutil.rmtree(place)
        else:
            print(f"what is left of it: {place}", file=sys.stderr, flush=True)
    raise SystemExit(0 if all(ended) else 1)


if __name__ == "__main__":
    main()
