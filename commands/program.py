"""`moat` itself: the names of its commands and what each is for. A command's module, and what that needs, is imported when the
command is used: whoever asks a service for a job's progress need not wait for a database's libraries."""

import gc
import os
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import NamedTuple

import click

OWNER_ONLY = 0o077
"""The file mode bits that nothing of a deployment gets."""


class Place(NamedTuple):
    """Where a command is, and its first sentence, which stands in the list of commands."""

    module: str
    attribute: str
    about: str


COMMANDS: Mapping[str, Place] = {
    "audit": Place("commands.audit", "audit", "Check the audit log, and look after its keys."),
    "backup": Place(
        "commands.backup", "backup", "Make backups, keyring and data apart; look whether they are good; put them back."
    ),
    "certificate": Place("commands.certificate", "certificate", "Check certificates of erasure."),
    "classify": Place(
        "masking.files.cli",
        "classify",
        "Tell which columns of a file or a database hold which kinds of personal values.",
    ),
    "consent": Place("commands.consent", "consent", "Look after purposes and notices, and check receipts of consents."),
    "credential": Place("commands.credential", "credential", "Make, list, rotate and revoke credentials."),
    "deidentify": Place(
        "masking.datasets.cli",
        "deidentify",
        "Take out of a data set what points at people, by a plan, and report what risk is left.",
    ),
    "demo": Place(
        "commands.demo",
        "demo",
        "Serve a vault of made-up people, in a directory of its own, with test credentials to try it by.",
    ),
    "detokenize": Place(
        "vault.bulk.cli",
        "detokenize",
        "Replace the tokens in a CSV, NDJSON or Parquet file by their values, in the view asked.",
    ),
    "dsar": Place("commands.dsar", "dsar", "Answer requests of people, and check what was made for them."),
    "explain": Place(
        "commands.credential", "explain", "Tell why a request was decided as it was, and what would have allowed it."
    ),
    "handover": Place("vault.handover_cli", "handover", "Look after what couriers and merchants see of orders."),
    "jobs": Place("commands.jobs", "jobs", "Look at jobs, and pause, resume, cancel and approve them."),
    "keys": Place("commands.keys", "keys", "Look at keys, rotate them, and destroy old versions."),
    "mask": Place(
        "masking.files.cli",
        "mask",
        "Mask the columns of an NDJSON or CSV file by the kinds of their values; all others are copied.",
    ),
    "migrate": Place("commands.serving", "migrate_schema", "Bring the database to the schema of this version."),
    "policy": Place("commands.policy", "policy", "Ask the access policies what they allow, and why."),
    "relay": Place(
        "commands.relay", "relay", "Look after the numbers between people, and what became of calls over them."
    ),
    "retention": Place(
        "commands.retention", "retention", "Look after retention policies, plan what is due, and dispose of it."
    ),
    "redact": Place(
        "masking.files.cli",
        "redact",
        "Find personal values in a log, NDJSON or CSV file, and mask or replace them.",
    ),
    "serve": Place("commands.serving", "serve", "Serve the API."),
    "staff": Place("commands.staff", "staff", "Invite people to the pages, see who there is, and let them go."),
    "tenant": Place("commands.credential", "tenant", "Make tenants, on the service's host."),
    "tokenize": Place(
        "vault.bulk.cli", "tokenize", "Replace the personal values in a CSV, NDJSON or Parquet file by tokens."
    ),
    "worker": Place(
        "commands.working",
        "worker",
        "Number and publish the audit log and run jobs, without serving: for a host beside those that serve.",
    ),
}


class Program(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        gc.disable()  # what modules make stays, and looking through it again and again takes a fifth of a start
        command = getattr(import_module(place.module), place.attribute)
        gc.enable()
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].about) for name in sorted(COMMANDS)])


@click.command(cls=Program)
@click.version_option(version("moat-privacy"), prog_name="moat")
def main() -> None:
    """Moat: an encrypted vault for personal data, and who may see what of it."""


def run() -> None:
    """The process of a `moat` command: whatever it writes is its owner's only."""
    os.umask(OWNER_ONLY)
    main()
