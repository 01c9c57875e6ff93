"""`moat relay`: commands of several parts, each imported when one of its commands is used."""

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


PARTS = (
    Part(
        frozenset({"pools", "pool", "import", "numbers", "number", "bind", "unbind", "plan", "status"}),
        "masking.relay.cli",
        "relay_commands",
    ),
    Part(
        frozenset({"calls", "statistics", "cases", "close-case", "rules", "legal-keys"}),
        "masking.relay.calls.cli",
        "call_commands",
    ),
    Part(frozenset({"call"}), "masking.relay.switch.cli", "switch_commands"),
    Part(frozenset({"redirect"}), "masking.relay.sip302.cli", "redirect_commands"),
    Part(frozenset({"simulate-provider"}), "masking.relay.providers.cli", "provider_commands"),
    Part(frozenset({"legal-key", "legal"}), "commands.sealed_calls", "opened_legal_commands"),
)


class Parts(click.Group):
    """A group over `PARTS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(name for part in PARTS for name in part.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        found = [command for part in PARTS if cmd_name in part.names for command in part.commands()]
        return next((command for command in found if command.name == cmd_name), None)


relay = Parts("relay", help="Look after the numbers between people, and what became of calls over them.")
