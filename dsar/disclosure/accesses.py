"""The access log in plain words: who did what with the person's data, when and what for. People other than the person appear as
roles, never by a pseudonym or number."""

from collections.abc import Mapping
from typing import Any

from dsar.disclosure.words import Words

_GROUPS: Mapping[str, str] = {
    "vault.detokenize": "read",
    "vault.token_read": "read",
    "vault.subject_read": "read",
    "vault.subject_disclose": "request",
    "vault.subject_rectify": "stored",
    "vault.subject_dispose": "removed",
    "vault.search": "searched",
    "vault.tokenize": "stored",
    "vault.subject_write": "stored",
    "vault.token_revoke": "removed",
    "vault.record_expire": "removed",
    "vault.subject_shred": "removed",
    "vault.contact_open": "contacted",
    "consent.notice_tell": "contacted",
    "identity.code_send": "contacted",
    "alert.breach_tell": "contacted",
    "trace.position_read": "read",
    "trace.position_write": "stored",
    "trace.expire": "removed",
    "picture.read": "read",
    "picture.store": "stored",
    "picture.delete": "removed",
    "picture.expire": "removed",
    "relay.call": "called",
    "relay.route": "connected",
}
_SOURCES: Mapping[str, str] = {
    "consent": "consent",
    "dsar": "request",
    "holder": "request",
    "identity": "identified",
    "audit": "reviewed",
    "webhook": "shared",
}
_ROLES_BY_KIND: Mapping[str, str] = {"operator": "operator", "system": "system", "source": "person", "person": "self"}


def access(fields: Mapping[str, Any], words: Words, titles: Mapping[str, str]) -> dict[str, Any]:
    """An entry of the log, for the person. `titles` are the names of purposes."""
    purpose = fields.get("purpose")
    return {
        "when": fields["at"],
        "who": words.roles[role_of(fields)],
        "did": words.actions[group_of(fields["action"])] + words.outcomes.get(fields["outcome"], ""),
        "purpose": None if purpose is None else titles.get(purpose, purpose),
        "kind": words.categories.get(fields.get("kind", "")),
        "items": fields.get("items", 1),
    }


def role_of(fields: Mapping[str, Any]) -> str:
    """As what somebody acted, by the words for roles: `self` is the person."""
    actor = fields["actor"]
    named = fields.get("behalf", {}).get("role") or actor.get("role")
    if named in _WITH_WORDS:
        return str(named)
    return _ROLES_BY_KIND.get(actor["kind"], "service")


def group_of(action: str) -> str:
    """What kind of thing an action is to a person, by the words for actions."""
    return _GROUPS.get(action) or _SOURCES.get(action.partition(".")[0], "other")


_WITH_WORDS = frozenset(
    {
        "courier",
        "support",
        "merchant",
        "service",
        "customer",
        "risk",
        "privacy_officer",
        "auditor",
        "operator",
        "admin",
    }
)
