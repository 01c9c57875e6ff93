"""One item of a batch, and what became of it."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from audit.entry import Reason
from vault.errors import VaultError

Format = Literal["opaque", "preserving"]
Mode = Literal["stable", "fresh"]

OPAQUE_FORMAT = 0
PRESERVING_FORMAT = 1

DETAILS = {
    "invalid_item": "the line is not an item of the schema",
    "unknown_kind": "there is no such kind of personal data",
    "unknown_purpose": "the catalogue has no such purpose",
    "purpose_missing": "neither the item nor the batch states a purpose",
    "subject_is_personal": "the subject id reads as a phone, document or card number, or an e-mail address",
    "ref_is_personal": "the ref reads as a phone, document or card number, or an e-mail address",
    "field_is_personal": "the field's label reads as a phone, document or card number",
    "invalid_combination": "expires_in and max_uses need mode fresh, and preserving tokens are stable only",
    "no_preserving_format": "this kind has no format-preserving tokens",
    "not_searchable": "values of this kind cannot be searched",
    Reason.ERASED: "the person was erased",
    Reason.INTEGRITY: "the person's stored key does not open; the operator has been told",
    Reason.FROZEN: "the person's data is frozen",
    Reason.KEY_WORN: "the person's key has sealed as much as it may; rotate it",
    Reason.DENSITY: "the range of format-preserving tokens is used up for this key version",
    Reason.NOT_FOUND: "no such token",
    Reason.INVALID: "not stored, because another item of the atomic batch failed",
}


class ItemError(NamedTuple):
    """Why one item failed; nothing here repeats a submitted value.

    `reason` says which authority denied it, `purpose`, `kind` and `view` what was asked, for the log.
    """

    code: str
    detail: str | None = None
    reason: Reason | None = None
    purpose: str | None = None
    kind: str | None = None
    view: str | None = None


def failed(code: str) -> ItemError:
    """An item that cannot be served as it was asked for."""
    return ItemError(code, DETAILS[code])


def denied(
    reason: Reason, *, purpose: str | None = None, kind: str | None = None, view: str | None = None
) -> ItemError:
    """An item that an authority of the access decision refused."""
    code = "not_necessary" if reason is Reason.NOT_NECESSARY else "denied"
    return ItemError(code, None, reason, purpose, kind, view)


class Submitted(NamedTuple):
    """A value to tokenize, as it came. `expires_in` is in seconds."""

    subject: str
    kind: str
    value: str
    purpose: str | None
    ref: str
    mode: Mode = "stable"
    format: Format = "opaque"
    expires_in: int | None = None
    max_uses: int | None = None


class Issued(NamedTuple):
    """A token, and whether its record was made by this very call."""

    token: str
    created: bool


class Revealed(NamedTuple):
    """A detokenized value: the first submitted writing, or its masked form. On an anonymous order nobody tells whose it is."""

    kind: str
    subject: str | None
    value: str
    view: str


class SealedValue(NamedTuple):
    """A value in a box that one device opens, and what tells for what it was made; base64url without padding."""

    box: str
    context: str


class RevealedSealed(NamedTuple):
    """A detokenized value that was sealed for a device instead of being shown."""

    kind: str
    subject: str | None
    sealed: SealedValue
    view: str


Sealing = Callable[[str, str, str, bytes], SealedValue]
"""Seals a value: its kind, its ref, the view, and its octets."""


class AtomicBatchError(VaultError):
    """An atomic batch in which an item failed; nothing was stored. `errors` pairs places with refusals."""

    code = "atomic_batch_failed"

    def __init__(self, errors: list[tuple[int, ItemError]]) -> None:
        super().__init__()
        self.errors = errors
