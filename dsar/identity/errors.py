"""What identity refuses."""

from dsar.errors import DsarError


class NotShownError(DsarError):
    """What was presented does not show who somebody is. Whether it is wrong, used, too old, of another person or tenant, or of
    nobody, is not said. `unknown` is for what was never issued here, of which the log is told by the minute."""

    def __init__(self, *, unknown: bool = False) -> None:
        super().__init__()
        self.unknown = unknown


class TooOftenError(DsarError):
    """Codes were asked for, or guessed, too often for what was named, whether anybody is known by it or not."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__()
        self.wait_ms = wait_ms


class NoMessengerError(DsarError):
    """The deployment has no way to send messages."""


class NoSessionError(DsarError):
    """The call carries no session that is open."""


class MalformedSecretError(DsarError):
    """The text is no session, or no link, of this service."""


class AssertedError(DsarError):
    """What was named is not of its kind's form: `place` in the list, and why."""

    def __init__(self, place: int, code: str, detail: str) -> None:
        super().__init__(code)
        self.place = place
        self.code = code
        self.detail = detail


class PublicKeyError(DsarError):
    """It is no public key that assertions can be verified with."""


class KeyNotFoundError(DsarError):
    """The tenant has no such key."""


class LevelPolicyError(DsarError):
    """The policy of levels cannot be read; the text says where."""


class TooManyKeysError(DsarError):
    """The tenant has as many keys as it can have."""
