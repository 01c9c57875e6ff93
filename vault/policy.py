"""Who may do what to personal data, for which purpose and in which view: Cedar decides, and what no policy permits is denied.

Guarantees:
1. A role, action, view or stage that the schema does not know is denied, whatever the policies say.
2. A policy that cannot be evaluated denies; a policy set that does not fit the schema, or that names a purpose or a kind
   that the catalogue does not know, is refused when the engine is made.
3. A kind that the purpose does not need is denied as `not_necessary`, but only to a role that may ask for that purpose at
   all: to others the answer is `policy`, so that a refusal teaches them nothing.

Not checked here, and asked after it: consent, the state of the subject, the assignment itself, budgets.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import cedarpy
from cedarpy import pst

from audit.entry import PolicyDigest
from vault.policy_text import Place, PolicyFileError, Statement, statements

ROLES = (
    "service",
    "support",
    "courier",
    "customer",
    "merchant",
    "risk",
    "privacy_officer",
    "auditor",
    "operator",
    "admin",
)
STAGES = ("assigned", "picked_up", "delivered", "cancelled")

_SHIPPED = Path(__file__).parent / "policies"
_SCHEMA = (_SHIPPED / "schema.cedarschema").read_text(encoding="utf-8")
_POLICY_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Cedar numbers a statement by its place in the text it was given, which tells the reader nothing.
_POSITIONAL_ID = re.compile(r"for policy `policy\d+`[,:]? ?")
_RULINGS_KEPT = 8192


class PurposeCatalogue(Protocol):
    """The purposes in force and the kinds of personal data that each of them needs."""

    def purposes(self) -> Iterable[str]: ...

    def knows(self, purpose: str) -> bool: ...

    def necessary(self, purpose: str, kind: str) -> bool: ...


class View(StrEnum):
    """How much of a value an answer shows. At building level an address shows its building; everything else is masked."""

    PLAIN = "plain"
    MASKED = "masked"
    BUILDING = "building"


class Action(StrEnum):
    """What may be asked for. The first five touch personal data and are judged by purpose, kind and view; the others by role."""

    TOKENIZE = "tokenize"
    DETOKENIZE = "detokenize"
    SEARCH = "search"
    SUBJECT_READ = "subject_read"
    SUBJECT_WRITE = "subject_write"
    TOKEN_READ = "token_read"  # noqa: S105 - the name of an action
    TOKEN_REVOKE = "token_revoke"  # noqa: S105 - the name of an action
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    SHRED = "shred"
    ASSIGN = "assign"
    PICKUP = "pickup"
    PREFERENCE = "preference"
    HANDOVER_TABLE = "handover_table"
    HONEY = "honey"
    KEYS_READ = "keys_read"
    KEYS_ROTATE = "keys_rotate"
    KEYS_DESTROY = "keys_destroy"


TOUCHES_PERSONAL_DATA = frozenset(
    {Action.TOKENIZE, Action.DETOKENIZE, Action.SEARCH, Action.SUBJECT_READ, Action.SUBJECT_WRITE}
)


class Ask(NamedTuple):
    """One question to the policy. `ref_type` is what stands before the colon of the reference; `stage` is the assignment's."""

    role: str
    action: Action
    purpose: str
    kind: str
    sensitive: bool
    view: View
    acting_for: str | None = None
    stage: str | None = None
    ref_type: str | None = None

    @classmethod
    def to_administer(cls, role: str, action: Action) -> "Ask":
        """A question about an action that touches no personal data, where the role alone decides."""
        return cls(role=role, action=action, purpose="", kind="", sensitive=False, view=View.MASKED)


