"""What the consent package needs of others, as it needs it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits. A messenger is never called
inside one.
"""

from collections.abc import Mapping
from typing import Protocol


class Messenger(Protocol):
    """Sends a message to a person whose address the asker does not know."""

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:
        """Send the text of a template to the person with this internal number; the channel by which it left, None where the
        vault knows no address of theirs. `values` fill the template's places. The address is looked up now and kept nowhere.

        Raises:
            OSError: it did not leave. It may be tried again.
            ValueError: there is no such template or locale, or a place of it has no value.
        """
