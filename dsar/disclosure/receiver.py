"""Other handlers that people may have their data transferred to, as the operator registered them:

    receivers:
      - id: other_platform
        name: Other Platform Ltd.
        url: https://import.other.example/transfers
        key: age1…                   the handler's own key, to which packages are sealed

PIPL art. 45(3) and Network Data Regulations art. 25 ask for a way to the handler that the person names; what a person may name is
what somebody here has made sure of.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dsar.disclosure.age import PublicKey
from dsar.disclosure.errors import ReceiverUnknownError, RecipientError
from formats.strict_yaml import StrictYamlError, read_yaml

_ID = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)
_FIELDS = {"id", "name", "url", "key"}


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiver.

    Raises:
        ValueError: the id is no code.
    """

    id: str
    name: str
    url: str
    key: PublicKey

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError("the id of a receiver is a code")


class Receivers:
    """All receivers of a deployment.

    Raises:
        ValueError: two have one id.
    """

    def __init__(self, listed: Iterable[Receiver] = ()) -> None:
        self._by_id: dict[str, Receiver] = {}
        for one in listed:
            if self._by_id.setdefault(one.id, one) is not one:
                raise ValueError(f"the receiver {one.id} is there twice")

    def named(self, receiver: str) -> Receiver:
        """A receiver by its id.

        Raises:
            ReceiverUnknownError: there is none.
        """
        if receiver not in self._by_id:
            raise ReceiverUnknownError
        return self._by_id[receiver]

    def all(self) -> list[Receiver]:
        """All of them, by their ids."""
        return [self._by_id[one] for one in sorted(self._by_id)]


def read_receivers(text: str) -> Receivers:
    """The receivers of a YAML text.

    Raises:
        ValueError: it is not of the form above; the message names the place.
    """
    try:
        tree = read_yaml(text)
    except StrictYamlError:
        raise ValueError("not YAML") from None
    listed = tree.get("receivers") if isinstance(tree, Mapping) else None
    if not isinstance(listed, list):
        raise ValueError("receivers: a list is expected")
    return Receivers(_receiver(number, one) for number, one in enumerate(listed))


def _receiver(number: int, fields: Any) -> Receiver:
    if (
        not isinstance(fields, Mapping)
        or set(fields) != _FIELDS
        or not all(isinstance(one, str) for one in fields.values())
    ):
        raise ValueError(f"receivers.{number}: id, name, url and key are expected, each a text")
    try:
        return Receiver(fields["id"], fields["name"], fields["url"].rstrip("/"), PublicKey(fields["key"]))
    except RecipientError:
        raise ValueError(f"receivers.{number}.key: not a key of age") from None
