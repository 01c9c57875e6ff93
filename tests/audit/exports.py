"""Exports made without a service: the job's steps over a log of files, and the verifier asked about what comes out."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from moat_verifier.cli import run
from nacl.signing import SigningKey

from audit.directory import LogDirectory
from audit.export import KIND, Plan
from audit.export_shelf import Shelf
from audit.jobs import ExportTask
from tests.support.audit_log import AT, EXPORT, LOG, Log, entries, write_log
from work.job import Job, JobState

JOB = uuid.UUID("01a20000-0000-7000-8000-000000000001")
GENERATOR = "moat-privacy 0.0.0"


class ExportSigner:
    """The export key of the fixed logs."""

    def __init__(self) -> None:
        self._key = SigningKey(EXPORT.seed)

    @property
    def public(self) -> bytes:
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature


class Bench:
    """A log in `place`, and exports of it."""

    def __init__(self, place: Path, size: int) -> None:
        self.place = place
        self.log: Log = write_log(place / "audit" / "1", entries(size))
        self.shelf = Shelf(place / "exports")
        self.task = ExportTask(LogDirectory(place / "audit"), self.shelf, ExportSigner)

    def plan(self, **wanted: Any) -> Plan:
        """A plan of the whole log, complete, unless said otherwise."""
        usual: dict[str, Any] = {
            "log": 1,
            "note": bytes(self.log.note).decode(),
            "start": 0,
            "stop": self.log.size,
            "complete": True,
            "criteria": {},
            "formats": (),
            "proofs": False,
            "requester": "credential:7",
            "generator": GENERATOR,
            "previous": None,
        }
        return Plan(**{**usual, **wanted})

    def export(self, plan: Plan, job: uuid.UUID = JOB) -> Path:
        """The archive of a plan."""
        asked = job_of(plan, job)
        number = 0
        while not self.task.step(asked, number).finished:
            number += 1
        return self.shelf.archive(job)


def job_of(plan: Plan, job: uuid.UUID = JOB) -> Job:
    return Job(1, job, KIND, JobState.RUNNING, plan.params(), 0, 0, None, AT)


def verify(archive: Path, *options: str, pinned: bool = True) -> int:
    """Exit status of the verifier, with the keys of the fixed logs."""
    keys = ["--vkey", str(LOG.verifier()), "--export-vkey", str(EXPORT.verifier())] if pinned else []
    return run([str(archive), *keys, *options])


def takes(criteria: Mapping[str, Any], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that meet criteria on plain fields, told apart from the filter's own code."""
    return [row for row in rows if all(row.get(name) in wanted for name, wanted in criteria.items())]
