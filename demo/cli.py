"""`moat demo`: a service of its own with made-up people in it, and `moat demo orders`, a file of their orders."""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Final, Protocol, TextIO

import click
import httpx
from moat_client.client import Moat

from demo.loading import Loaded, load
from demo.orders import COLUMNS, World, orders, rows
from demo.tour import tour

SEED: Final = 1
ORDERS: Final = 300
CREDENTIALS: Final = (
    ("orders", "service", ("act_as:courier",)),
    ("support", "support", ()),
    ("privacy", "privacy_officer", ()),
    ("auditor", "auditor", ()),
)
"""Name, role and further scopes of the test credentials."""


class Opened(Protocol):
    """A new service in this process, before it listens."""

    @property
    def transport(self) -> httpx.BaseTransport:
        """Reaches the service's calls without a network."""

    def credential(self, name: str, role: str, scopes: Sequence[str]) -> str:
        """Make a test credential and return its text."""


class Start(Protocol):
    """How the composition root makes and serves a deployment whose data and keys lie in two directories."""

    def opened(self, data: Path, keys: Path) -> AbstractContextManager[Opened]:
        """Make the database and the keys, and open the service in this process."""

    def serve(self, data: Path, keys: Path, port: int, ready: Callable[[str], None]) -> None:
        """Serve until stopped; ``ready`` is called with the address when it answers."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The directories of a demo."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def credentials(self) -> Path:
        return self.root / "credentials"


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
            _run(start, _Place(data), port, load_only=load_only)

    demo.add_command(orders_command)
    return demo


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


def _run(start: Start, place: _Place, port: int, *, load_only: bool) -> None:
    if place.root.exists() and any(place.root.iterdir()):
        raise click.ClickException(
            f"{place.root} is not empty: give --data another directory, or serve what is there by\n"
            f"  moat serve --data {place.data} --keys {place.keys}"
        )
    try:
        loaded = _fill(start, place)
    except BaseException:
        # Half a demo would stand in the way of the next attempt, and everything in there was made just now.
        for made in (place.data, place.keys, place.credentials):
            rmtree(made, ignore_errors=True)
        raise
    click.echo(f"{loaded.people} made-up people and {loaded.values} values of {ORDERS} orders are in {place.data}.")
    if not load_only:
        start.serve(place.data, place.keys, port, lambda url: click.echo(tour(loaded, url=url, root=str(place.root))))


def _fill(start: Start, place: _Place) -> Loaded:
    place.credentials.mkdir(parents=True, mode=0o700)
    with start.opened(place.data, place.keys) as opened:
        texts = {name: opened.credential(name, role, scopes) for name, role, scopes in CREDENTIALS}
        for name, text in texts.items():
            file = place.credentials / name
            file.touch(mode=0o600)
            file.write_text(text + "\n", encoding="ascii")
        with Moat("http://demo", texts["orders"], transport=opened.transport) as client:
            return _load(client)


def _load(client: Moat) -> Loaded:
    some = list(orders(World(seed=SEED, orders=ORDERS, customers=60, couriers=8, merchants=12)))
    people = {person.subject: person for order in some for person in (order.customer, order.courier)}
    return load(client, people.values(), some)
