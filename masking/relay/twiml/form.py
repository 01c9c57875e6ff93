"""Bodies of webhooks: `application/x-www-form-urlencoded`, in UTF-8, each name once."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from masking.relay.twiml.errors import MalformedFormError

FIELDS_AT_MOST = 200
LONGEST_FIELD = 16_384


class Form:
    """The fields of one call. Has no repr: some are numbers of people, and one is what somebody wrote."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    @classmethod
    def parse(cls, body: bytes) -> "Form":
        """The form of a body.

        Raises:
            MalformedFormError: it is not UTF-8, has too many or too long fields, or one of them twice.
        """
        try:
            text = body.decode("ascii")
            pairs = parse_qsl(
                text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=FIELDS_AT_MOST
            )
        except ValueError:
            raise MalformedFormError from None
        fields = dict(pairs)
        if len(fields) < len(pairs) or any(len(name) + len(value) > LONGEST_FIELD for name, value in pairs):
            raise MalformedFormError
        return cls(fields)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Names and values, which are signed."""
        return iter(self._fields.items())

    def get(self, name: str) -> str:
        """The value of a field; empty where there is none."""
        return self._fields.get(name, "")

    def need(self, name: str) -> str:
        """The value of a field that must be there.

        Raises:
            MalformedFormError: it is not, or is empty.
        """
        if not (value := self.get(name)):
            raise MalformedFormError
        return value

    def number(self, name: str) -> int | None:
        """A field of up to nine digits as a number; None where it is none."""
        value = self.get(name)
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None
