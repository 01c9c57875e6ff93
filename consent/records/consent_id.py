"""How a consent event is named to the platform: `con_` and its number. It says nothing of the person."""

_PREFIX = "con_"


def consent_id(event: int) -> str:
    """The name of an event."""
    return f"{_PREFIX}{event}"


def event_of(name: str) -> int | None:
    """The number behind a name, None for what is no name of an event."""
    number = name.removeprefix(_PREFIX)
    known = name.startswith(_PREFIX) and number.isascii() and number.isdecimal() and len(number) <= 18
    return int(number) if known else None
