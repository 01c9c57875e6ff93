"""`moat consent`: what an operator or anybody with a receipt does at a terminal."""

import click

from consent.receipts.cli import verify_command


def consent_group() -> click.Group:
    """The `consent` commands."""

    @click.group("consent")
    def consent() -> None:
        """Look after purposes and notices, and check receipts of consents."""

    consent.add_command(verify_command)
    return consent
