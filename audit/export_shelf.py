"""Where exports lie: `<job>.zip` once one is made, `<job>/` while it is. They go seven days after they were asked for."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

EXPIRES_MS = 7 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Shelf:
    """The directory of exports."""

    root: Path

    def archive(self, job: UUID) -> Path:
        """Where the archive lies once it is whole."""
        return self.root / f"{job}.zip"

    def workspace(self, job: UUID) -> Path:
        """Where its parts are made."""
        return self.root / str(job)

    def remove(self, job: UUID) -> None:
        """Remove whatever there is of an export."""
        shutil.rmtree(self.workspace(job), ignore_errors=True)
        self.archive(job).unlink(missing_ok=True)

    def sweep(self, at: int) -> int:
        """Remove what was asked for more than seven days ago, whole or not; tells how many exports that were."""
        swept = 0
        with suppress(FileNotFoundError):
            for entry in list(self.root.iterdir()):
                job = _job_of(entry)
                if job is not None and expires_at(job) <= at:
                    self.remove(job)
                    swept += 1
        return swept


def expires_at(job: UUID) -> int:
    """When the export of a job goes, in milliseconds since the epoch. A UUIDv7 begins with the time it was made."""
    return (job.int >> 80) + EXPIRES_MS


def _job_of(entry: Path) -> UUID | None:
    with suppress(ValueError):
        return UUID(entry.name.removesuffix(".zip"))
    return None
