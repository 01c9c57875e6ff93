"""`moat tokenize FILE` and `moat detokenize FILE`: files of any size through a service, by MOAT_URL and MOAT_TOKEN.

Exit status: 0 every row went through, 3 some cells or rows were refused (listed beside the output), 1 the run stopped
(the same command continues it), 2 wrong options or a file that does not fit them.
"""

import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from moat_client.answers import Item, Revealed, Tokenized, TokenUse, View
from moat_client.client import Moat
from moat_client.errors import ItemError, MoatError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from vault.bulk import mapping
from vault.bulk.mapping import MappingError
from vault.bulk.progress import Progress as RunProgress
from vault.bulk.progress import ProgressError, options_digest
from vault.bulk.rows import DONE, EMPTY, WHOLE_ROW, Answer, Ask, KeptPersonalError, refusals_in
from vault.bulk.run import LARGEST_BATCH, Answers, Clocks, Job, run

SOME_REFUSED: Final = 3
LONGEST_TOKEN: Final = 64
"""No token is longer; a longer text is cut to one that is none, since the schema would refuse its whole batch."""

_SHARED: Final = (
    click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    click.option(
        "--note", "notes", multiple=True, metavar="COL,…", help="Free-text columns of the first map's subject."
    ),
    click.option("--keep", multiple=True, metavar="COL,…", help="Columns to copy as they are; all others are dropped."),
    click.option("--ref", metavar="TEMPLATE", help="What each row is about, such as 'order:{订单号}'."),
    click.option("--purpose", required=True, help="What for."),
    click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path)),
    click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), default="utf-8", show_default=True),
    click.option("--batch", type=click.IntRange(10, 10_000), default=LARGEST_BATCH, show_default=True, hidden=True),
    click.option("--overwrite", is_flag=True, help="Start anew, replacing the output and what is recorded beside it."),
)


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_SHARED):
        command = option(command)
    return command


@click.command("tokenize")
@click.option(
    "--map",
    "maps",
    multiple=True,
    required=True,
    metavar="SUBJECT:KIND=COL,…",
    help="Whose values are in which columns.",
)
@_shared
@click.pass_context
def tokenize(context: click.Context, /, **_: object) -> None:
    """Replace the personal values in a CSV, NDJSON or Parquet file by tokens.

    Mapped columns hold tokens in the output. The subject columns and those that --ref names are copied, for the
    platform's own ids are no personal data by themselves; so are those of --keep. All others are dropped. A copied
    column in which a phone, identity card or bank card number is found stops the run.
    """
    with _service() as moat:
        _carry_out(context, moat, _tokenizing(moat, context.params["purpose"]))


@click.command("detokenize")
@click.option("--map", "maps", multiple=True, metavar="SUBJECT:KIND=COL,…", help="As for tokenize; both are verified.")
@click.option("--column", "columns", multiple=True, metavar="COL,…", help="Columns of tokens, whosever they are.")
@click.option("--view", type=click.Choice(["masked", "plain"]), default="masked", show_default=True)
@_shared
@click.pass_context
def detokenize(context: click.Context, /, view: View, **_: object) -> None:
    """Replace the tokens in a CSV, NDJSON or Parquet file by their values, in the view asked.

    Takes the command line of tokenize. With --map, a token that stands in another subject's row or in a column of
    another kind is refused. The output is readable by its owner only.
    """
    with _service() as moat:
        _carry_out(context, moat, _detokenizing(moat, context.params["purpose"], view))


def _service() -> Moat:
    try:
        return Moat()
    except ValueError as unset:
        raise click.UsageError(f"{unset}; `moat serve` prints what to export") from None


def _carry_out(context: click.Context, moat: Moat, answers: Answers) -> None:
    """Run, report, and end with the exit status that the module's docstring lists."""
    try:
        # Another service or tenant has other tokens for the same values; one output holds those of one.
        service = f"{moat.url} tenant {moat.whoami().tenant}"
        job = _job(context.params, verb=context.command.name or "", service=service)
        progress = _watched(job, answers)
    except MappingError as unfit:
        raise click.UsageError(str(unfit)) from None
    except ProgressError as other:
        raise click.ClickException(f"{other}; --overwrite starts anew") from None
    except KeptPersonalError as kept:
        raise click.ClickException(str(kept)) from None
    except MoatError as refused:
        raise click.ClickException(f"{refused}\nThe same command continues from here.") from None
    except OSError as broken:
        raise click.ClickException(f"{broken.strerror}: {broken.filename or context.params['output']}") from None
    _report(job, progress)
    context.exit(SOME_REFUSED if refusals_in(progress.tally) else 0)


