"""`moat demo`: a service of its own with made-up people in it, and `moat demo orders`, a file of their orders."""

import csv
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from string import ascii_lowercase
from typing import Final, Protocol, TextIO

import click
import httpx
from moat_client.client import Moat
from moat_client.errors import MoatError
from rich.console import Console

from demo.day import Cast, Day, Doors
from demo.loading import Loaded, load
from demo.orders import COLUMNS, World, orders, rows
from demo.people import Role, person
from demo.stagecraft import Terminal
from demo.tour import tour

SEED: Final = 1
ORDERS: Final = 300
CREDENTIALS: Final = (
    ("orders", "service", ("act_as:courier",)),
    ("support", "support", ()),
    ("merchant", "merchant", ()),
    ("risk", "risk", ()),
    ("privacy", "privacy_officer", ()),
    ("operator", "operator", ()),
    ("auditor", "auditor", ()),
)
"""Name, role and further scopes of the test credentials."""

DOORS: Final = ("orders", "support", "merchant", "risk", "privacy", "auditor")
CAST: Final[tuple[tuple[Role, int], ...]] = (("customer", 7), ("courier", 1), ("courier", 2))
RELAY_NUMBERS: Final = 20
PUBLISHED_WITHIN_S: Final = 20


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
    demo.add_command(day_command)
    return demo


@click.command("day")
@click.option("--data", type=click.Path(path_type=Path), default=Path("demo-data"), show_default=True)
@click.option("--url", envvar="MOAT_URL", default="http://127.0.0.1:8080", show_default=True, help="The running demo.")
def day_command(data: Path, url: str) -> None:
    """Play the day of an order against a running `moat demo`: what everybody sees of it at each stage, side by side."""
    with ExitStack() as opened:
        doors = Doors(**{name: opened.enter_context(_door(_Place(data), name, url)) for name in DOORS})
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


def _door(place: "_Place", name: str, url: str) -> Moat:
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
        _add_relay_numbers(opened.transport, texts["operator"])
        with Moat("http://demo", texts["orders"], transport=opened.transport) as client:
            return _load(client)


def _add_relay_numbers(transport: httpx.BaseTransport, credential: str) -> None:
    """A pool of made-up numbers for the orders."""
    items = [{"number": f"+861701234{number:04d}"} for number in range(RELAY_NUMBERS)]
    headers = {"Authorization": f"Bearer {credential}"}
    with httpx.Client(base_url="http://demo", transport=transport, headers=headers) as operator:
        for path, told in (
            ("pools", {"pool": "orders", "modes": ["axb"]}),
            ("numbers", {"pool": "orders", "items": items}),
        ):
            operator.post(f"/v1/relay/{path}", json=told).raise_for_status()


def _load(client: Moat) -> Loaded:
    some = list(orders(World(seed=SEED, orders=ORDERS, customers=60, couriers=8, merchants=12)))
    people = {person.subject: person for order in some for person in (order.customer, order.courier)}
    return load(client, people.values(), some)
