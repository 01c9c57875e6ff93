"""Who is asking: the roles and scopes that a credential can carry, and the caller of one request.

A role says who the holder is, and the access policy decides by it what may be seen. A scope says which calls the credential
may make at all. Each role brings the scopes that its work needs; others are granted one by one when a credential is made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class Role(StrEnum):
    """Who holds a credential."""

    SERVICE = "service"
    SUPPORT = "support"
    COURIER = "courier"
    CUSTOMER = "customer"
    MERCHANT = "merchant"
    RISK = "risk"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    ADMIN = "admin"
    SWITCH = "switch"


class Scope(StrEnum):
    """Which calls a credential may make."""

    VAULT_TOKENIZE = "vault:tokenize"
    VAULT_DETOKENIZE = "vault:detokenize"
    VAULT_SEARCH = "vault:search"
    VAULT_PRESERVING = "vault:preserving"
    VAULT_SUBJECTS = "vault:subjects"
    VAULT_TOKENS = "vault:tokens"
    VAULT_ORDERS = "vault:orders"
    VAULT_PICKUP = "vault:pickup"
    HANDOVER_READ = "handover:read"
    HANDOVER_MANAGE = "handover:manage"
    PROTECTION_MANAGE = "protection:manage"
    VAULT_SHRED = "vault:shred"
    VAULT_ADMIN = "vault:admin"
    ACT_AS_COURIER = "act_as:courier"
    ACT_AS_CUSTOMER = "act_as:customer"
    DEVICES_MANAGE = "devices:manage"
    MESSAGES_CARRY = "messages:carry"
    TRACES_WRITE = "traces:write"
    TRACES_READ = "traces:read"
    PICTURES_WRITE = "pictures:write"
    PICTURES_READ = "pictures:read"
    CONSENT_WRITE = "consent:write"
    CONSENT_READ = "consent:read"
    CONSENT_DECIDE = "consent:decide"
    AUDIT_READ = "audit:read"
    AUDIT_LOG = "audit:log"
    EXPLAIN_READ = "explain:read"
    JOBS_MANAGE = "jobs:manage"
    JOBS_APPROVE = "jobs:approve"
    WEBHOOKS_MANAGE = "webhooks:manage"
    DSAR_HOLDS = "dsar:holds"
    DSAR_REQUEST = "dsar:request"
    DSAR_READ = "dsar:read"
    DSAR_MANAGE = "dsar:manage"
    DSAR_SESSIONS = "dsar:sessions"
    DSAR_KEYS = "dsar:keys"
    RETENTION_EVENTS = "retention:events"
    RETENTION_READ = "retention:read"
    RETENTION_MANAGE = "retention:manage"
    MASKING_USE = "masking:use"
    RELAY_ROUTE = "relay:route"
    RELAY_MANAGE = "relay:manage"
    RELAY_ACCOUNTS = "relay:accounts"
    RELAY_CALLS = "relay:calls"
    METRICS_READ = "metrics:read"
    CREDENTIALS_MANAGE = "credentials:manage"
    STAFF_MANAGE = "staff:manage"


_SERVICE = {
    Scope.DSAR_REQUEST,
    Scope.DSAR_SESSIONS,
    Scope.VAULT_TOKENIZE,
    Scope.VAULT_DETOKENIZE,
    Scope.VAULT_SEARCH,
    Scope.VAULT_SUBJECTS,
    Scope.VAULT_TOKENS,
    Scope.VAULT_ORDERS,
    Scope.VAULT_PICKUP,
    Scope.HANDOVER_READ,
    Scope.CONSENT_WRITE,
    Scope.CONSENT_READ,
    Scope.CONSENT_DECIDE,
    Scope.EXPLAIN_READ,
    Scope.MASKING_USE,
    Scope.RETENTION_EVENTS,
    Scope.RELAY_MANAGE,
    Scope.DEVICES_MANAGE,
    Scope.MESSAGES_CARRY,
    Scope.TRACES_WRITE,
    Scope.TRACES_READ,
    Scope.PICTURES_WRITE,
    Scope.PICTURES_READ,
}

DEFAULT_SCOPES: Mapping[Role, frozenset[Scope]] = MappingProxyType(
    {
        Role.SERVICE: frozenset(_SERVICE),
        Role.SUPPORT: frozenset(
            {
                Scope.VAULT_DETOKENIZE,
                Scope.VAULT_SEARCH,
                Scope.VAULT_SUBJECTS,
                Scope.VAULT_TOKENS,
                Scope.CONSENT_WRITE,
                Scope.CONSENT_READ,
                Scope.CONSENT_DECIDE,
                Scope.EXPLAIN_READ,
                Scope.DSAR_REQUEST,
                Scope.PICTURES_READ,
            }
        ),
        Role.COURIER: frozenset({Scope.VAULT_DETOKENIZE}),
        Role.CUSTOMER: frozenset({Scope.VAULT_DETOKENIZE}),
        Role.MERCHANT: frozenset({Scope.VAULT_DETOKENIZE, Scope.VAULT_PICKUP}),
        Role.RISK: frozenset(
            {
                Scope.VAULT_DETOKENIZE,
                Scope.VAULT_SEARCH,
                Scope.VAULT_TOKENS,
                Scope.PROTECTION_MANAGE,
                Scope.CONSENT_DECIDE,
                Scope.EXPLAIN_READ,
                Scope.RELAY_CALLS,
            }
        ),
        Role.PRIVACY_OFFICER: frozenset(
            {
                Scope.VAULT_DETOKENIZE,
                Scope.VAULT_SEARCH,
                Scope.VAULT_SUBJECTS,
                Scope.VAULT_TOKENS,
                Scope.VAULT_SHRED,
                Scope.HANDOVER_READ,
                Scope.HANDOVER_MANAGE,
                Scope.PROTECTION_MANAGE,
                Scope.CONSENT_WRITE,
                Scope.CONSENT_READ,
                Scope.CONSENT_DECIDE,
                Scope.AUDIT_READ,
                Scope.EXPLAIN_READ,
                Scope.JOBS_MANAGE,
                Scope.JOBS_APPROVE,
                Scope.DSAR_HOLDS,
                Scope.DSAR_REQUEST,
                Scope.DSAR_READ,
                Scope.DSAR_MANAGE,
                Scope.RETENTION_EVENTS,
                Scope.RETENTION_READ,
                Scope.RETENTION_MANAGE,
                Scope.RELAY_CALLS,
            }
        ),
        Role.AUDITOR: frozenset(
            {Scope.AUDIT_READ, Scope.EXPLAIN_READ, Scope.JOBS_MANAGE, Scope.DSAR_READ, Scope.RETENTION_READ}
        ),
        Role.OPERATOR: frozenset(
            {
                Scope.VAULT_ADMIN,
                Scope.METRICS_READ,
                Scope.JOBS_MANAGE,
                Scope.JOBS_APPROVE,
                Scope.WEBHOOKS_MANAGE,
                Scope.RELAY_MANAGE,
                Scope.RELAY_ACCOUNTS,
                Scope.DSAR_KEYS,
            }
        ),
        Role.SWITCH: frozenset({Scope.RELAY_ROUTE}),
        Role.ADMIN: frozenset({Scope.CREDENTIALS_MANAGE, Scope.STAFF_MANAGE, Scope.METRICS_READ, Scope.EXPLAIN_READ}),
    }
)
"""The scopes of a role. An administrator hands out access and has none to personal data; an operator keeps keys and
machines running and has none either. A switch of telephone calls asks where a call goes, and nothing else."""

BOOTSTRAP_SCOPES = frozenset({Scope.CREDENTIALS_MANAGE, Scope.STAFF_MANAGE})
"""All that the credential of a first start may do."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller of one request. `credential` is the credential's number, `name` what its maker called it."""

    tenant: int
    credential: int
    name: str
    role: Role
    scopes: frozenset[Scope]
    test: bool

    def may(self, scope: Scope) -> bool:
        """Whether the credential carries `scope`."""
        return scope in self.scopes


def scopes_of(role: Role, extra: Iterable[Scope] = ()) -> frozenset[Scope]:
    """The scopes of a new credential: those of its role, and those granted beside them."""
    return DEFAULT_SCOPES[role] | frozenset(extra)


def write_scopes(scopes: Iterable[Scope]) -> str:
    """Scopes as one line of text, sorted, for the row of a credential."""
    return " ".join(sorted(scopes))


@lru_cache(maxsize=1024)
def read_scopes(text: str) -> frozenset[Scope]:
    """Scopes of a stored line. A scope that this version does not know grants nothing."""
    return frozenset(_KNOWN[word] for word in text.split() if word in _KNOWN)


_KNOWN = {scope.value: scope for scope in Scope}
