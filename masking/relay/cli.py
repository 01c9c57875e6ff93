"""`moat relay numbers`, `pools`, `pool`, `import`, `number`, `bind`, `unbind`, `plan` and `status`: relay numbers and bindings by
a service (MOAT_URL and MOAT_TOKEN). `plan LOG` needs none.

Exit status: 0 it was done; 1 it was refused, or lines of an import were; 2 wrong options or a file that cannot be read.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from moat_client.relay import Binding, Number, Pool
from rich.console import Console
from rich.table import Table

from masking.relay.decision import NumberState
from masking.relay.errors import ImportFileError
from masking.relay.mode import Mode
from masking.relay.planning import Need, need, read_log
from masking.relay.pool import CAPACITY_AT_MOST
from work.cli import connected

_WIDTH = 140
_HOUR_MS = 3_600_000
_POOL = click.option("--pool", default="default", show_default=True, help="The pool of numbers.")
_PARTY = "The platform's id of a person, or a token of their phone number (tok_…)."


def relay_commands() -> Sequence[click.Command]:
    """The commands."""
    return _pools, _pool, _import, _numbers, _number, _bind, _unbind, _plan, _status


@click.command("pools")
def _pools() -> None:
    """List pools with how many numbers they have in which state."""
    with connected() as moat:
        _tell_pools(list(moat.relay.pools()))


@click.command("pool")
@click.argument("name")
@click.option("--mode", "modes", type=click.Choice([mode.value for mode in Mode]), multiple=True, required=True)
@click.option("--cool-hours", type=click.FloatRange(0), help="How long nobody gets a number again that they had.")
@click.option("--capacity", type=click.IntRange(1, CAPACITY_AT_MOST), help="Live bindings that a number takes.")
@click.option("--digits", type=click.IntRange(1, 4), help="How long extensions are, of mode axe.")
def _pool(
    name: str, modes: tuple[str, ...], cool_hours: float | None, capacity: int | None, digits: int | None
) -> None:
    """Make the pool NAME, without numbers."""
    cool = None if cool_hours is None else int(cool_hours * 3_600)
    terms = {"cool_seconds": cool, "capacity": capacity, "digits": digits}
    with connected() as moat:
        given = {name: value for name, value in terms.items() if value is not None}
        _tell_pools([moat.relay.create_pool(name, modes, **given)])


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_POOL
def _import(file: Path, pool: str) -> None:
    """Add the numbers of FILE, CSV with the columns number, area, province, carrier, voice and texts, to a pool."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.UsageError("the file is not UTF-8") from None
    with connected() as moat:
        added = moat.relay.import_numbers(pool, text)
    for line, code in added.faults.items():
        click.echo(f"line {line}: {code}", err=True)
    click.echo(f"added {added.count}, passed over {len(added.faults)}")
    if added.faults:
        raise SystemExit(1)


@click.command("numbers")
@click.option("--pool", help="Only those of a pool.")
def _numbers(pool: str | None) -> None:
    """List numbers."""
    with connected() as moat:
        _tell_numbers(list(moat.relay.numbers(pool)))


@click.command("number")
@click.argument("number")
@click.argument("state", type=click.Choice([state.value for state in NumberState if state is not NumberState.NEW]))
@click.option("--rest-hours", type=click.FloatRange(0), help="How long a quarantine lasts.")
def _number(number: str, state: str, rest_hours: float | None) -> None:
    """Bring NUMBER into STATE."""
    rest = None if rest_hours is None else int(rest_hours * 3_600)
    with connected() as moat:
        _tell_numbers([moat.relay.move_number(number, state, rest_seconds=rest)])


@click.command("bind")
@click.argument("order")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.AXB.value, show_default=True)
@click.option("--a", "a", help=_PARTY)
@click.option("--b", "b", help=_PARTY)
@click.option("--member", "crew", multiple=True, help="A member of a group; repeatable.")
@click.option("--area", multiple=True, help="Where the number should be from, the best first.")
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), help="How long it lasts.")
@_POOL
def _bind(
    order: str,
    mode: str,
    *,
    a: str | None,
    b: str | None,
    crew: tuple[str, ...],
    area: tuple[str, ...],
    hours: float | None,
    pool: str,
) -> None:
    """Put numbers between people for ORDER."""
    people: dict[str, Mapping[str, str] | Sequence[Mapping[str, str]]] = {
        field: _party(name) for field, name in (("a", a), ("b", b)) if name is not None
    }
    if crew:
        people["crew"] = [_party(name) for name in crew]
    further: dict[str, Any] = {"area": list(area)} if area else {}
    seconds = None if hours is None else max(1, int(hours * 3_600))
    with connected() as moat:
        _tell_bindings([moat.relay.bind(mode, order, people, pool=pool, expires_in=seconds, **further)])


