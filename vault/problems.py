"""Which problem each refusal of the vault ends as."""

from collections.abc import Mapping

from vault.errors import (
    DeniedError,
    HeldError,
    KeysUnavailableError,
    LedgerError,
    NotFoundError,
    RootKeyError,
    SubjectErasedError,
)
from vault.item import AtomicBatchError
from web.edge_problems import NOT_FOUND
from web.problems import Problem

DENIED = Problem(
    "denied",
    403,
    "The access decision refused",
    "The credential has the scope, but the policies, the person's state or another authority do not allow this act. The "
    "refusal has been recorded.",
    "Ask `moat explain` with the request id for what was asked and what would have been allowed.",
)
SUBJECT_ERASED = Problem(
    "subject_erased",
    409,
    "The person was erased",
    "The person's key has been destroyed. Nothing is stored for an erased person.",
    "Use a new subject id if the person comes back.",
)
HELD = Problem(
    "held",
    409,
    "A legal hold keeps the data",
    "A case needs this person's data, so it is not destroyed. Nothing was changed.",
    "Ask the privacy officer; the destruction can be asked for again when the hold is lifted.",
)
ATOMIC_BATCH_FAILED = Problem(
    "atomic_batch_failed",
    422,
    "An item of the atomic batch failed",
    "The batch was to be stored whole or not at all, and the items that the problem names could not be stored. Nothing was.",
    "Correct the named items, or send the batch without atomic.",
)
KEYS_UNAVAILABLE = Problem(
    "keys_unavailable",
    503,
    "The keys cannot be used now",
    "The key provider does not answer, or refuses, and what this process had opened has been forgotten or does not suffice. "
    "Nothing was stored, changed or given out.",
    "Try again later with the same Idempotency-Key. An operator finds the cause in /readyz and in the service's log.",
    retry_after=5,
)
SHRED_LEDGER_UNUSABLE = Problem(
    "shred_ledger_unusable",
    503,
    "The shred ledger cannot be relied on",
    "Nothing is destroyed that the ledger outside the database does not say, and it is not what it was. The person stays "
    "frozen, and is erased as soon as the right ledger is there.",
    "An operator finds the cause in /readyz and puts the newest copy of the ledger back.",
    retry_after=60,
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    KeysUnavailableError: KEYS_UNAVAILABLE,
    RootKeyError: KEYS_UNAVAILABLE,
    LedgerError: SHRED_LEDGER_UNUSABLE,
    DeniedError: DENIED,
    SubjectErasedError: SUBJECT_ERASED,
    HeldError: HELD,
    NotFoundError: NOT_FOUND,
    AtomicBatchError: ATOMIC_BATCH_FAILED,
}
