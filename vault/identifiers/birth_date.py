"""Birth dates, in ISO 8601 and in the usual Chinese writings, always year first."""

import re
from datetime import date

_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})(?:日|号|號)?|(\d\d)(\d\d))",
    re.ASCII,
)
_FIRST_YEAR, _LAST_YEAR = 1880, 2099


def birth_date(text: str) -> str | None:
    """The date as YYYY-MM-DD; None when it is no date of the calendar from 1880 to 2099. The future is not judged."""
    match = _DATE.fullmatch(text if " " not in text else text.replace(" ", ""))
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
