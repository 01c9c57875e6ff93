"""Judging values before they are stored: each by itself, without the database.

What an item asks for (kind, purpose, ref, mode, format) is judged once for all the items of a batch that ask alike; its
subject id and its value are looked at one by one.
"""

from vault import policy
from vault.access import Access, Caller
from vault.identifier import KINDS, InvalidIdentifier, Kind, normal_form
from vault.item import OPAQUE_FORMAT, PRESERVING_FORMAT, ItemError, Submitted, denied, failed
from vault.opaque_id import reads_as_personal
from vault.preserving import KINDS as PRESERVING_KINDS
from vault.recording import Value

_Asked = tuple[str, str | None, str, str, str, bool]


class Judge:
    """Judges the items of one call, made at `at` (milliseconds since the epoch)."""

    def __init__(self, access: Access, caller: Caller, at: int) -> None:
        self._access = access
        self._caller = caller
        self._at = at
        self._verdicts: dict[_Asked, Kind | ItemError] = {}

    def judged(self, item: Submitted) -> Value | ItemError:
        """The item ready to be sealed, or why it cannot be. The order of checks is fixed: one item always fails alike."""
        subject, kind_name, writing, purpose, ref, mode, form, expires_in, max_uses = item
        asked = (kind_name, purpose, ref, mode, form, expires_in is None and max_uses is None)
        verdict = self._verdicts.get(asked)
        if verdict is None:
            verdict = self._verdicts[asked] = self._verdict(item)
        if isinstance(verdict, ItemError):
            return verdict
        if reads_as_personal(subject):
            return failed("subject_is_personal")
        try:
            normal = normal_form(verdict, writing, region=self._caller.region)
        except InvalidIdentifier as invalid:
            return ItemError(invalid.code, invalid.detail)
        return Value(
            subject,
            verdict,
            writing,
            normal,
            purpose or "",
            ref,
            PRESERVING_FORMAT if form == "preserving" else OPAQUE_FORMAT,
            mode == "fresh",
            None if expires_in is None else self._at + expires_in * 1000,
            max_uses,
        )

    def _verdict(self, item: Submitted) -> Kind | ItemError:
        """The kind, if what the item asks for may be asked for."""
        kind = KINDS.get(item.kind)
        if kind is None:
            return failed("unknown_kind")
        if not item.purpose or not self._access.knows(self._caller.tenant, item.purpose):
            return failed("unknown_purpose" if item.purpose else "purpose_missing")
        if item.ref and reads_as_personal(item.ref):
            return failed("ref_is_personal")
        limited = item.expires_in is not None or item.max_uses is not None
        if (item.mode == "stable" and limited) or (item.mode == "fresh" and item.format == "preserving"):
            return failed("invalid_combination")
        if item.format == "preserving" and kind.name not in PRESERVING_KINDS:
            return failed("no_preserving_format")
        refusal = self._access.ruling(
            self._caller, policy.Action.TOKENIZE, kind, purpose=item.purpose, ref=item.ref, view=policy.View.PLAIN
        )
        return kind if refusal is None else denied(refusal, purpose=item.purpose, kind=kind.name)
