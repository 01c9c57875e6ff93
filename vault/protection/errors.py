"""What freezes refuse beside the vault's own refusals."""

from vault.errors import VaultError


class FreezeNotFoundError(VaultError):
    """The tenant has no such freeze in force."""

    code = "freeze_not_found"


class SamePersonError(VaultError):
    """Whoever froze does not lift: it takes another person."""

    code = "same_person"
