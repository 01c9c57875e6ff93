"""The commands of `moat dsar` about packages for people."""

from collections.abc import Sequence

import click

from composition.disclosure import opened_package_keys
from dsar.disclosure.cli import package_commands


def opened_package_commands() -> Sequence[click.Command]:
    """The commands, over a deployment's database."""
    return package_commands(opened_package_keys)
