"""By what people name themselves who have no session: their account at the platform, a phone, an e-mail address.

Whoever names several must show all of them, and all must be of one person. A phone or an e-mail address counts as a person's
if it is the one of their profile, to which codes go, and of nobody else's with what was named beside it: a number that stands
in an old order may be somebody else's by now.
"""

from dataclasses import dataclass, field
from enum import StrEnum

NAMED_AT_MOST = 3


class NameKind(StrEnum):
    """What can be named."""

    ACCOUNT = "account"
    PHONE = "phone"
    EMAIL = "email"


CHANNELS = {NameKind.PHONE: "sms", NameKind.EMAIL: "email"}
"""The channel by which a code shows who holds what was named."""

ANY = "any"
"""The channel of a code that goes wherever the person can be reached."""


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that somebody named, as it was submitted, or in its normal form."""

    kind: NameKind
    value: str = field(repr=False)
