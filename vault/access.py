"""The access decision, in the order that tells a caller least.

    1. policy      role (or the role acted for) × purpose × kind × view × type of ref × stage of the order
    2. state       the subject is neither frozen nor erased
    3. basis       consent, or the purpose's own lawful basis, through the RevealGate
    4. restriction through the RestrictionGate, for people whose row is marked
    5. log         nothing plain while the audit log lags beyond its bound
    6. budget      plain values a credential may see in a day

The policy comes first, so that a role that may not ask learns nothing of the person's consents.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.entry import Actor, ActorKind, Reason
from database.transaction import Transaction
from vault import policy
from vault.identifier import Sensitivity
from vault.judged_kind import JudgedKind
from vault.open_gates import OpenLogGate
from vault.policy import Ask, PolicyEngine, View
from vault.ports import Catalogues, LogGate, RestrictionGate, Reveal, RevealGate

COURIER = "courier"
"""The one role that a credential may act for."""


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom a credential acts: a role and the platform's id of that person."""

    role: str
    subject: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as the use cases need to know it. `request` is the id that the answer will carry."""

    tenant: int
    credential: int
    role: str
    request: str
    region: str = "CN"
    acting: Acting | None = None
    preserving: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.CREDENTIAL, self.credential, self.role)


class Access:
    """Asks every authority in turn. Stateless but for the policy's own cache."""

    def __init__(
        self,
        engine: PolicyEngine,
        consent: RevealGate,
        restriction: RestrictionGate,
        log: LogGate | None = None,
        catalogues: Catalogues | None = None,
    ) -> None:
        self._engine = engine
        self._catalogues = catalogues
        self._engines: dict[int, PolicyEngine] = {}
        self._consent = consent
        self._restriction = restriction
        self._log = log or OpenLogGate()
        self.epoch = engine.epoch

    def engine_of(self, tenant: int) -> PolicyEngine:
        """The policies over the catalogue that is in force for a tenant; over the engine's own where nobody applies any."""
        if self._catalogues is None:
            return self._engine
        catalogue = self._catalogues.of(tenant)
        engine = self._engines.get(tenant)
        if engine is None or engine.catalogue is not catalogue:
            engine = self._engines[tenant] = self._engine.over(catalogue)
        return engine

    def knows(self, tenant: int, purpose: str) -> bool:
        """Whether the tenant's catalogue has the purpose."""
        return self.engine_of(tenant).catalogue.knows(purpose)

    def ruling(
        self,
        caller: Caller,
        action: policy.Action,
        kind: JudgedKind,
        *,
        purpose: str,
        ref: str,
        view: View = View.MASKED,
        stage: str | None = None,
    ) -> Reason | None:
        """Step 1: None when the policy allows."""
        ruled = self.engine_of(caller.tenant).decide(
            Ask(
                caller.role,
                action,
                purpose,
                kind.name,
                kind.sensitivity is Sensitivity.SENSITIVE,
                view,
                caller.acting.role if caller.acting else None,
                stage,
                ref.partition(":")[0] if ref else None,
            )
        )
        return None if ruled.allowed else Reason(ruled.reason)

    def may_administer(self, caller: Caller, action: policy.Action) -> bool:
        """Whether the role alone allows an action that shows no personal data."""
        return self._engine.decide(Ask.to_administer(caller.role, action)).allowed

    def refusals(self, tx: Transaction, reveals: Sequence[Reveal], at: int) -> list[Reason | None]:
        """Steps 3 to 5, in order: None where all gates let the use through."""
        refused = list(self._consent.refusals(tx, reveals, at))
        marked = [place for place, reveal in enumerate(reveals) if reveal.marked and refused[place] is None]
        if marked:
            answers = self._restriction.restricted(tx, [reveals[place] for place in marked])
            for place, restricted in zip(marked, answers, strict=True):
                if restricted:
                    refused[place] = Reason.RESTRICTED
        if self._log.behind():
            for place, reveal in enumerate(reveals):
                if refused[place] is None and reveal.view == View.PLAIN:
                    refused[place] = Reason.AUDIT_BEHIND
        return refused
