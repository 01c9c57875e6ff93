"""Credentials on the service's host: the calls of the client, answered by the database itself."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from moat_client.answers import Credential as Answer

from database.columns import rfc3339
from web.credential import Credential
from web.issuance import CredentialDesk, Grant, Occasion
from web.principal import Role, Scope
from web.tenancy import TenantDesk

_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDesks:
    """The use cases on an opened database, for an operator on its host. `occasion` is now."""

    credentials: CredentialDesk
    tenants: TenantDesk
    occasion: Callable[[], Occasion]


class OpenLocally(Protocol):
    """Opens the database of a deployment; what is not given comes from the settings."""

    def __call__(
        self, *, data: Path | None, keys: Path | None, database: str | None
    ) -> AbstractContextManager[LocalDesks]: ...


class Credentials(Protocol):
    """The client's calls about credentials."""

    def create_credential(
        self, name: str, *, role: str, scopes: Iterable[str] = (), test: bool = False, expires_in: int | None = None
    ) -> Answer: ...

    def credentials(self) -> Iterator[Answer]: ...

    def rotate_credential(self, id: int, *, overlap: int = ...) -> Answer: ...  # noqa: A002 - the client's word

    def revoke_credential(self, id: int) -> None: ...  # noqa: A002 - the client's word


class LocalCredentials:
    """The same calls, on the credentials of one tenant in the database."""

    def __init__(self, desks: LocalDesks, tenant: int) -> None:
        self._desk = desks.credentials
        self._occasion = desks.occasion
        self._tenant = tenant

    def create_credential(
        self, name: str, *, role: str, scopes: Iterable[str] = (), test: bool = False, expires_in: int | None = None
    ) -> Answer:
        """Make a credential.

        Raises:
            CredentialNameTakenError: a credential that is not revoked has the name.
        """
        now = self._occasion()
        expires_at = None if expires_in is None else now.at + expires_in * 1000
        grant = Grant(name=name, role=Role(role), extra=frozenset(map(Scope, scopes)), test=test, expires_at=expires_at)
        credential, text = self._desk.create(self._tenant, grant, now)
        return _answer(credential, text.reveal())

    def credentials(self) -> Iterator[Answer]:
        """All credentials, page by page."""
        after = 0
        while page := self._desk.page(self._tenant, self._occasion(), after=after, limit=_PAGE):
            yield from map(_answer, page)
            after = page[-1].id

    def rotate_credential(self, id: int, *, overlap: int = 3_600) -> Answer:  # noqa: A002 - the client's word
        """Give a credential a new text; the old one works for `overlap` seconds more.

        Raises:
            CredentialNotFoundError: there is none with this number.
            CredentialEndedError: it was revoked or has expired.
        """
        credential, text = self._desk.rotate(self._tenant, id, timedelta(seconds=overlap), self._occasion())
        return _answer(credential, text.reveal())

    def revoke_credential(self, id: int) -> None:  # noqa: A002 - the client's word
        """End a credential at once.

        Raises:
            CredentialNotFoundError: there is none with this number.
        """
        self._desk.revoke(self._tenant, id, self._occasion())


def _answer(credential: Credential, text: str | None = None) -> Answer:
    return Answer(
        id=credential.id,
        name=credential.name,
        role=credential.role.value,
        scopes=tuple(sorted(credential.scopes)),
        test=credential.test,
        expires_at=_written(credential.expires_at),
        revoked_at=_written(credential.revoked_at),
        text=text,
    )


def _written(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)
