"""The texts that staff hold for a while, in the form of `dsar.identity.secret_text`:

mss1_ ‖ 43 characters     a session of staff
mse1_ ‖ 43 characters     an enrolment
"""

import secrets

from dsar.identity.secret_text import SecretText

_RANDOM_OCTETS = 32


class StaffSessionText(SecretText):
    """Opens a session."""

    __slots__ = ()
    prefix = "mss1_"

    @classmethod
    def draw(cls) -> "StaffSessionText":
        """A fresh one."""
        return cls(cls.prefix + secrets.token_urlsafe(_RANDOM_OCTETS))


class EnrolmentText(SecretText):
    """Enrols a member, once."""

    __slots__ = ()
    prefix = "mse1_"

    @classmethod
    def draw(cls) -> "EnrolmentText":
        """A fresh one."""
        return cls(cls.prefix + secrets.token_urlsafe(_RANDOM_OCTETS))
