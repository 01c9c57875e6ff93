"""What the vault refuses. Every leaf carries a stable code; none carries a value, a key, or a cause that would."""

from typing import ClassVar


class VaultError(Exception):
    """The base of every refusal of the vault. Its text is its code, so that printing it can disclose nothing."""

    code: ClassVar[str] = "vault_error"

    def __init__(self) -> None:
        super().__init__(self.code)


class IntegrityError(VaultError):
    """Opening or unwrapping failed. One error for every reason, so that the refusal tells nothing about the key,
    the place or the bytes that were wrong."""

    code = "integrity"


class InvalidKeyError(VaultError):
    """Octets or a number from which no key is built: not 32 bytes, or a version outside its field."""

    code = "invalid_key"


class InvalidTokenError(VaultError):
    """A text that is no token of this tenant. Never tells which check it failed."""

    code = "invalid_token"


class OutOfDomainError(VaultError):
    """A number or numeral string outside the domain of format-preserving encryption."""

    code = "out_of_domain"


class DensityLimitError(VaultError):
    """A key version has issued 1 % of its sub-range of format-preserving tokens; more would be guessable."""

    code = "density_limit"


class RangeExhaustedError(VaultError):
    """The configured range of format-preserving tokens has no sub-range left for this key version."""

    code = "range_exhausted"


class RangeInUseError(VaultError):
    """The range meant for format-preserving phone tokens holds numbers that real people may have."""

    code = "range_in_use"
