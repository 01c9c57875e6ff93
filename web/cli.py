"""`moat credential`, `moat tenant` and `moat explain`.

Credentials are managed through the service (MOAT_URL and MOAT_TOKEN), or on its host directly in the database (--data DIR or
--database URL): whoever can write the database needs no permission from the service.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson
from moat_client.client import Moat
from moat_client.errors import MoatError
from rich.console import Console
from rich.table import Table

from web.errors import WebError
from web.http import DEFAULT_OVERLAP_SECONDS, LONGEST_LIFETIME_SECONDS, LONGEST_OVERLAP_SECONDS, NAME_PATTERN
from web.local import Credentials, LocalCredentials, OpenLocally
from web.principal import Role, Scope
from web.stored_name import is_personal
from web.tenancy import DEFAULT_TENANT

Command = TypeVar("Command", bound=Callable[..., Any])

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LOCALLY = (
    click.option(
        "--data", type=click.Path(file_okay=False, path_type=Path), help="Work in this data directory's database."
    ),
    click.option(
        "--keys", type=click.Path(file_okay=False, path_type=Path), help="The keys directory that belongs to it."
    ),
    click.option("--database", help="Work in this PostgreSQL database."),
)
_TENANT = click.option(
    "--tenant", default=DEFAULT_TENANT, show_default=True, help="With --data or --database: the tenant."
)


class Duration(click.ParamType[int]):
    """Seconds, or a number with s, m, h or d, between bounds."""

    name = "duration"

    def __init__(self, least: int, most: int) -> None:
        self._least = least
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a duration; what cannot be one is a usage error."""
        if isinstance(value, int):
            return value
        written = re.fullmatch(r"([0-9]{1,12})([smhd]?)", value)
        seconds = int(written[1]) * _SECONDS[written[2] or "s"] if written else -1
        if not self._least <= seconds <= self._most:
            self.fail("a duration is a number of seconds, or one such as 90d, 12h or 30m", param, ctx)
        return seconds


def commands(open_locally: OpenLocally) -> list[click.Command]:
    """The commands of this module; `open_locally` opens the database for those that work without the service."""
    return [_credential_group(open_locally), _tenant_group(open_locally), explain]


@click.command()
@click.argument("request_id")
def explain(request_id: str) -> None:
    """Tell why a request was decided as it was, and what would have allowed it.

    REQUEST_ID stands in the answer's X-Request-Id header and in every problem. Uses MOAT_URL and MOAT_TOKEN.
    """
    with _spoken_errors(), _connected() as moat:
        click.echo(orjson.dumps(moat.explain(request_id), option=orjson.OPT_INDENT_2))


def _credential_group(open_locally: OpenLocally) -> click.Group:
    group = click.Group("credential", help="Make, list, rotate and revoke credentials.")

    @group.command()
    @click.option("--name", required=True, help="What the credential is for, such as orders.")
    @click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
    @click.option(
        "--scope",
        "scopes",
        multiple=True,
        type=click.Choice([scope.value for scope in Scope]),
        help="Beside the role's.",
    )
    @click.option("--expires-in", type=Duration(60, LONGEST_LIFETIME_SECONDS), help="Such as 90d; never without it.")
    @click.option("--test", is_flag=True, help="Make a test credential (moat_test_…).")
    @_with(_TENANT, *_LOCALLY)
    def create(name: str, role: str, scopes: tuple[str, ...], expires_in: int | None, test: bool, **where: Any) -> None:
        """Make a credential and print its text, which is shown this once."""
        if not re.fullmatch(NAME_PATTERN, name) or is_personal(name):
            raise click.UsageError(
                "--name is up to 64 letters, digits, dots, hyphens and underscores, and no long number"
            )
        with _credentials(open_locally, **where) as calls:
            made = calls.create_credential(name, role=role, scopes=scopes, test=test, expires_in=expires_in)
        click.echo(f"credential {made.id} ({made.name}, {made.role}): keep this text, it is not shown again", err=True)
        click.echo(made.text)

    @group.command("list")
    @_with(_TENANT, *_LOCALLY)
    def list_(**where: Any) -> None:
        """List the credentials, ended ones too, without their texts."""
        table = Table("id", "name", "role", "expires", "revoked", "scopes", box=None)
        with _credentials(open_locally, **where) as calls:
            for one in calls.credentials():
                table.add_row(
                    str(one.id), one.name, one.role, one.expires_at or "", one.revoked_at or "", " ".join(one.scopes)
                )
        Console().print(table)

    @group.command()
    @click.argument("number", type=click.IntRange(min=1))
    @click.option(
        "--overlap", type=Duration(0, LONGEST_OVERLAP_SECONDS), default=DEFAULT_OVERLAP_SECONDS, show_default=True
    )
    @_with(_TENANT, *_LOCALLY)
    def rotate(number: int, overlap: int, **where: Any) -> None:
        """Give a credential a new text and print it; the old one keeps working for the overlap."""
        with _credentials(open_locally, **where) as calls:
            click.echo(calls.rotate_credential(number, overlap=overlap).text)

    @group.command()
    @click.argument("number", type=click.IntRange(min=1))
    @_with(_TENANT, *_LOCALLY)
    def revoke(number: int, **where: Any) -> None:
        """End a credential from its next request on."""
        with _credentials(open_locally, **where) as calls:
            calls.revoke_credential(number)

    return group


def _tenant_group(open_locally: OpenLocally) -> click.Group:
    group = click.Group("tenant", help="Make tenants, on the service's host.")

    @group.command()
    @click.argument("name")
    @click.option(
        "--region", default="CN", show_default=True, help="Country of phone numbers that name none (ISO 3166-1)."
    )
    @_with(*_LOCALLY)
    def create(name: str, region: str, **where: Any) -> None:
        """Make a tenant."""
        with _spoken_errors(), open_locally(**where) as desks:
            number = desks.tenants.create(name, region, desks.occasion())
        click.echo(f"tenant {number} ({name})")

    return group


@contextmanager
def _credentials(
    open_locally: OpenLocally, *, tenant: str, data: Path | None, keys: Path | None, database: str | None
) -> Iterator[Credentials]:
    """The calls, on the way that the options choose."""
    with _spoken_errors():
        if data is None and database is None:
            with _connected() as moat:
                yield moat
            return
        with open_locally(data=data, keys=keys, database=database) as desks:
            number = desks.tenants.number_of(tenant)
            if number is None:
                raise click.UsageError("there is no such tenant: moat tenant create makes one")
            yield LocalCredentials(desks, number)


def _connected() -> Moat:
    try:
        return Moat()
    except ValueError as error:
        raise click.UsageError(
            f"{error}; credentials can also be managed on the host by --data or --database"
        ) from None


@contextmanager
def _spoken_errors() -> Iterator[None]:
    """Refusals in one line."""
    try:
        yield
    except MoatError as error:
        raise click.ClickException(str(error)) from None
    except WebError as error:
        raise click.ClickException(_said(error)) from None
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _said(error: WebError) -> str:
    return (type(error).__doc__ or type(error).__name__).strip()


def _with(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate
