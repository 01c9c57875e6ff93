"""Gathering the items of a batch that fared alike, for the log."""

from typing import NamedTuple

from audit.entry import Group, ObjectRef, Outcome, Reason, SubjectRef
from vault.keyring import TenantKeys
from vault.pseudonym import object_ref

Columns = tuple[list[SubjectRef], list[int], list[str]]
"""The people, rows and refs of items that fared alike."""


class _Fate(NamedTuple):
    outcome: Outcome
    reason: Reason | None
    purpose: str | None
    kind: str | None
    view: str | None


Column = tuple[list[SubjectRef], list[int], list[str]]
"""Pseudonyms, rows and refs of the items of one fate, in the same order."""


class Grouping:
    """Items by outcome, reason, purpose, kind and view, in the order in which each fate was first met."""

    def __init__(self) -> None:
        self._known: dict[_Fate, Columns] = {}
        self._unknown: dict[_Fate, int] = {}

    def add(
        self,
        outcome: Outcome,
        reason: Reason | None = None,
        *,
        purpose: str | None = None,
        kind: str | None = None,
        view: str | None = None,
    ) -> None:
        """Count an item of which neither the person nor the record was reached."""
        fate = _Fate(outcome, reason, purpose, kind, view)
        self._unknown[fate] = self._unknown.get(fate, 0) + 1

    def column(
        self,
        outcome: Outcome,
        reason: Reason | None = None,
        *,
        purpose: str | None = None,
        kind: str | None = None,
        view: str | None = None,
    ) -> Columns:
        """The lists (subjects, rows, refs) to which an item of this fate is appended."""
        return self._known.setdefault(_Fate(outcome, reason, purpose, kind, view), ([], [], []))

    def groups(self, keys: TenantKeys, tenant: int) -> list[Group]:
        """What the act's entries say, orders by their pseudonyms."""
        groups = [Group(*_named(fate), count=count) for fate, count in self._unknown.items()]
        pseudonyms: dict[str, ObjectRef] = {"": ObjectRef("")}
        for fate, (subjects, rows, refs) in self._known.items():
            for ref in refs:
                if ref not in pseudonyms:
                    pseudonyms[ref] = object_ref(keys.refs, tenant=tenant, ref=ref)
            written = [pseudonyms[ref] for ref in refs] if any(refs) else []
            groups.append(Group(*_named(fate), subjects=subjects, rows=rows, refs=written))
        return groups or [Group(Outcome.DONE, count=0)]


def _named(fate: _Fate) -> tuple[Outcome, Reason | None, str | None, str | None, str | None]:
    """The fate in the order of Group's first fields."""
    return fate.outcome, fate.reason, fate.purpose, fate.view, fate.kind
