"""What messages between devices are refused for."""

from vault.errors import VaultError


class TooManyLettersError(VaultError):
    """So many messages wait for the recipient that no more are taken."""

    code = "too_many_messages"


class NotProvedError(VaultError):
    """A report whose text is not what was committed to, or whose frank this service did not make."""

    code = "report_not_proved"