def _job(params: Mapping[str, Any], *, verb: str, service: str) -> Job:
    try:
        columns = mapping.Mapping.of(
            params["maps"],
            notes=_names(params["notes"]),
            loose=_names(params.get("columns", ())),
            keep=_names(params["keep"]),
            ref=params["ref"],
        )
    except MappingError as wrong:
        raise click.UsageError(str(wrong)) from None
    output: Path = params["output"]
    decisive = {name: value for name, value in params.items() if name not in {"file", "output", "overwrite"}}
    return Job(
        input=params["file"],
        output=output,
        mapping=columns,
        encoding=params["encoding"],
        options=options_digest({**decisive, "verb": verb, "service": service, "format": output.suffix}),
        batch=params["batch"],
        private=verb == "detokenize",
        overwrite=params["overwrite"],
    )


def _names(given: Sequence[str]) -> list[str]:
    """Split repeatable, comma-separated column names."""
    return [name.strip() for text in given for name in text.split(",") if name.strip()]


def _tokenizing(moat: Moat, purpose: str) -> Answers:
    def answers(asks: Sequence[Ask], key: str) -> list[Answer]:
        items = (Item(ask.subject, ask.column.kind or "", ask.text, ref=ask.ref) for ask in asks)
        replies = moat.tokenize(items, purpose=purpose, chunk=len(asks), idempotency_key=key)
        if any(isinstance(reply, ItemError) and reply.code == "unknown_purpose" for reply in replies):
            raise MoatError("unknown_purpose", detail=purpose)
        return [Answer(reply.token) if isinstance(reply, Tokenized) else _refused(reply) for reply in replies]

    return answers


def _detokenizing(moat: Moat, purpose: str, view: View) -> Answers:
    def answers(asks: Sequence[Ask], key: str) -> list[Answer]:
        tokens = [TokenUse(ask.text.strip()[:LONGEST_TOKEN], ref=ask.ref) for ask in asks]
        replies = moat.detokenize(tokens, purpose=purpose, view=view, chunk=len(asks), idempotency_key=key)
        return [
            _verified(ask, reply) if isinstance(reply, Revealed) else _refused(reply)
            for ask, reply in zip(asks, replies, strict=True)
        ]

    return answers


def _verified(ask: Ask, reply: Revealed) -> Answer:
    """Refuse a value that is not of the subject and kind that its cell is mapped to: somebody moved the token."""
    if ask.column.subject is not None and reply.subject != ask.subject:
        return Answer(refused="other_subject")
    if ask.column.kind is not None and reply.kind != ask.column.kind:
        return Answer(refused="other_kind")
    return Answer(reply.value)


def _refused(error: ItemError) -> Answer:
    return Answer(refused=f"{error.code}:{error.reason}" if error.reason else error.code)


def _watched(job: Job, answers: Answers) -> RunProgress:
    """Run under a progress bar, which is drawn on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(job.input.name, total=None)

        def tell(position: int, size: int) -> None:
            bar.update(task, completed=position, total=size)

        return run(job, answers, Clocks(seconds=time.monotonic, name=lambda: uuid.uuid4().hex, tell=tell))


def _report(job: Job, progress: RunProgress) -> None:
    unread = sum(progress.tally.get(WHOLE_ROW, {}).values())
    refused = refusals_in(progress.tally)
    table = Table(title=f"{progress.rows} rows read, {progress.rows - unread} written to {job.output}", title_style="")
    for heading in ("column", "done", "empty", "refused"):
        table.add_column(heading, justify="left" if heading == "column" else "right")
    for column, outcomes in progress.tally.items():
        codes = [f"{times} {code}" for code, times in sorted(outcomes.items()) if code not in {DONE, EMPTY}]
        done, empty = (str(outcomes.get(outcome, 0)) for outcome in (DONE, EMPTY))
        table.add_row(column or "(whole rows)", done, empty, "\n".join(codes) or "0")
    console = Console(file=sys.stdout)
    console.print(table)
    if refused:
        console.print(f"{refused} refused, listed with line and code in {job.refusals}", soft_wrap=True)
