"""`moat consent`: what an operator or anybody with a receipt does at a terminal."""

import click

from consent.catalogues.cli import catalogue_group
from consent.catalogues.host import OpenCatalogues
from consent.imports.cli import import_command
from consent.receipts.cli import verify_command
from consent.ropa.cli import ropa_command


def consent_group(open_catalogues: OpenCatalogues) -> click.Group:
    """The `consent` commands; `open_catalogues` opens the database for those that work on a host."""

    @click.group("consent")
    def consent() -> None:
        """Look after purposes and notices, and check receipts of consents."""

    consent.add_command(catalogue_group(open_catalogues))
    consent.add_command(ropa_command(open_catalogues))
    consent.add_command(import_command)
    consent.add_command(verify_command)
    return consent
