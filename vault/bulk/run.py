"""One bulk run: reads, asks the service with two requests in flight, writes in order, and can be killed at any point.

1. The progress file is on the disk before the first request, with the name of the run that all keys derive from.
2. Output and refusals reach the disk before the progress that counts them.
3. What was written after the last checkpoint is cut off when the run continues, and is asked again under the same keys.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from vault.bulk.files import (
    Output,
    Source,
    csv_octets,
    format_of,
    ndjson_octets,
    open_csv,
    open_ndjson,
    replace_durably,
)
from vault.bulk.mapping import Mapping, MappingError, Plan
from vault.bulk.parquet import open_parquet, parquet_from_ndjson
from vault.bulk.progress import FINGERPRINTED_OCTETS, InputFingerprint, Progress, ProgressError
from vault.bulk.rows import Answer, Ask, KeptPersonalError, Row, count, gathered, prepare, settle

IN_FLIGHT: Final = 2
LARGEST_BATCH: Final = 5_000
CHECKPOINT_S: Final = 1.0

Answers = Callable[[Sequence[Ask], str], Sequence[Answer]]
"""Asks the service for a batch under an Idempotency-Key, one answer for each ask in its place."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to run: ``options`` is a digest of all that decides the output, ``private`` makes it its owner's only."""

    input: Path
    output: Path
    mapping: Mapping
    encoding: str
    options: str
    batch: int
    private: bool
    overwrite: bool

    @property
    def progress(self) -> Path:
        """The progress file."""
        return self.output.with_name(self.output.name + ".moat-progress")

    @property
    def refusals(self) -> Path:
        """The list of refused cells, which is there only if some were."""
        return self.output.with_name(self.output.name + ".refused.csv")

    @property
    def rows(self) -> Path:
        """The file that grows: the output itself, for Parquet the rows that it is made of at the end."""
        is_parquet = format_of(self.output) == "parquet"
        return self.output.with_name(self.output.name + ".moat-rows") if is_parquet else self.output

    @property
    def writes_csv(self) -> bool:
        """Whether the output is CSV; all else grows as NDJSON."""
        return format_of(self.output) == "csv"


@dataclass(frozen=True, slots=True)
class Clocks:
    """What a run takes from outside: seconds that only grow, a fresh name, and whom to tell of octets read."""

    seconds: Callable[[], float]
    name: Callable[[], str]
    tell: Callable[[int, int], None]


def run(job: Job, answers: Answers, clocks: Clocks) -> Progress:
    """Carry a job to its end, from where an earlier run of it was stopped, and return its counts.

    Raises MappingError for a file that does not fit, ProgressError if the output belongs to another run,
    KeptPersonalError (everything written so far is removed then), and whatever ``answers`` raises (a later run of the
    same job continues).
    """
    with ExitStack() as stack:
        source = stack.enter_context(_open(job))
        plan = Plan.of(job.mapping, source.header)
        output = stack.enter_context(closing(_hold(job.rows, private=job.private)))
        progress = _begin(job, clocks.name)
        if not progress.complete:
            refusals = stack.enter_context(closing(_hold(job.refusals, private=False)))
            progress = _Running(job, plan, source, progress, clocks, output=output, refusals=refusals).to_the_end(
                answers
            )
    _tidy(job, progress)
    return progress


def _open(job: Job) -> Source:
    if job.output.exists() and job.output.samefile(job.input):
        raise MappingError("the output is the input")
    match format_of(job.input):
        case "csv":
            return open_csv(job.input, job.encoding)
        case "ndjson":
            return open_ndjson(job.input)
        case _:
            return open_parquet(job.input, job.mapping.columns)


def _hold(path: Path, *, private: bool) -> Output:
    """Two runs into one output would each cut off what the other wrote."""
    try:
        return Output(path, private=private)
    except BlockingIOError:
        raise ProgressError(f"another run is writing {path.name}") from None


def _begin(job: Job, name: Callable[[], str]) -> Progress:
    """Return the progress to continue from; durable before the first request. Raises ProgressError."""
    state = job.input.stat()
    with job.input.open("rb") as file:
        first = file.read(FINGERPRINTED_OCTETS)
    fingerprint = InputFingerprint.of(first, size=state.st_size, modified_ns=state.st_mtime_ns)
    begun = Progress(run=name(), input=fingerprint, options=job.options)
    if job.progress.exists() and not job.overwrite:
        recorded = Progress.from_json(job.progress.read_bytes())
        recorded.must_match(begun)
        return recorded
    # An empty file is what a run leaves that was killed between taking hold of its output and recording itself.
    if not job.overwrite and job.output.exists() and job.output.stat().st_size:
        raise ProgressError(f"{job.output.name} is there already and no run is recorded beside it")
    replace_durably(job.progress, begun.to_json())
    return begun


def _tidy(job: Job, progress: Progress) -> None:
    """Remove what only a run needs; also after one that was killed right after its end."""
    if progress.refused_octets == 0:
        job.refusals.unlink(missing_ok=True)
    if job.rows != job.output:
        job.rows.unlink(missing_ok=True)


