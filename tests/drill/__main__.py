"""python -m tests.drill [--kills N] [--seed N]: kill service, publisher and workers on both databases, load them, verify logs.

Prints one JSON line for each drill and ends with 1 if any is not ok. The same seed gives the same kinds of kills and calls;
the moments are as random as the machine. Fewer than 100 kills make a rehearsal of about a minute for continuous integration.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any

import click

from tests.drill.kills import Campaign
from tests.drill.large import large_log
from tests.drill.load import sixteen_writers
from tests.drill.proofs import proofs_drill
from tests.drill.publisher import PublisherDrill
from tests.drill.relay import relay_drill
from tests.drill.requests import RequestDrill
from tests.drill.retention import retention_drill
from tests.drill.rotation import rotation_drill
from tests.drill.strangers import LONG, SHORT, strangers_drill
from tests.support import postgres
from tests.support.server import Server

FULL = 100
LOAD_SECONDS = {True: 60.0, False: 5.0}
ROTATED_SUBJECTS = 2_000
ROTATED_KILLS = {True: 20, False: 3}
"""`make drill-rotation` has 100,000 people, and 200 kills."""
RETAINED_RECORDS = {True: 200_000, False: 20_000}
"""`make drill-retention` has a million."""
RELAY_STEPS = {True: 2_000, False: 200}
"""Binds and unbinds of each of eight processes."""
LOG_ENTRIES = {True: 10_000_000, False: 300_000}
LOG_ACTS = {True: 300_000, False: 20_000}
SIDE_BY_SIDE = (
    ("kills-sqlite", "kills-postgresql"),
    ("publisher-sqlite", "publisher-postgresql"),
    ("rotation-sqlite", "rotation-postgresql"),
    ("retention-sqlite", "retention-postgresql"),
    ("requests-sqlite", "requests-postgresql"),
    ("relay-sqlite", "relay-postgresql"),
    ("load",),
    ("large-sqlite", "large-postgresql"),
    ("strangers",),
    ("proofs",),
)
"""Drills that run at once; while calls are timed nothing else runs."""

DRILLS = tuple(name for names in SIDE_BY_SIDE for name in names)


@click.command()
@click.option("--kills", type=click.IntRange(min=1), default=200, show_default=True, help="Kills on each database.")
@click.option("--seed", type=int, help="Repeats a run; drawn and printed if it is not given.")
@click.option("--only", type=click.Choice(DRILLS), help="One drill instead of all.")
def main(kills: int, seed: int | None, only: str | None) -> None:
    """Kill the service over and over, load it, and verify a long log."""
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    if only is not None:
        raise SystemExit(0 if _drill(only, kills, seed) else 1)
    print(f"seed {seed}", flush=True)
    ended = [_run(names, kills, seed) for names in SIDE_BY_SIDE]
    raise SystemExit(0 if all(ended) else 1)


def _run(names: tuple[str, ...], kills: int, seed: int) -> bool:
    """Run drills at once, each in a process of its own."""
    command = [sys.executable, "-m", "tests.drill", "--kills", str(kills), "--seed", str(seed), "--only"]
    started = [subprocess.Popen([*command, name]) for name in names]
    statuses = [process.wait() for process in started]
    return not any(statuses)


def _drill(name: str, kills: int, seed: int) -> bool:
    place = Path(tempfile.mkdtemp(prefix="moat-drill-"))
    # Every start compiles the whole program anew where the environment forbids it to keep what it compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(place / "pycache")
    figures = _with_database(name, lambda cluster, address: _figures(name, place, cluster, address, kills, seed))
    print(json.dumps({"drill": name, "seed": seed, **figures}), flush=True)
    if figures["ok"]:
        shutil.rmtree(place)
    else:
        print(f"what is left of it: {place}", flush=True)
    return bool(figures["ok"])


def _with_database(name: str, work: Callable[[postgres.Cluster | None, str | None], dict[str, Any]]) -> dict[str, Any]:
    if not name.endswith("-postgresql"):
        return work(None, None)
    cluster = postgres.start(watched=os.getpid(), durability="durable")
    with cluster.fresh() as database:
        return work(cluster, cluster.url(database))


def _figures(
    name: str, place: Path, cluster: postgres.Cluster | None, address: str | None, kills: int, seed: int
) -> dict[str, Any]:
    full = kills >= FULL
    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "kills": lambda: _kills(place, cluster, address, kills, seed),
        "publisher": lambda: PublisherDrill(place, address, cluster, seed).run(kills),
        "rotation": lambda: rotation_drill(
            place, address, subjects=ROTATED_SUBJECTS, kills=ROTATED_KILLS[full], seed=seed
        ),
        "requests": lambda: RequestDrill(place, address, seed).run(kills),
        "retention": lambda: retention_drill(place, address, records=RETAINED_RECORDS[full], seed=seed),
        "relay": lambda: relay_drill(place, address, steps=RELAY_STEPS[full]),
        "load": lambda: sixteen_writers(Server(place), seed, LOAD_SECONDS[full]),
        "large": lambda: large_log(place, address, LOG_ACTS[full]),
        "strangers": lambda: strangers_drill(place, LONG if full else SHORT),
        "proofs": lambda: proofs_drill(place, LOG_ENTRIES[full], seed),
    }
    return ways[name.partition("-")[0]]()


def _kills(place: Path, cluster: postgres.Cluster | None, address: str | None, kills: int, seed: int) -> dict[str, Any]:
    server = Server(place, address, options=() if address is None else ("--workers", "2"))
    campaign = Campaign(server, address or f"sqlite:///{server.data / 'moat.db'}", seed, cluster)
    try:
        return campaign.run(kills)
    finally:
        server.kill()


if __name__ == "__main__":
    main()
