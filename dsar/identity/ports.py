"""What identity needs of others, as it needs it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits. What sends messages is never
called inside one.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from database.transaction import Transaction
from dsar.identity.named import Named
from dsar.ports import SubjectDirectory

Answer = TypeVar("Answer")


class NamedPeople(SubjectDirectory, Protocol):
    """The people of one tenant, also by what they call themselves."""

    def normal(self, named: Named) -> Named:
        """In normal form.

        Raises:
            ValueError: it is not of its kind's form; the arguments are a code and a detail, which do not repeat it.
        """

    def known_by(self, tx: Transaction, named: Sequence[Named]) -> int | None:
        """The vault's number of the one person whom all of these name, in normal form; None for nobody, and for several. It takes
        the same statements for either."""


class PeopleByName(Protocol):
    """Opens directories, with the keys fetched before `attempt` begins any transaction."""

    def using(self, tenant: int, attempt: Callable[[NamedPeople], Answer]) -> Answer:
        """What `attempt` returns. It runs again with fresh keys when those at hand have moved on."""


class CodePost(Protocol):
    """Sends codes to the phone or e-mail address of a person's profile."""

    def carries(self, channel: str) -> bool:
        """Whether the deployment can send by a channel, or by any."""

    def send(self, tenant: int, subject: int, channel: str, *, code: str, minutes: int, locale: str) -> str | None:
        """Send a code, looking the address up now; the channel by which it left, None where there is no such address.

        Raises:
            OSError: it did not leave.
        """


class Holdings(Protocol):
    """What the vault keeps of a person."""

    def sensitive(self, tx: Transaction, tenant: int, subject: int) -> bool:
        """Whether any of it is sensitive personal information (PIPL art. 28)."""


class Tenants(Protocol):
    """The tenants of a deployment."""

    def number_of(self, name: str) -> int | None:
        """The number of the tenant with this name."""
