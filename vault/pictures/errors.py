"""What pictures are refused for."""

from vault.errors import VaultError


class TooManyPicturesError(VaultError):
    """The order has as many pictures as may be."""

    code = "too_many_pictures"
