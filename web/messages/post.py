"""Sending: the text from its template, the address from the vault, both for this one moment."""

from collections.abc import Mapping

from web.messages.ports import ContactBook, Transport
from web.messages.texts import Texts


class Post:
    """A messenger over one transport."""

    def __init__(self, contacts: ContactBook, transport: Transport, texts: Texts) -> None:
        self._contacts = contacts
        self._transport = transport
        self._texts = texts

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:
        """Send a template's text to the person; the channel by which it left, None where no address of theirs is known.

        The text is made before the address is asked for: a template that cannot be filled opens nothing.

        Raises:
            OSError: it did not leave.
            ValueError: there is no such template or locale, or a place of it has no value.
        """
        message = self._texts.written(template, locale, values)
        contact = self._contacts.contact(tenant, subject, self._transport.channels)
        if contact is None:
            return None
        self._transport.deliver(contact, message)
        return contact.channel.value
