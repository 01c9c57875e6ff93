"""What disclosure refuses."""

from dsar.errors import DsarError


class DisclosureError(DsarError):
    """Whatever the package refuses."""


class PackageNotFoundError(DisclosureError):
    """There is no such package, link or passphrase for whoever asks: unknown, used, expired and another's are alike."""


class PackageNotReadyError(DisclosureError):
    """The request's package is not made yet, or is gone."""


class RecipientError(DisclosureError):
    """The text is no public key of age."""


class ReceiverUnknownError(DisclosureError):
    """No receiver of transfers has this id."""


class ReceiverFileError(DisclosureError):
    """The operator's file of receivers cannot be used; the message says why."""


class NotAskedError(DisclosureError):
    """The request is of a right that no package answers, or has been answered."""


class LogBehindError(DisclosureError):
    """The log has not published the entry of a package yet. It passes by itself."""


class PersonGoneError(DisclosureError):
    """The person was erased while their package was made."""


class ReceiverAwayError(DisclosureError):
    """The receiver of a transfer does not answer. It passes by itself."""


class ReceiverRefusedError(DisclosureError):
    """The receiver of a transfer answers what is no receipt."""


class CheckError(DisclosureError):
    """A package is not what it says. `cause` is a code."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause
