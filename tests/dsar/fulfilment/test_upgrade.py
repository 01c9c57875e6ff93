"""A request whose job one version of the program has begun is carried to its end by the next, on both databases."""

import subprocess
import sys
import textwrap
import time
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from composition import durable_work
from composition.clock import utc_now
from settings import Settings
from tests.dsar.fulfilment.conftest import Desk
from work.durable import migrate_store

pytestmark = pytest.mark.xdist_group("dbos")

YESTERDAY = textwrap.dedent("""
    import sys, time
    from dataclasses import replace
    from pathlib import Path
    import composition.foundation
    composition.foundation.VERSION = "0.0.1"
    import app
    from pydantic import SecretStr
    from settings import Settings
    from work.job import Progress

    class Restriction:
        kind = "dsar_execute_restriction"

        def step(self, job, number):
            if number == 0:
                return Progress(1, 3, finished=False)
            print("reached", flush=True)
            time.sleep(600)

        def abandon(self, job):
            pass

    place, address = Path(sys.argv[1]), sys.argv[2]
    chosen = Settings(data=place / "data", keys=place / "keys", database=SecretStr(address) if address else None)
    moat = app.compose(chosen)
    app.start_work(chosen, replace(moat, work=replace(moat.work, tasks=[Restriction()], timetables=[], rounds={})))
    time.sleep(600)
""")
WAITED_AT_MOST = timedelta(seconds=60)


def later() -> datetime:
    """A clock by which whoever has not been heard of for a moment has been silent for long."""
    return utc_now() + timedelta(seconds=60)


def test_what_yesterdays_program_began_todays_brings_to_its_end_once(desk: Desk) -> None:
    token = desk.api.token(subject="from-yesterday")
    request = desk.ask("from-yesterday", "restriction")
    desk.accept(request)
    chosen = Settings(
        data=desk.root / "data",
        keys=desk.root / "keys",
        database=SecretStr(desk.address) if desk.address else None,
    )
    if desk.address:
        migrate_store(chosen.work_url)
    command = [sys.executable, "-c", YESTERDAY, str(desk.root), desk.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as yesterday:
        reached = _reached(yesterday)
        yesterday.kill()
    assert reached
    assert desk.state(request) == "executing"
    moat = desk.api.moat
    today = durable_work.start(chosen, moat.database, moat.jobs, moat.work, later)
    try:
        until = utc_now() + WAITED_AT_MOST
        while desk.state(request) != "completed":
            assert utc_now() < until, "the request is not ended"
            time.sleep(0.1)
    finally:
        today.stop()
    assert desk.api.seen(token) == ["restricted"]
    assert [one["move"] for one in desk.shown(request)["timeline"]].count("complete") == 1


def _reached(process: "subprocess.Popen[str]") -> bool:
    assert process.stdout is not None
    return any(line == "reached\n" for line in process.stdout)
