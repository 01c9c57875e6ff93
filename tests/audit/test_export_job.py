"""An export as a durable job: killed and taken up again it ends with the octets of one that was left alone, on both databases."""

import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.export import KIND
from database.engine import Database
from tests.audit.exports import Bench, verify
from tests.work.test_jobs import ended, store_url
from work.desk import JobDesk
from work.dispatcher import Dispatcher
from work.durable import DurableJobs
from work.job import JobState

pytestmark = pytest.mark.xdist_group("dbos")

WORKER = textwrap.dedent("""
    import sys, time
    from datetime import UTC, datetime
    from pathlib import Path
    import audit.export
    from audit.directory import LogDirectory
    from audit.export_shelf import Shelf
    from audit.jobs import ExportTask
    from database.engine import Database
    from tests.audit.exports import ExportSigner
    from work.dispatcher import Dispatcher
    from work.durable import DurableJobs
    url, stored, place = sys.argv[1:]
    audit.export.BUNDLES_PER_PART = 1
    database = Database(url)
    now = lambda: datetime.now(UTC)
    task = ExportTask(LogDirectory(Path(place) / "audit"), Shelf(Path(place) / "exports"), ExportSigner)
    jobs = DurableJobs(database, [task], now, store_url=stored, worker="w1", migrates=True)
    dispatcher = Dispatcher(database, jobs, now, worker="w1", failed=lambda error: print(repr(error), flush=True))
    dispatcher.start()
    time.sleep(60)
""")


def test_an_export_whose_worker_is_killed_again_and_again_ends_with_the_same_octets(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.export.BUNDLES_PER_PART", 1)
    bench = Bench(tmp_path, 5_000)
    plan = bench.plan(formats=("csv",))
    desk = JobDesk(database)
    job = database.write(1, lambda tx: desk.submit(tx, 1, KIND, plan.params(), 1_795_320_000_000))
    command = [sys.executable, "-c", WORKER, database_url, store_url(database_url, tmp_path), str(tmp_path)]
    for least in (1, 9, 21):
        worker = subprocess.Popen(command, cwd=Path(__file__).parents[2])
        try:
            for _ in range(1_200):
                if desk.get(1, job).done >= least:
                    break
                time.sleep(0.005)
        finally:
            worker.kill()
            worker.wait()
    if not bench.shelf.archive(job).exists():
        pytest.fail("the export was not made")
    made = bench.shelf.archive(job).read_bytes()
    assert verify(bench.shelf.archive(job)) == 0
    bench.shelf.remove(job)
    assert bench.export(plan, job).read_bytes() == made


def test_an_export_that_is_cancelled_leaves_nothing(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.export.BUNDLES_PER_PART", 1)
    bench = Bench(tmp_path, 20_000)
    desk = JobDesk(database)

    def now() -> datetime:
        return datetime.now(UTC)

    jobs = DurableJobs(
        database, [bench.task], now, store_url=store_url(database_url, tmp_path), worker="w1", migrates=True
    )
    dispatcher = Dispatcher(database, jobs, now, worker="w1", failed=lambda error: None)
    dispatcher.start()
    try:
        job = database.write(1, lambda tx: desk.submit(tx, 1, KIND, bench.plan().params(), 1_795_320_000_000))
        dispatcher.nudge()
        while desk.get(1, job).done == 0:
            time.sleep(0.005)
        assert bench.shelf.workspace(job).exists()
        database.write(1, lambda tx: desk.cancel(tx, 1, job, 1_795_320_001_000))
        assert ended(desk, desk.get(1, job)).state is JobState.CANCELLED
    finally:
        dispatcher.stop()
    assert list(bench.shelf.root.iterdir()) == []