@click.command("unbind")
@click.argument("binding", type=click.IntRange(min=1))
def _unbind(binding: int) -> None:
    """End BINDING. A call that is under way goes on."""
    with connected() as moat:
        _tell_bindings([moat.relay.unbind(binding)])


@click.command("status")
@click.option("--order", help="Only the bindings of an order.")
def _status(order: str | None) -> None:
    """Show pools and the live bindings, or all bindings of an order."""
    with connected() as moat:
        if order is None:
            _tell_pools(list(moat.relay.pools()))
        found = moat.relay.bindings(order=order)
        _tell_bindings([one for one in found if order is not None or one.ended_at is None])


@click.command("plan")
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--cool-hours", type=click.FloatRange(0), default=24, show_default=True)
@click.option("--capacity", type=click.IntRange(1, CAPACITY_AT_MOST), default=200, show_default=True)
@click.option("--pool", help="Compare with the numbers of this pool, and without LOG with its own bindings.")
@click.option(
    "--days", type=click.IntRange(1, 90), default=7, show_default=True, help="Without LOG: so many days up to now."
)
def _plan(log: Path | None, cool_hours: float, capacity: int, pool: str | None, days: int) -> None:
    """Tell how many numbers bindings need: the busiest person's at a time, which nobody can do without, beside what is owned.

    LOG is CSV with the columns a, b, from and to.
    """
    if log is None and pool is None:
        raise click.UsageError("a LOG, a --pool, or both")
    owned = found = None
    if pool is not None:
        with connected() as moat:
            plan = moat.relay.plan(pool, days=days)
        owned = int(str(plan["owned"]))
        words = ("bindings", "busiest", "live", "bound", "used")
        found = Need(*(int(str(plan[word])) for word in words))
    if log is not None:
        try:
            with log.open(encoding="utf-8", newline="") as lines:
                found = need(read_log(lines), cool=int(cool_hours * _HOUR_MS), capacity=capacity)
        except UnicodeDecodeError:
            raise click.UsageError("the file is not UTF-8") from None
        except ImportFileError as fault:
            place = "" if fault.line is None else f", line {fault.line}"
            raise click.UsageError(f"not a log of bindings{place}") from None
    if found is not None:
        _tell_need(found, owned)


def _party(name: str) -> Mapping[str, str]:
    return {"token": name} if name.startswith("tok_") else {"subject": name}


def _tell_need(found: Need, owned: int | None) -> None:
    table = Table("bindings", "live at once", "busiest person", "numbers needed", "first fit takes", "owned", box=None)
    cells = found.bindings, found.live, found.busiest, found.bound, found.used
    table.add_row(*map(str, cells), "-" if owned is None else str(owned))
    _print(table)
    if owned is not None and owned < found.bound:
        click.echo(f"{found.bound - owned} numbers are missing")


def _tell_pools(pools: Sequence[Pool]) -> None:
    table = Table("pool", "modes", "numbers", "live bindings", box=None)
    for one in pools:
        counts = ", ".join(f"{count} {state}" for state, count in one.numbers.items()) or "none"
        table.add_row(one.name, " ".join(one.modes), counts, str(one.live))
    _print(table)


def _tell_numbers(numbers: Sequence[Number]) -> None:
    table = Table("number", "kind", "area", "state", "rests until", "live", box=None)
    for one in numbers:
        table.add_row(one.value, one.kind, one.area, one.state, one.rests_until or "", str(one.live))
    _print(table)


def _tell_bindings(bindings: Sequence[Binding]) -> None:
    table = Table("binding", "mode", "x", "y", "extension", "expires", "ended", box=None)
    for one in bindings:
        ended = "" if one.ended_at is None else f"{one.ended_at} ({one.end_reason})"
        table.add_row(str(one.number), one.mode, one.x, one.y or "", one.extension or "", one.expires_at, ended)
    _print(table)


def _print(table: Table) -> None:
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH)).print(table)
