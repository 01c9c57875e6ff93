"""`moat keys provider`: where the root keys are, and moving a deployment from one keeper of root keys to another while it runs.

It works on the database at the service's host, with the settings of the service and the credentials of the people who decide.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TextIO

import click
from rich.console import Console
from rich.table import Table

from audit.entry import Actor
from vault.errors import IntegrityError, KeysUnavailableError, RootInUseError, RootKeyError
from vault.rewrapping import Decision, Rewrapping

DECIDING_ROLES = frozenset({"operator", "admin"})
"""Who may decide where root keys are kept."""

_IN_USE = {
    "two_persons": "this takes two persons, each with a credential of their own",
    "keys": "a root key is not destroyed while a key is wrapped by it",
    "active": "the root key in use is not destroyed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveHost:
    """A deployment's root keys at its host. `holder` tells whose credential a text is, and `why` the words for a root key that
    cannot be used."""

    move: Rewrapping
    holder: Callable[[str], Actor | None]
    why: Callable[[RootKeyError], str]

    def decision(self, first: str, second: str) -> Decision:
        """What two people want.

        Raises:
            click.ClickException: a credential does not work or its role may not decide this, or both are one person's.
        """
        people = [self.holder(text.strip()) for text in (first, second)]
        if any(one is None or one.role not in DECIDING_ROLES for one in people):
            raise click.ClickException(
                f"this takes working credentials of the roles {' or '.join(sorted(DECIDING_ROLES))}"
            )
        actor, approver = people
        assert actor is not None
        decision = Decision(actor, approver)
        if not decision.by_two:
            raise click.ClickException(_IN_USE["two_persons"])
        return decision


OpenMove = Callable[..., AbstractContextManager[MoveHost]]
"""Opens the root keys with the settings given as options; `to` names a provider that must be among them."""


def provider_group(open_move: OpenMove, options: Callable[[Callable[..., None]], Callable[..., None]]) -> click.Group:
    """The `keys provider` commands; `options` gives a command the options of the key providers' settings."""

    @click.group("provider")
    def provider() -> None:
        """Look at the keepers of the root keys, and move from one to another."""

    provider.add_command(_show(open_move, options))
    provider.add_command(_migrate(open_move, options))
    return provider


def _show(open_move: OpenMove, options: Callable[[Callable[..., None]], Callable[..., None]]) -> click.Command:
    @click.command("show")
    @options
    def show(**chosen: Any) -> None:
        """Show every root key that this deployment has had, who keeps it, and how many keys it wraps."""
        with open_move(**chosen) as host, _spoken(host):
            table = Table("number", "provider", "root key", "state", "wraps", box=None)
            for row in host.move.all():
                table.add_row(str(row.id), row.provider, row.root, row.state, str(host.move.wraps(row.id)))
        Console().print(table)

    return show


def _migrate(open_move: OpenMove, options: Callable[[Callable[..., None]], Callable[..., None]]) -> click.Command:
    file = partial(click.option, type=click.File("r", encoding="ascii"), required=True)

    @click.command("migrate")
    @click.option("--to", required=True, type=click.Choice(["file", "pkcs11", "transit"]), help="The new keeper.")
    @file("--first", help="File with the credential of one person who decides this.")
    @file("--second", help="File with the credential of another.")
    @click.option(
        "--destroy-old", is_flag=True, help="Destroy root keys that then wrap nothing. Older backups need them."
    )
    @options
    def migrate(to: str, first: TextIO, second: TextIO, destroy_old: bool, **chosen: Any) -> None:
        """Wrap every key anew with a root key of another keeper, while the service runs.

        Restart the service with both keepers first (--key-provider NEW --key-provider-from OLD), and with the new one alone
        afterwards. Cut off anywhere, the same command goes on.
        """
        with open_move(to=to, **chosen) as host, _spoken(host):
            decision = host.decision(first.read(), second.read())
            _move(host.move, to, decision)
            if destroy_old:
                _destroy(host.move, decision)

    return migrate


def _move(move: Rewrapping, to: str, decision: Decision) -> None:
    active = move.active()
    if active.provider != to:
        active = move.introduce(decision, before=active.id, provider=to)
    moved = 0
    while count := move.step(decision):
        moved += count
        click.echo(f"{moved} keys moved, {move.left()} to go")
    click.echo(f"every key is wrapped by root key {active.root} of {to}")


def _destroy(move: Rewrapping, decision: Decision) -> None:
    for row in move.all():
        if row.state == "decrypt-only" and move.wraps(row.id) == 0:
            move.destroy(row.id, decision)
            click.echo(f"root key {row.root} of {row.provider} was destroyed")
    move.finish()


@contextmanager
def _spoken(host: MoveHost) -> Iterator[None]:
    """Refusals in one line."""
    try:
        yield
    except RootKeyError as error:
        raise click.ClickException(host.why(error)) from None
    except KeysUnavailableError as error:
        raise click.ClickException(f"a key provider does not answer ({error.cause}); run this again to go on") from None
    except RootInUseError as error:
        raise click.ClickException(_IN_USE[error.cause]) from None
    except IntegrityError:
        raise click.ClickException(
            "a wrapped key is damaged or was moved; what was moved before it stays moved"
        ) from None
