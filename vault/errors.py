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


class RangeExhaustedError(VaultError):
    """The configured range of format-preserving tokens has no sub-range left for this key version."""

    code = "range_exhausted"


class RangeInUseError(VaultError):
    """The range meant for format-preserving phone tokens holds numbers that real people may have."""

    code = "range_in_use"


class RootKeyError(VaultError):
    """The root key cannot be used, and waiting will not help: `cause` is missing, damaged, readable_by_others, refused (the
    provider does not know this service), other_database, or other_provider. `provider` is the one that keeps it, or should."""

    code = "root_key"

    def __init__(self, cause: str, provider: str = "file") -> None:
        super().__init__()
        self.cause = cause
        self.provider = provider


class RootInUseError(VaultError):
    """A root key is not destroyed: `cause` is active, keys (which name it), or two_persons (who must want it)."""

    code = "root_in_use"

    def __init__(self, cause: str) -> None:
        super().__init__()
        self.cause = cause


class KeysUnavailableError(VaultError):
    """Keys cannot be had now, because their provider does not answer or did not for too long: `cause` is unreachable, sealed,
    denied, or one of RootKeyError. It may come right by itself."""

    code = "keys_unavailable"

    def __init__(self, cause: str) -> None:
        super().__init__()
        self.cause = cause


class LedgerError(VaultError):
    """The shred ledger cannot be relied on, so nothing may be used or destroyed. `cause` is missing, key_missing, head_missing,
    readable_by_others, damaged, cut, forked, foreign, other_database, behind_database, or not_open."""

    code = "shred_ledger"

    def __init__(self, cause: str) -> None:
        super().__init__()
        self.cause = cause


class CertificateError(VaultError):
    """A certificate of erasure that is none, or that no known key has signed: `cause` is malformed or unsigned."""

    code = "certificate"

    def __init__(self, cause: str) -> None:
        super().__init__()
        self.cause = cause


class BackupError(VaultError):
    """A backup cannot be made, read or put back; nothing was changed. `cause` is recipient, same_recipient, identity,
    not_openable, damaged, other_format, unsigned, other_half, no_match, other_revision, not_empty, or undecided_table."""

    code = "backup"

    def __init__(self, cause: str) -> None:
        super().__init__()
        self.cause = cause


class KeysChangedError(VaultError):
    """The keys of the tenant moved on since they were cached. The use case runs again with fresh ones; no caller sees it."""

    code = "keys_changed"


class FormatKeyNeededError(VaultError):
    """The kind's format key has issued all that it may, or was retired at a start. The use case runs again with the next
    version; no caller sees it."""

    code = "format_key_needed"

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind


class KeyIsActiveError(VaultError):
    """The version is the one in use, so it cannot be destroyed."""

    code = "key_is_active"


class KeyInUseError(VaultError):
    """Something needs the key version, so it cannot be destroyed: `count` of `what` (data_keys, records, search_rows), counted up
    to ten thousand."""

    code = "key_in_use"

    def __init__(self, what: str, count: int) -> None:
        super().__init__()
        self.what = what
        self.count = count


class KeyWornError(VaultError):
    """The tenant's KEK has wrapped as much as AES-GCM lets one key. It is rotated before it comes to that."""

    code = "key_worn"


class RotationUnderWayError(VaultError):
    """A rotation of these keys has not ended yet."""

    code = "rotation_under_way"


class SubjectErasedError(VaultError):
    """The person was erased; nothing is stored for them until they are opened anew on purpose."""

    code = "subject_erased"


class NotFoundError(VaultError):
    """No such thing in this tenant, or not any more: the same answer for both."""

    code = "not_found"


class DeniedError(VaultError):
    """The access decision refused the whole call. `reason` is one of the closed list of the audit log."""

    code = "denied"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class HeldError(VaultError):
    """A legal hold keeps what was to be destroyed."""

    code = "held"
