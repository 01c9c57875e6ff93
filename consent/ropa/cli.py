"""`moat consent ropa`: the record of processing activities, on the service's host."""

from pathlib import Path
from typing import Any

import click

from consent.catalogues.cli import language, located, opened
from consent.catalogues.host import OpenCatalogues
from consent.locale import Locale
from consent.ropa.record import record_of
from consent.ropa.writing import MEDIA_TYPES, file_name, written


def ropa_command(open_catalogues: OpenCatalogues) -> click.Command:
    """The command over a database that is opened when it runs."""

    @click.command("ropa")
    @click.option("--format", "form", type=click.Choice(list(MEDIA_TYPES)), default="html", show_default=True)
    @click.option("--locale", type=click.Choice([locale.value for locale in Locale]), help="Language of the record.")
    @click.option(
        "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; named if not given."
    )
    @located
    def ropa(form: str, locale: str | None, output: Path | None, **where: Any) -> None:
        """Write the record of processing activities, made from the catalogue in force."""
        with opened(open_catalogues, **where) as (host, now):
            edition = host.reader.edition(now.tenant)
        record = record_of(edition, language(locale, edition.catalogue.locales), now.at)
        path = output or Path(file_name(record, form))
        path.write_bytes(written(record, form))
        click.echo(f"wrote {path}")

    return ropa
