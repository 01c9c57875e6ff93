"""`moat consent catalogue` and `moat consent ropa`, on the service's host: in the database itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson
import yaml
from rich.console import Console
from rich.table import Table

from consent.catalogue import Catalogue
from consent.catalogue_text import read_source
from consent.catalogues.answers import catalogue_answer
from consent.catalogues.host import CatalogueHost, OpenCatalogues
from consent.catalogues.occasion import Occasion
from consent.catalogues.publication import Comparison
from consent.errors import ConsentError
from consent.locale import Locale
from database.columns import rfc3339

_PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
_VERSION = click.option("--version", type=click.IntRange(min=1), help="A version; the one in force by default.")
_LOCALE = click.option(
    "--locale",
    type=click.Choice([locale.value for locale in Locale]),
    help="Language of texts; the catalogue's first one by default.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def catalogue_group(open_catalogues: OpenCatalogues) -> click.Group:
    """The `catalogue` commands over a database that is opened when a command runs."""
    group = click.Group("catalogue", help="Publish and read the catalogue of purposes, notices and recipients.")

    @group.command()
    @_PATHS
    @located
    def apply(paths: tuple[Path, ...], **where: Any) -> None:
        """Put the catalogue of these files or directories in force. What was published stays as it is."""
        with opened(open_catalogues, **where) as (host, now):
            comparison = host.publication.apply(read_source(paths), now)
        if not comparison.news:
            click.echo(f"version {comparison.catalogue.version} is in force already")
            return
        _print_changes(comparison)
        click.echo(f"version {comparison.catalogue.version} is in force")
        _warn_of_example(comparison.catalogue)

    @group.command()
    @_PATHS
    @_JSON
    @located
    def diff(paths: tuple[Path, ...], as_json: bool, **where: Any) -> None:
        """Show what applying these files or directories would change, and how many people would have to be asked again."""
        with opened(open_catalogues, **where) as (host, now):
            comparison = host.publication.compare(read_source(paths), now)
        if as_json:
            click.echo(orjson.dumps(_changes(comparison), option=orjson.OPT_INDENT_2))
        else:
            _print_changes(comparison)

    @group.command()
    @_VERSION
    @_LOCALE
    @_JSON
    @located
    def show(version: int | None, locale: str | None, as_json: bool, **where: Any) -> None:
        """Show the catalogue in force, and which versions there have been."""
        with opened(open_catalogues, **where) as (host, now):
            edition = host.reader.edition(now.tenant, version)
            versions = host.reader.versions(now.tenant)
        shown = catalogue_answer(edition, language(locale, edition.catalogue.locales))
        if as_json:
            click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2))
            return
        _print_catalogue(shown)
        _warn_of_example(edition.catalogue)
        for one in versions:
            origin = "the starter" if one.starter else "applied"
            click.echo(f"version {one.version}, {origin} {rfc3339(one.applied_at)}, sha256 {one.digest}")

    @group.command()
    @_VERSION
    @click.argument("output", type=click.File("wb"), default="-")
    @located
    def export(version: int | None, output: BinaryIO, **where: Any) -> None:
        """Write the catalogue as YAML to OUTPUT, to be changed and applied again under a higher version."""
        with opened(open_catalogues, **where) as (host, now):
            source = host.reader.source(now.tenant, version)
        text = yaml.dump(source, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1_000)
        output.write(text.encode())

    @group.command()
    @click.argument("purpose")
    @located
    def tell(purpose: str, **where: Any) -> None:
        """Tell everybody with a live consent to an older notice of PURPOSE that it has changed, by a job."""
        with opened(open_catalogues, **where) as (host, now):
            job = host.telling.ask(purpose, now)
        click.echo(f"job {job}")

    return group


def language(wanted: str | None, offered: tuple[Locale, ...]) -> Locale:
    """The wanted language, if the catalogue has it; else its first."""
    return Locale(wanted) if wanted in offered else offered[0]


def located(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say which tenant of which database is meant."""
    for option in (
        click.option("--database", help="PostgreSQL URL instead of the embedded database."),
        click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Data directory."),
        click.option("--tenant", default="default", show_default=True),
    ):
        command = option(command)
    return command


@contextmanager
def opened(
    open_catalogues: OpenCatalogues, *, tenant: str, data: Path | None, database: str | None
) -> Iterator[tuple[CatalogueHost, Occasion]]:
    """The use cases, and now; refusals in one line."""
    try:
        with open_catalogues(data=data, database=database) as host:
            yield host, host.occasion(tenant)
    except ConsentError as error:
        raise click.ClickException(str(error) or (type(error).__doc__ or "").strip()) from None
    except LookupError:
        raise click.UsageError("there is no such tenant: moat tenant create makes one") from None


def _changes(comparison: Comparison) -> dict[str, Any]:
    return {
        "was": comparison.was,
        "version": comparison.catalogue.version,
        "changes": [
            {
                "purpose": one.purpose,
                "changed": list(one.facets),
                "notice_was": one.was,
                "notice": one.version,
                "material": one.material,
                "ask_again": comparison.affected.get(one.purpose, 0),
            }
            for one in comparison.changes
        ],
    }


def _print_changes(comparison: Comparison) -> None:
    if comparison.was is None:
        click.echo("there was no catalogue before")
        return
    if not comparison.changes:
        click.echo("no purpose changes")
        return
    table = Table("purpose", "changed", "notice", "to be asked again", box=None)
    for one in comparison.changes:
        versions = " → ".join(str(version or "none") for version in dict.fromkeys((one.was, one.version)))
        asked = str(comparison.affected[one.purpose]) if one.asks_again else ""
        table.add_row(one.purpose, ", ".join(one.facets), f"{versions}{', material' if one.material else ''}", asked)
    Console().print(table)


def _warn_of_example(catalogue: Catalogue) -> None:
    """The starter names nobody real, and a notice has to (PIPL art. 17)."""
    if catalogue.controller.email.endswith(".example"):
        click.echo(
            "the controller is the starter's example: put your own in before you show anybody a notice", err=True
        )


def _print_catalogue(shown: dict[str, Any]) -> None:
    controller = shown["controller"]
    click.echo(f"{controller['name']}, {controller['address']}; {controller['contact']}: {controller['email']}")
    table = Table("purpose", "ground", "separate", "kinds", "recipients", "days", "notice", box=None)
    for one in shown["purposes"]:
        table.add_row(
            one["purpose"],
            one["basis"]["pipl"],
            one["separate"] or "",
            " ".join(one["kinds"]),
            " ".join(given["recipient"] for given in one["recipients"]),
            str(one["retention"]["days"] or ""),
            str(one["notice_version"]),
        )
    Console().print(table)