class Ruling(NamedTuple):
    """The answer: `reason` is empty when allowed; `policies` are the ids of those that decided, none for a denial by default."""

    allowed: bool
    reason: Literal["", "policy", "not_necessary"]
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a reader wants to know of one policy. `why` is its `@why` annotation, or empty."""

    id: str
    effect: Literal["permit", "forbid"]
    place: Place
    why: str
    ref_types: frozenset[str]


class PolicyEngine:
    """The policies of one start and the catalogue they are judged with; immutable, and safe to share between threads.

    Raises PolicyFileError for the first policy that may not be used.
    """

    def __init__(self, texts: Mapping[str, str], catalogue: PurposeCatalogue) -> None:
        self.catalogue = catalogue
        self.epoch = _epoch(texts)
        self._schema = cedarpy.Schema.from_str(_SCHEMA)
        self.policies = self._examined(texts)
        self._set = cedarpy.PolicySet.from_str("\n".join(texts[name] for name in sorted(texts)))
        # The schema adds the action groups to the entities; without it every `action in` group would silently never match.
        self._entities = cedarpy.Entities.from_json_str("[]", self._schema)
        self._rulings: dict[Ask, Ruling] = {}

    def over(self, catalogue: PurposeCatalogue) -> "PolicyEngine":
        """The same policies over another catalogue. What they name is known to the one that the engine was made with."""
        other = copy(self)
        other.catalogue = catalogue
        other._rulings = {}  # noqa: SLF001 - of the same class
        return other

    @property
    def ref_types(self) -> tuple[str, ...]:
        """The types of reference that some policy asks for, sorted."""
        return tuple(sorted({ref_type for policy in self.policies.values() for ref_type in policy.ref_types}))

    def decide(self, ask: Ask) -> Ruling:
        """The ruling on an ask, remembered for as long as the engine lives."""
        ruling = self._rulings.get(ask)
        if ruling is None:
            ruling = self.judge(ask)
            if len(self._rulings) >= _RULINGS_KEPT:
                self._rulings.clear()
            self._rulings[ask] = ruling
        return ruling

    def judge(self, ask: Ask) -> Ruling:
        """The ruling on an ask, evaluated anew and not remembered."""
        principal = ask.role if ask.acting_for is None else ask.acting_for
        if ask.role not in ROLES or principal not in ROLES:
            return Ruling(allowed=False, reason="policy", policies=())
        touches = ask.action in TOUCHES_PERSONAL_DATA
        if touches and not self.catalogue.knows(ask.purpose):
            return Ruling(allowed=False, reason="policy", policies=())
        answer = cedarpy.is_authorized(_request(ask, principal), self._set, self._entities, self._schema)
        if answer.diagnostics.errors:  # A forbid that fails to evaluate would otherwise be skipped.
            return Ruling(allowed=False, reason="policy", policies=())
        deciding = tuple(sorted(answer.diagnostics.id_annotations_by_reason.values()))
        if not answer.allowed:
            return Ruling(allowed=False, reason="policy", policies=deciding)
        if touches and not self.catalogue.necessary(ask.purpose, ask.kind):
            return Ruling(allowed=False, reason="not_necessary", policies=())
        return Ruling(allowed=True, reason="", policies=deciding)

    def _examined(self, texts: Mapping[str, str]) -> dict[str, Policy]:
        policies: dict[str, Policy] = {}
        for name in sorted(texts):
            for statement in statements(name, texts[name]):
                policy = self._examine(statement)
                if policy.id in policies:
                    raise PolicyFileError(statement.place, f"a second policy with the id {policy.id}")
                policies[policy.id] = policy
        if not policies:
            raise PolicyFileError(Place("policies", 1), "there is no policy at all")
        return policies

    def _examine(self, statement: Statement) -> Policy:
        try:
            parsed = cedarpy.policies_to_pst(statement.text)
        except ValueError as fault:
            raise PolicyFileError(statement.place, str(fault)) from None
        if len(parsed.static_policies) != 1:
            raise PolicyFileError(statement.place, "a template permits nothing by itself: write the policy out")
        (policy,) = parsed.static_policies.values()
        policy_id = policy.annotations.get("id") or ""
        if not _POLICY_ID.fullmatch(policy_id):
            raise PolicyFileError(
                statement.place, 'a policy needs @id("…") of small letters, digits and _, to be cited by'
            )
        checked = cedarpy.validate_policies(statement.text, self._schema)
        if not checked.validation_passed:
            raise PolicyFileError(statement.place, _POSITIONAL_ID.sub("", checked.errors[0].error))
        named = pst.entity_uids(policy)
        self._refuse_unknown_names(statement.place, named)
        return Policy(
            id=policy_id,
            effect=policy.effect,
            place=statement.place,
            why=policy.annotations.get("why") or "",
            ref_types=frozenset(uid.id for uid in named if uid.type.basename == "RefType"),
        )

    def _refuse_unknown_names(self, place: Place, named: Iterable[pst.EntityUid]) -> None:
        """A misspelt purpose or kind makes a permit useless and a forbid void, the second unnoticed."""
        for uid in named:
            if uid.type.basename == "Purpose" and not self.catalogue.knows(uid.id):
                raise PolicyFileError(place, f"the catalogue has no purpose {uid.id}")
            if uid.type.basename == "Kind" and not self._needed_by_any(uid.id):
                raise PolicyFileError(place, f"no purpose of the catalogue needs the kind {uid.id}")

    def _needed_by_any(self, kind: str) -> bool:
        return any(self.catalogue.necessary(purpose, kind) for purpose in self.catalogue.purposes())


def load_policies(directory: Path | None) -> dict[str, str]:
    """The texts of the `*.cedar` files by name: the operator's directory, whole and alone, or the ones that Moat ships.

    Raises PolicyFileError for a directory without any and for a file that is not UTF-8.
    """
    texts: dict[str, str] = {}
    for path in sorted((directory or _SHIPPED).glob("*.cedar")):
        try:
            texts[path.name] = path.read_bytes().decode()
        except UnicodeDecodeError:
            raise PolicyFileError(Place(path.name, 1), "the file is not UTF-8 text") from None
    if not texts:
        raise PolicyFileError(Place(str(directory or _SHIPPED), 1), "the directory holds no *.cedar file")
    return texts


def _epoch(texts: Mapping[str, str]) -> PolicyDigest:
    """The first 16 hexadecimal digits of a SHA-256 over the schema and the files, each name and text length-prefixed."""
    digest = hashlib.sha256()
    for part in (_SCHEMA, *(part for name in sorted(texts) for part in (name, texts[name]))):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return PolicyDigest(digest.hexdigest()[:16])


def _request(ask: Ask, principal: str) -> dict[str, Any]:
    context: dict[str, Any] = {"caller": _entity("Role", ask.role)}
    resource = {"type": "Vault", "id": "vault"}
    if ask.action in TOUCHES_PERSONAL_DATA:
        resource = {"type": "Kind", "id": ask.kind}
        context["purpose"] = _entity("Purpose", ask.purpose)
        context["sensitive"] = ask.sensitive
        context["view"] = _entity("View", ask.view)
        if ask.stage is not None:
            context["stage"] = _entity("Stage", ask.stage)
        if ask.ref_type is not None:
            context["ref_type"] = _entity("RefType", ask.ref_type)
    return {
        "principal": {"type": "Role", "id": principal},
        "action": {"type": "Action", "id": str(ask.action)},
        "resource": resource,
        "context": json.dumps(context),
    }


def _entity(kind: str, name: str) -> dict[str, dict[str, str]]:
    return {"__entity": {"type": kind, "id": name}}
