"""Sending: the text from its template, the address from the vault, both for this one moment."""

from collections.abc import Callable, Mapping

from web.messages.ports import ContactBook, Transport
from web.messages.texts import Texts


def _nowhere(_tenant: int) -> str | None:
    return None


class Post:
    """A messenger over one transport. `centre_of` tells where the privacy centre of a tenant is, if people can reach it."""

    def __init__(
        self,
        contacts: ContactBook,
        transport: Transport,
        texts: Texts,
        centre_of: Callable[[int], str | None] = _nowhere,
    ) -> None:
        self._contacts = contacts
        self._transport = transport
        self._texts = texts
        self._centre_of = centre_of

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:
        """Send a template's text to the person; the channel by which it left, None where no address of theirs is known.

        The text is made before the address is asked for, in the form of every channel: a template that cannot be filled opens
        nothing.

        Raises:
            OSError: it did not leave.
            ValueError: there is no such template or locale, or a place of it has no value.
        """
        channels, centre = self._transport.channels, self._centre_of(tenant)
        forms = {one: self._texts.written(template, locale, values, channel=one, centre=centre) for one in channels}
        contact = self._contacts.contact(tenant, subject, channels)
        if contact is None:
            return None
        self._transport.deliver(contact, forms[contact.channel])
        return contact.channel.value
