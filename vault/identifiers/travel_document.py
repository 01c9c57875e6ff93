"""Numbers of passports (ICAO Doc 9303-4: up to nine characters) and of permits to and from Hong Kong and Macao."""

import re

_NUMBER = re.compile(r"(?=(?:[A-Z]*\d){3})[A-Z0-9]{5,9}|[HM]\d{10}", re.ASCII)


def travel_document(text: str) -> str | None:
    """The number in capitals without separators; None when shorter, longer, or with fewer than three digits."""
    number = text.replace(" ", "").replace("-", "").upper()
    return number if _NUMBER.fullmatch(number) else None
