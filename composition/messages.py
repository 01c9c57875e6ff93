"""How a deployment sends messages to people, as the settings name it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click

from composition.foundation import Foundation
from settings import Settings
from vault.contact import Contacts
from vault.errors import NotFoundError
from vault.means import Means
from web.egress import Egress
from web.messages.ports import Channel, Contact, Transport
from web.messages.post import Post
from web.messages.texts import Texts
from web.messages.transports import ConsoleTransport, FileTransport, GatewayTransport, MailTransport

NONE, CONSOLE, FILE = "none", "console", "file:"

_KINDS = {Channel.SMS: "phone", Channel.EMAIL: "email"}
_CHANNELS = {kind: channel for channel, kind in _KINDS.items()}


class NoMessenger:
    """Reaches nobody: no way to send messages is configured."""

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:  # noqa: ARG002 - the port's signature
        """None, as for a person of whom no address is known."""
        return None


class VaultContacts:
    """The addresses of people, out of the vault."""

    def __init__(self, contacts: Contacts, *, profile_only: bool = False) -> None:
        self._contacts = contacts
        self._profile_only = profile_only

    def contact(self, tenant: int, subject: int, channels: Sequence[Channel]) -> Contact | None:
        """An address of the person for the first of `channels` that has one."""
        kinds = [_KINDS[channel] for channel in channels]
        try:
            found = self._contacts.address(tenant, subject, kinds, profile_only=self._profile_only)
        except NotFoundError:
            return None
        return None if found is None else Contact(_CHANNELS[found.kind], found.value)


class Centre:
    """Where the privacy centre of each tenant is, if the operator has said how people reach this service."""

    def __init__(self, origin: str | None, name_of: Callable[[int], str]) -> None:
        self._origin = origin
        self._name_of = name_of

    def of(self, tenant: int) -> str | None:
        """Its address."""
        return None if self._origin is None else f"{self._origin.rstrip('/')}/privacy/{self._name_of(tenant)}/"


def messenger_of(
    base: Foundation, means: Means, region_of: Callable[[int], str], name_of: Callable[[int], str]
) -> Post | NoMessenger:
    """What sends messages to people. `region_of` tells the default region of a tenant, `name_of` its name."""
    transport = transport_of(base.chosen)
    if transport is None:
        return NoMessenger()
    centre = Centre(base.chosen.privacy_url, name_of)
    return Post(VaultContacts(Contacts(means, region_of)), transport, Texts.shipped(), centre.of)


def transport_of(chosen: Settings) -> Transport | None:
    """The way by which messages leave, if there is one."""
    named = chosen.messenger
    secret = None if chosen.messenger_secret is None else chosen.messenger_secret.get_secret_value()
    if named == NONE:
        return None
    if named == CONSOLE:
        return ConsoleTransport(click.echo)
    if named.startswith(FILE):
        return FileTransport(Path(named.removeprefix(FILE)))
    parts = urlsplit(named)
    if parts.scheme in {"smtp", "smtps"}:
        return _mail(chosen, parts.hostname or "", parts.port, secret, implicit_tls=parts.scheme == "smtps")
    origin = f"{parts.scheme}://{parts.netloc}"
    allowed = [origin] if parts.scheme == "https" else []
    return GatewayTransport(Egress(allowed=allowed, internal=chosen.egress_internal), named, secret)


def _mail(chosen: Settings, host: str, port: int | None, secret: str | None, *, implicit_tls: bool) -> Transport:
    login = None if chosen.messenger_user is None or secret is None else (chosen.messenger_user, secret)
    return MailTransport(
        host,
        port or (465 if implicit_tls else 587),
        sender=chosen.messenger_sender or "",
        implicit_tls=implicit_tls,
        login=login,
    )
