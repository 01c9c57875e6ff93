"""Why a request was refused, from its own entries: what was asked, what decided, and what would have been allowed."""

from dataclasses import dataclass
from typing import Any

from audit.entry import Action, Group, Outcome
from audit.reader import AuditReader
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.errors import NotFoundError
from vault.explanation import explain
from vault.identifier import KINDS, Sensitivity
from vault.keyring import TenantKeys
from vault.means import Means
from vault.policy import Ask, PolicyEngine, View


@dataclass(frozen=True, slots=True)
class ExplainedEntry:
    """One entry of the request. `remedies` are changes under which the same call would have been allowed."""

    entry: dict[str, Any]
    policies: tuple[str, ...]
    remedies: tuple[str, ...]


class RequestExplanation:
    """The use case behind `GET /v1/explanations/{request}`."""

    def __init__(self, means: Means, reader: AuditReader) -> None:
        self._means = means
        self._reader = reader

    def explain(self, caller: Caller, request: str) -> list[ExplainedEntry]:
        """The request's entries, explained by the policies in force now.

        Raises:
            NotFoundError: the tenant has no such request, or it left no entry.
        """
        entries = self._reader.of_request(caller.tenant, request)
        outcome = Outcome.DONE if entries else Outcome.FAILED
        at = self._means.at()

        def note(tx: Transaction, _keys: TenantKeys) -> None:
            self._means.append(tx, caller, Action.REQUEST_EXPLAIN, at, [Group(outcome, count=len(entries))])

        self._means.write(caller.tenant, note)
        if not entries:
            raise NotFoundError
        engine = self._means.access.engine_of(caller.tenant)
        return [_explained(engine, entry) for entry in entries]


def _explained(engine: PolicyEngine, entry: dict[str, Any]) -> ExplainedEntry:
    verb = entry["action"].partition(".")[2]
    denied = entry["outcome"] == Outcome.DENIED and verb in set(policy.Action)
    kind = KINDS.get(entry.get("kind", ""))
    if not denied or (kind is None and "purpose" in entry):
        return ExplainedEntry(entry, (), ())
    behalf = entry.get("behalf", {})
    ask = Ask(
        role=entry["actor"]["role"],
        action=policy.Action(verb),
        purpose=entry.get("purpose", ""),
        kind=kind.name if kind else "",
        sensitive=kind is not None and kind.sensitivity is Sensitivity.SENSITIVE,
        view=View(entry.get("view", View.MASKED)),
        acting_for=behalf.get("role"),
    )
    explanation = explain(engine, ask)
    return ExplainedEntry(
        entry,
        tuple(one.why or one.id for one in explanation.policies),
        tuple(remedy.words for remedy in explanation.remedies),
    )
