"""Numbers of China as its clouds write them, and names as they give them."""

from masking.relay.providers.errors import Fault, ProviderError

_CHINA = "+86"


def national(number: str) -> str:
    """A number in E.164, or one of the 700 range, without country code.

    Raises:
        ProviderError: it is a number of another country, which these providers do not connect.
    """
    if number.startswith(_CHINA):
        return number.removeprefix(_CHINA)
    if number.startswith("+"):
        raise ProviderError(Fault.NUMBER)
    return number


def word(value: object) -> str:
    """A name of something in a receipt; empty for whatever is none: names are short, and of printable ASCII."""
    text = str(value) if isinstance(value, str | int) else ""
    return text if len(text) <= 128 and text.isascii() and text.isprintable() else ""