class _Running:
    """The open files and counts of a run."""

    __slots__ = ("_clocks", "_job", "_last", "_output", "_plan", "_progress", "_refusals", "_source", "_tally")

    def __init__(
        self,
        job: Job,
        plan: Plan,
        source: Source,
        progress: Progress,
        clocks: Clocks,
        *,
        output: Output,
        refusals: Output,
    ) -> None:
        self._job, self._plan, self._source, self._clocks = job, plan, source, clocks
        self._output, self._refusals = output, refusals
        self._progress = progress
        self._last = clocks.seconds()
        in_order = (name for name in plan.output if name in {value.name for value in plan.values})
        self._tally: dict[str, dict[str, int]] = {name: {} for name in in_order}
        self._tally |= {column: dict(outcomes) for column, outcomes in progress.tally.items()}

    def to_the_end(self, answers: Answers) -> Progress:
        """Run; see `run`."""
        try:
            self._output.cut(self._progress.output_octets)
            self._refusals.cut(self._progress.refused_octets)
        except ValueError as short:
            raise ProgressError(str(short)) from None
        try:
            self._through(answers)
        except KeptPersonalError:
            # Its options must change, so that nothing of this run can be continued.
            for path in (self._job.rows, self._job.refusals, self._job.progress):
                path.unlink(missing_ok=True)
            raise
        return self._finish()

    def _through(self, answers: Answers) -> None:
        """Ask and write until the input ends."""
        if self._progress.rows == 0:
            self._write_header()
        rows = (prepare(self._plan, record) for record in islice(self._source.records, self._progress.rows, None))
        batches = gathered(rows, self._job.batch)
        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="bulk") as pool:
            for batch, replies in _two_in_flight(pool, batches, self._progress, answers):
                self._write(batch, replies)

    def _write_header(self) -> None:
        if self._job.writes_csv:
            mark = b"\xef\xbb\xbf" if self._source.bom else b""
            self._output.write(mark + csv_octets([self._plan.output], self._job.encoding))

    def _write(self, batch: Sequence[Row], replies: Sequence[Answer]) -> None:
        remaining = iter(replies)
        for row in batch:
            settle(row, islice(remaining, len(row.asks)))
            count(self._tally, row)
        written = [row.cells for row in batch if row.written]
        if self._job.writes_csv:
            self._output.write(csv_octets(written, self._job.encoding))
        else:
            self._output.write(ndjson_octets(written, self._plan.output))
        self._write_refusals(batch)
        self._progress = replace(
            self._progress, rows=self._progress.rows + len(batch), batches=self._progress.batches + 1
        )
        self._clocks.tell(self._source.position(), self._source.size)
        if self._clocks.seconds() - self._last >= CHECKPOINT_S:
            self._checkpoint()

    def _write_refusals(self, batch: Sequence[Row]) -> None:
        refused = [(entry.line, entry.column, entry.code) for row in batch for entry in row.refused]
        if refused and self._refusals.octets == 0:
            self._refusals.write(csv_octets([("line", "column", "code")], "utf-8"))
        self._refusals.write(csv_octets(refused, "utf-8"))

    def _checkpoint(self, *, complete: bool = False) -> None:
        self._output.sync()
        self._refusals.sync()
        self._progress = replace(
            self._progress,
            output_octets=self._output.octets,
            refused_octets=self._refusals.octets,
            tally={column: dict(outcomes) for column, outcomes in self._tally.items()},
            complete=complete,
        )
        replace_durably(self._job.progress, self._progress.to_json())
        self._last = self._clocks.seconds()

    def _finish(self) -> Progress:
        if self._job.rows != self._job.output:
            self._checkpoint()
            kept = [self._plan.output[target] for _, target in self._plan.kept]
            parquet_from_ndjson(
                self._job.rows, self._job.output, header=self._plan.output, source=self._job.input, kept=kept
            )
        self._checkpoint(complete=True)
        return self._progress


def _two_in_flight(
    pool: ThreadPoolExecutor, batches: Iterator[list[Row]], progress: Progress, answers: Answers
) -> Iterator[tuple[list[Row], Sequence[Answer]]]:
    """Yield the batches with their answers, in order, while the next one is being asked already."""
    waiting: deque[tuple[list[Row], Future[Sequence[Answer]]]] = deque()
    for number, batch in enumerate(batches, start=progress.batches):
        asks = [ask for row in batch for ask in row.asks]
        waiting.append((batch, pool.submit(_ask, answers, asks, progress.key(number))))
        if len(waiting) == IN_FLIGHT:
            settled, future = waiting.popleft()
            yield settled, future.result()
    for settled, future in waiting:
        yield settled, future.result()


def _ask(answers: Answers, asks: Sequence[Ask], key: str) -> Sequence[Answer]:
    return answers(asks, key) if asks else ()
