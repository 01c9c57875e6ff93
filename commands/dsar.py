"""`moat dsar`."""

import click

from composition.disclosure import opened_package_keys
from dsar.disclosure.cli import package_commands
from dsar.erasure.cli import erasure_commands

dsar = click.Group("dsar", help="Answer requests of people, and check what was made for them.")
for command in (*package_commands(opened_package_keys), *erasure_commands()):
    dsar.add_command(command)
