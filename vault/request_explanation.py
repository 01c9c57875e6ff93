"""Why a request was refused, from its own entries: what was asked, what decided, and what would have been allowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.entry import Action, Group, Outcome, Reason
from audit.reader import AuditReader
from database.columns import millis
from database.transaction import Transaction
from vault import policy, store
from vault.access import Caller
from vault.errors import NotFoundError
from vault.explanation import explain
from vault.identifier import Sensitivity
from vault.judged_kind import JUDGED
from vault.keyring import TenantKeys
from vault.means import Means
from vault.policy import Ask, PolicyEngine, View
from vault.ports import ConsentHistory


@dataclass(frozen=True, slots=True)
class ExplainedEntry:
    """One entry of the request. `remedies` are changes under which the same call would have been allowed. `consent` is, for a
    refusal for want of consent, how many of the people stood how to the purpose at the time."""

    entry: dict[str, Any]
    policies: tuple[str, ...]
    remedies: tuple[str, ...]
    consent: Mapping[str, int] | None = None


class RequestExplanation:
    """The use case behind `GET /v1/explanations/{request}`."""

    def __init__(self, means: Means, reader: AuditReader, consents: ConsentHistory) -> None:
        self._means = means
        self._reader = reader
        self._consents = consents

    def explain(self, caller: Caller, request: str) -> list[ExplainedEntry]:
        """The request's entries, explained by the policies in force now.

        Raises:
            NotFoundError: the tenant has no such request, or it left no entry.
        """
        entries = self._reader.of_request(caller.tenant, request)
        outcome = Outcome.DONE if entries else Outcome.FAILED
        at = self._means.at()

        def work(tx: Transaction, _keys: TenantKeys) -> list[Mapping[str, int] | None]:
            self._means.append(tx, caller, Action.REQUEST_EXPLAIN, at, [Group(outcome, count=len(entries))])
            return [self._consent(tx, caller.tenant, entry) for entry in entries]

        consents = self._means.write(caller.tenant, work)
        if not entries:
            raise NotFoundError
        engine = self._means.access.engine_of(caller.tenant)
        return [_explained(engine, entry, consent) for entry, consent in zip(entries, consents, strict=True)]

    def _consent(self, tx: Transaction, tenant: int, entry: dict[str, Any]) -> Mapping[str, int] | None:
        """How the people of a refusal for want of consent stood then, as far as their records are still there."""
        if entry.get("reason") != Reason.NO_CONSENT or "purpose" not in entry:
            return None
        rows = [(row,) for row in entry.get("rows", ())]
        people = [row[0] for row in tx.all(store.SUBJECTS_OF_RECORDS, rows=rows, tenant=tenant)]
        then = millis(datetime.fromisoformat(entry["at"]))
        return self._consents.causes(tx, people, entry["purpose"], then)


def _explained(engine: PolicyEngine, entry: dict[str, Any], consent: Mapping[str, int] | None = None) -> ExplainedEntry:
    verb = entry["action"].partition(".")[2]
    denied = entry["outcome"] == Outcome.DENIED and verb in set(policy.Action)
    kind = JUDGED.get(entry.get("kind", ""))
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
    remedies = tuple(remedy.words for remedy in explanation.remedies)
    if consent is not None:
        remedies = (f"with the person's consent to {ask.purpose}", *remedies)
    return ExplainedEntry(entry, tuple(one.why or one.id for one in explanation.policies), remedies, consent)
