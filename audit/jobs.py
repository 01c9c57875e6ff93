"""Exports as durable jobs.

    0 … n-1   a part each
    n         the Parquet file, if it was asked for
    last      the archive

Every step is a pure function of the job's plan and the log, and leaves nothing half done in place: killed anywhere, the job goes
on with the same octets in the end. Should another host go on with it, what it misses it makes again.
"""

import shutil
from collections.abc import Callable

from audit.directory import LogDirectory
from audit.export import KIND, NDJSON, Plan
from audit.export_parquet import write_parquet
from audit.export_shelf import Shelf
from audit.export_writer import Builder
from audit.ports import Signer
from database.columns import rfc3339
from work.job import Job, Progress


class ExportTask:
    """Makes exports. `signer` gives the key that signs their manifests."""

    kind = KIND

    def __init__(self, logs: LogDirectory, shelf: Shelf, signer: Callable[[], Signer]) -> None:
        self._logs = logs
        self._shelf = shelf
        self._signer = signer

    def step(self, job: Job, number: int) -> Progress:
        """Do step `number`, or find it done.

        Raises:
            LogDamagedError: the log's files do not hold what the checkpoint was signed for.
            TooManyProofsError: there are more rows than can be proved.
            OSError: the log cannot be read, or the disk does not take what is made.
        """
        plan = Plan.of(job.params)
        workspace, archive = self._shelf.workspace(job.id), self._shelf.archive(job.id)
        workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
        builder = Builder(
            plan, self._logs.files(plan.log), workspace, created=rfc3339(job.created_at), signer=self._signer()
        )
        parts = len(builder.parts)
        steps = parts + ("parquet" in plan.formats) + 1
        if number + 1 < steps and not archive.exists():
            if number < parts:
                builder.make_part(number)
            else:
                self._make_parquet(plan, builder)
            return Progress(number + 1, steps, finished=False)
        if not archive.exists():
            if "parquet" in plan.formats and not builder.parquet.exists():
                self._make_parquet(plan, builder)
            builder.assemble(archive)
        shutil.rmtree(workspace, ignore_errors=True)
        return Progress(steps, steps, finished=True)

    def abandon(self, job: Job) -> None:
        """Remove everything of a cancelled export."""
        self._shelf.remove(job.id)

    @staticmethod
    def _make_parquet(plan: Plan, builder: Builder) -> None:
        write_parquet(plan, builder.texts(NDJSON), builder.parquet)
