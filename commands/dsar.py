"""`moat dsar`: commands of several parts, each imported when one of its commands is used."""

from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click


class Part(NamedTuple):
    """Which commands a part brings, and the function that makes them."""

    names: frozenset[str]
    module: str
    maker: str

    def commands(self) -> Sequence[click.Command]:
        """The commands of the part."""
        made: Sequence[click.Command] = getattr(import_module(self.module), self.maker)()
        return made


_REQUESTS = (
    "list show new acknowledge accept deny extend pause resume approve assign complete settle withdraw statistics"
)
PARTS = (
    Part(frozenset(_REQUESTS.split()), "dsar.cli", "request_commands"),
    Part(frozenset({"plan", "certificate", "verify"}), "dsar.erasure.cli", "erasure_commands"),
    Part(frozenset({"standing", "see", "session-key"}), "dsar.identity.cli", "identity_commands"),
    Part(frozenset({"hold", "holds", "review-hold", "release-hold"}), "dsar.holds.cli", "hold_commands"),
    Part(frozenset({"breach", "breaches"}), "dsar.alerts.cli", "alert_commands"),
    Part(frozenset({"tasks", "retry", "check-holder"}), "dsar.holders.cli", "holder_commands"),
    Part(frozenset({"check-package", "package", "package-keys"}), "commands.packages", "opened_package_commands"),
)


class Parts(click.Group):
    """A group over `PARTS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(name for part in PARTS for name in part.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        found = [command for part in PARTS if cmd_name in part.names for command in part.commands()]
        return next((command for command in found if command.name == cmd_name), None)


dsar = Parts("dsar", help="Answer requests of people, and check what was made for them.")
