"""Moments in requests: RFC 3339 section 5.6, with seconds and a zone, and nothing else.

pydantic would take a number for seconds since 1970, so that a phone number in the place of a moment would be one.
"""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _written(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _WRITTEN.fullmatch(value)):
        return value
    raise ValueError("not a moment by RFC 3339, with its zone")


Rfc3339 = Annotated[AwareDatetime, BeforeValidator(_written)]
"""A moment with its zone, in a model of a request."""
