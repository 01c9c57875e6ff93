"""`moat demo`: a service of its own with made-up people in it, and `moat demo orders`, a file of their orders."""

import csv
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from string import ascii_lowercase
from typing import Final, TextIO

import click
from moat_client.client import Moat
from moat_client.errors import MoatError
from rich.console import Console

from demo.cast import OFFICIALS, SEED, Place, keep_secrets
from demo.company import CREDENTIALS, Start, company
from demo.day import Cast, Day, Doors
from demo.loading import Loaded
from demo.orders import COLUMNS, rows
from demo.past import ORDERS, Past
from demo.people import Role, person
from demo.stagecraft import Terminal
from demo.tour import tour

DOORS: Final = ("orders", "support", "merchant", "risk", "privacy", "auditor")
CAST: Final[tuple[tuple[Role, int], ...]] = (("customer", 7), ("courier", 1), ("courier", 2))
PUBLISHED_WITHIN_S: Final = 20
BEGUN: Final = timedelta(days=62)
"""How long ago the demo's past begins."""


def demo_group(start: Start) -> click.Group:
    """Build the `demo` commands over a way to start a service."""

    @click.group("demo", invoke_without_command=True)
    @click.option("--data", type=click.Path(path_type=Path), default=Path("demo-data"), show_default=True)
    @click.option("--port", type=click.IntRange(1, 65_535), default=8080, show_default=True)
    @click.option("--load-only", is_flag=True, help="Make and fill the database, and do not serve.")
    @click.pass_context
    def demo(context: click.Context, data: Path, port: int, load_only: bool) -> None:
        """Serve a vault of made-up people, in a directory of its own, with test credentials to try it by."""
        if context.invoked_subcommand is None:
            _run(start, Place(data), port, load_only=load_only)

    demo.add_command(orders_command)
    demo.add_command(day_command)
    return demo


@click.command("day")
@click.option("--data", type=click.Path(path_type=Path), default=Path("demo-data"), show_default=True)
@click.option("--url", envvar="MOAT_URL", default="http://127.0.0.1:8080", show_default=True, help="The running demo.")
def day_command(data: Path, url: str) -> None:
    """Play the day of an order against a running `moat demo`: what everybody sees of it at each stage, side by side."""
    with ExitStack() as opened:
        doors = Doors(**{name: opened.enter_context(_door(Place(data), name, url)) for name in DOORS})
        customer, courier, stranger = (person(role, number, SEED) for role, number in CAST)
        cast = Cast(customer, courier, stranger, merchant="shop-0001")
        order = "day-" + "".join(secrets.choice(ascii_lowercase) for _ in range(8))  # digits would read as a phone
        try:
            Day(doors, cast, order, Terminal(Console()), _soon).play()
        except MoatError as refused:
            raise click.ClickException(str(refused)) from None


def _soon(so: Callable[[], bool]) -> bool:
    """Whether something is so within twenty seconds: the log is numbered within two."""
    for _ in range(PUBLISHED_WITHIN_S * 5):
        if so():
            return True
        time.sleep(0.2)
    return False


def _door(place: Place, name: str, url: str) -> Moat:
    file = place.credentials / name
    try:
        return Moat(url, file.read_text(encoding="ascii").strip())
    except OSError:
        raise click.ClickException(f"{file} cannot be read: `moat demo` makes it") from None


@click.command("orders")
@click.option("--rows", "count", type=click.IntRange(1, 50_000_000), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True, help="The same seed, the same file.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; without it, stdout."
)
def orders_command(count: int, seed: int, output: Path | None) -> None:
    """Write the orders of made-up people as a CSV file, with broken cells as real exports have them."""
    with _opened(output) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(count, seed))
    if output:
        click.echo(f"{count} orders of people who do not exist, in {output}", err=True)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # a TextIOWrapper in a program
        yield sys.stdout
    else:
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file


def _run(start: Start, place: Place, port: int, *, load_only: bool) -> None:
    if place.root.exists() and any(place.root.iterdir()):
        raise click.ClickException(
            f"{place.root} is not empty: give --data another directory, or serve what is there by\n"
            f"  moat serve --data {place.data} --keys {place.keys}"
        )
    try:
        loaded = _fill(start, place, port)
    except BaseException:
        # Half a demo would stand in the way of the next attempt, and everything in there was made just now.
        for made in (place.data, place.keys, place.credentials):
            rmtree(made, ignore_errors=True)
        for made in (place.messages, place.authenticators):
            made.unlink(missing_ok=True)
        raise
    click.echo(f"{loaded.people} made-up people and {loaded.values} values of {ORDERS} orders are in {place.data}.")
    if not load_only:
        start.serve(place, port, lambda url: click.echo(tour(loaded, url=url, root=str(place.root))))


def _fill(start: Start, place: Place, port: int) -> Loaded:
    now = datetime.now(UTC)  # noqa: TID251 - the demo's past is counted back from here
    place.credentials.mkdir(parents=True, mode=0o700)
    with start.opened(place, port, now - BEGUN) as opened:
        texts = {name: opened.credential(name, role, scopes) for name, role, scopes in CREDENTIALS}
        for name, text in texts.items():
            file = place.credentials / name
            file.touch(mode=0o600)
            file.write_text(text + "\n", encoding="ascii")
        keep_secrets(place, {name: opened.official(name, role) for name, role in OFFICIALS.items()})
        with company(opened, texts, now) as filled:
            return Past(filled).play()
