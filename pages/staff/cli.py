"""`moat staff`: who works on the pages. Through the service (MOAT_URL and MOAT_TOKEN), or on its host in the database itself."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import click
from moat_client.client import Moat
from moat_client.errors import MoatError
from moat_client.staff import StaffMember
from rich.console import Console
from rich.table import Table

from pages.staff.errors import StaffNotFoundError
from pages.staff.inviting import Inviting
from pages.staff.member import ROLES, Member
from pages.staff.secret_text import EnrolmentText
from web.errors import CredentialNameTakenError
from web.http import NAME_PATTERN
from web.issuance import Occasion
from web.principal import Role
from web.stored_name import is_personal

_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStaff:
    """The use cases on an opened database, for the staff of one tenant. `occasion` is now, `origin` where the pages are."""

    inviting: Inviting
    tenant: int
    origin: str
    occasion: Callable[[], Occasion]

    def invite(self, name: str, *, role: str) -> StaffMember:
        """Invite somebody."""
        return self._invited(*self.inviting.invite(self.tenant, name, Role(role), self.occasion()))

    def invite_again(self, number: int) -> StaffMember:
        """Give somebody another address."""
        text = self.inviting.invite_again(self.tenant, number, self.occasion())
        return self._invited(self.inviting.member(self.tenant, number), text)

    def all(self) -> Iterator[StaffMember]:
        """Everybody, page by page."""
        after = 0
        while found := self.inviting.page(self.tenant, self.occasion(), after=after, limit=_PAGE):
            yield from (_answer(one) for one in found)
            after = found[-1].id

    def disable(self, number: int) -> None:
        """Let somebody go."""
        self.inviting.disable(self.tenant, number, self.occasion())

    def _invited(self, member: Member, text: EnrolmentText) -> StaffMember:
        return _answer(member, f"{self.origin}/staff/enrol/{text.reveal()}")


class StaffDesk(Protocol):
    """The calls that the commands make."""

    def invite(self, name: str, *, role: str) -> StaffMember: ...

    def invite_again(self, number: int) -> StaffMember: ...

    def all(self) -> Iterator[StaffMember]: ...

    def disable(self, number: int) -> None: ...


class OpenStaff(Protocol):
    """Opens the database of a deployment for the staff of a tenant; what is not given comes from the settings."""

    def __call__(
        self, *, tenant: str, data: Path | None, keys: Path | None, database: str | None
    ) -> AbstractContextManager[LocalStaff]: ...


def staff_group(open_locally: OpenStaff) -> click.Group:
    """The commands."""
    group = click.Group("staff", help="Invite people to the pages, see who there is, and let them go.")
    for command in _commands(open_locally):
        for option in _WHERE:
            command = option(command)  # noqa: PLW2901 - decorated
        group.add_command(command)
    return group


def _commands(open_locally: OpenStaff) -> Sequence[click.Command]:
    @click.command()
    @click.option("--name", required=True, help="A work name, such as li.na.")
    @click.option("--role", required=True, type=click.Choice([role.value for role in ROLES]))
    def invite(name: str, role: str, **where: Any) -> None:
        """Make the address at which somebody enrols: it works once, and for fifteen minutes."""
        if not re.fullmatch(NAME_PATTERN, name) or is_personal(name):
            raise click.UsageError(
                "--name is up to 64 letters, digits, dots, hyphens and underscores, and no long number"
            )
        with _desk(open_locally, where) as desk:
            _say(desk.invite(name, role=role))

    @click.command()
    @click.argument("number", type=click.IntRange(min=1))
    def again(number: int, **where: Any) -> None:
        """Make another address for somebody who has not enrolled yet."""
        with _desk(open_locally, where) as desk:
            _say(desk.invite_again(number))

    @click.command("list")
    def list_(**where: Any) -> None:
        """List everybody, those who were let go too."""
        table = Table("number", "name", "role", "state", box=None)
        with _desk(open_locally, where) as desk:
            for one in desk.all():
                table.add_row(str(one.id), one.name, one.role, one.state)
        Console().print(table)

    @click.command()
    @click.argument("number", type=click.IntRange(min=1))
    def disable(number: int, **where: Any) -> None:
        """Let somebody go: their sessions end at once."""
        with _desk(open_locally, where) as desk:
            desk.disable(number)
        click.echo(f"{number} can no longer sign in")

    return [invite, again, list_, disable]


_WHERE = (
    click.option("--tenant", default="default", show_default=True, help="With --data or --database: the tenant."),
    click.option("--database", help="Work in this PostgreSQL database."),
    click.option("--keys", type=click.Path(file_okay=False, path_type=Path), help="The keys directory of it."),
    click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Work in this data directory."),
)


@contextmanager
def _desk(open_locally: OpenStaff, where: dict[str, Any]) -> Iterator[StaffDesk]:
    try:
        if where["data"] is None and where["database"] is None:
            with Moat() as moat:
                yield moat.staff
            return
        with open_locally(**where) as desk:
            yield desk
    except MoatError as error:
        raise click.ClickException(str(error)) from None
    except CredentialNameTakenError:
        raise click.ClickException("somebody, or a credential, has this name already") from None
    except StaffNotFoundError:
        raise click.ClickException("there is no such member of staff, or they have enrolled") from None
    except LookupError:
        raise click.UsageError("there is no such tenant: moat tenant create makes one") from None
    except ValueError as error:
        raise click.UsageError(f"{error}; staff can also be invited on the host by --data or --database") from None


def _say(member: StaffMember) -> None:
    click.echo(f"{member.name} ({member.role}) enrols here, once, within fifteen minutes:", err=True)
    click.echo(member.url)


def _answer(member: Member, url: str | None = None) -> StaffMember:
    return StaffMember(member.id, member.name, member.role.value, member.state.value, url)
