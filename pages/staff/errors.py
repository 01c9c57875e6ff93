"""Errors of staff. None of them says whether somebody exists."""

from audit.entry import Reason


class StaffError(Exception):
    """Base of all."""


class NotLetInError(StaffError):
    """What was presented lets nobody in: unknown, wrong, used, expired or locked, all alike. Where it has left no entry of its
    own in the log, `counted` says what it is to be counted as."""

    def __init__(self, counted: Reason | None = None) -> None:
        super().__init__()
        self.counted = counted


class LinkEndedError(StaffError):
    """The address of an enrolment is unknown, was used, or is over."""


class StaffNotFoundError(StaffError):
    """The tenant has no such member, or what is asked about them does not stand."""


class SamePersonError(StaffError):
    """It takes another person."""


class LastFactorError(StaffError):
    """Without it nobody could sign in any more as this member."""


class ProviderError(StaffError):
    """The identity provider did not answer as it must."""


class NoRoleError(StaffError):
    """None of the groups that the identity provider names has a role here."""
