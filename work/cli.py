"""`moat jobs`: look at jobs and decide about them, by a service (MOAT_URL and MOAT_TOKEN), or approve one on its host.

Exit status: 0 it was done, and with --watch the job too; 1 it was refused, or the job was not done; 2 wrong options.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol, TextIO
from uuid import UUID

import click
from moat_client.answers import Job
from moat_client.client import Moat
from moat_client.errors import MoatError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from work.errors import WorkError
from work.host import JobHost
from work.job import JobState

POLL_SECONDS = 0.5

_JOB = click.argument("job", type=click.UUID)
_WATCH = click.option("--watch", is_flag=True, help="Stay until the job has ended, and show how far it is.")


class OpenJobs(Protocol):
    """Opens the jobs of a deployment at its host; what is not given comes from the settings."""

    def __call__(self, *, data: Path | None, database: str | None) -> AbstractContextManager[JobHost]: ...


def jobs_group(open_jobs: OpenJobs) -> click.Group:
    """The `jobs` commands; `open_jobs` opens the database for an approval without the service."""

    @click.group("jobs")
    def jobs() -> None:
        """Look at jobs, and pause, resume, cancel and approve them."""

    jobs.add_command(_list)
    jobs.add_command(_show)
    for name, about, decide in (
        ("pause", "Have a job begin no further step.", Moat.pause_job),
        ("resume", "Have a paused or failed job go on, or ask anew for a cancelled one.", Moat.resume_job),
        ("cancel", "Have a job end at its next step.", Moat.cancel_job),
    ):
        jobs.add_command(_decision(name, about, decide))
    jobs.add_command(_approve(open_jobs))
    return jobs


@click.command("list")
@click.option("--kind", help="Such as audit_export.")
@click.option("--state", type=click.Choice([state.value for state in JobState]))
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="So many at most.")
def _list(kind: str | None, state: str | None, limit: int) -> None:
    """List jobs, the latest first."""
    table = Table("job", "kind", "state", "done", "asked by", "asked at", box=None)
    with connected() as moat:
        for number, job in enumerate(moat.jobs(kind=kind, state=state), 1):
            table.add_row(job.id, job.kind, _state(job), f"{job.done}/{job.total}", job.asked_by, job.created_at)
            if number == limit:
                break
    Console().print(table)


@click.command("show")
@_JOB
@_WATCH
def _show(job: UUID, watch: bool) -> None:
    """Show how far a job is, who asked for it, and who approved it."""
    with connected() as moat:
        tell(moat, moat.job(str(job)), watch=watch)


def _decision(name: str, about: str, decide: Callable[[Moat, str], Job]) -> click.Command:
    @click.command(name, help=about)
    @_JOB
    @_WATCH
    def command(job: UUID, watch: bool) -> None:
        with connected() as moat:
            tell(moat, decide(moat, str(job)), watch=watch)

    return command


def _approve(open_jobs: OpenJobs) -> click.Command:
    @click.command("approve")
    @_JOB
    @_WATCH
    @click.option(
        "--credential", type=click.File("r", encoding="ascii"), help="On the host: file with your credential."
    )
    @click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="On the host: data directory.")
    @click.option("--database", help="On the host: PostgreSQL URL instead of a data directory.")
    def approve(job: UUID, watch: bool, credential: TextIO | None, data: Path | None, database: str | None) -> None:
        """Approve a job that takes two persons, as one who did not ask for it.

        By the service, or with --credential on its host, without it: one approval for each person's credential.
        """
        if credential is None:
            if data is not None or database is not None:
                raise click.UsageError("on the host, --credential says who approves")
            with connected() as moat:
                tell(moat, moat.approve_job(str(job)), watch=watch)
            return
        if watch:
            raise click.UsageError("--watch asks the service: moat jobs show JOB --watch")
        with _spoken_errors(), open_jobs(data=data, database=database) as host:
            approved = host.approve(job, credential.read())
        click.echo(f"{approved.id}  {approved.kind}  {approved.state}")

    return approve


def tell(moat: Moat, job: Job, *, watch: bool) -> None:
    """Print the job, with `watch` once it has ended; that it did not end well is the command's own failure."""
    if watch:
        job = _watched(moat, job)
    click.echo(
        f"{job.id}  {job.kind}  {_state(job)}  {job.done}/{job.total}  asked by {job.asked_by} at {job.created_at}"
    )
    for approval in job.approved_by:
        click.echo(f"  approved by {approval}")
    if watch and job.state != "done":
        raise click.ClickException(f"the job was {_state(job)}")


def _watched(moat: Moat, job: Job) -> Job:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(job.state)
        while not job.ended:
            bar.update(task, description=_state(job), completed=job.done, total=job.total or None)
            time.sleep(POLL_SECONDS)
            job = moat.job(job.id)
    return job


def _state(job: Job) -> str:
    if job.state == JobState.AWAITING_APPROVAL:
        return f"{job.state} ({len(job.approved_by)} of {job.approvals})" if job.approved_by else job.state
    return f"{job.state} ({job.error})" if job.error else job.state


@contextmanager
def connected() -> Iterator[Moat]:
    """The service that MOAT_URL and MOAT_TOKEN name. What it refuses ends the command in one line."""
    try:
        moat = Moat()
    except ValueError as unset:
        raise click.UsageError(f"{unset}; `moat serve` prints what to export") from None
    with moat, _spoken_errors():
        yield moat


@contextmanager
def _spoken_errors() -> Iterator[None]:
    """Refusals in one line."""
    try:
        yield
    except MoatError as refused:
        raise click.ClickException(str(refused)) from None
    except WorkError as refused:
        raise click.ClickException((type(refused).__doc__ or type(refused).__name__).strip()) from None
