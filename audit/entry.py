"""What an audit entry says, and its canonical bytes.

An entry is RFC 8785 canonical JSON over a closed set of fields: enumerated codes, opaque identifiers, counts and times.
Nothing in it can hold free text, so nothing in it can hold personal data. All keys and texts are ASCII and all numbers are
integers, for which sorting keys by code point is the canonical order and no number has two spellings.

    v          schema version, 1
    act, part, parts   event id of the act (UUIDv7) and which of its entries this is, counted from 1
    at         RFC 3339 UTC, milliseconds
    tenant     number of the tenant
    request    id of the request, as the answer carried it
    action     what was asked (`Action`)
    outcome    done | denied | failed
    reason     code of a refusal (`Reason`)
    actor      {"kind", "id", "role"}; `behalf` {"role", "subject"} when it acted for somebody
    purpose, view, kind, policy   ids of the catalogue and digest of the policies
    subjects, rows, refs   pseudonyms of the people, numbers of the records and keyed pseudonyms of the orders (of jobs and
               requests: their ids), at most 500 and in the same order; `ref` instead of `refs` where all are one. What is done
               to catalogues and notices has their versions in `rows`
    wording    SHA-256 of the words of a notice that was published, or that people were shown, or of the manifest of a package
               that was made for a person; the digest of a retention policy, or the root of a plan: 64 hexadecimal digits
    count      how many items or events the entry stands for
    approver   the second person, in the form of `actor`, where an act takes two
    key        public key of the log that signs from now on, 64 hexadecimal digits
    succeeds   {"log", "size", "root"}: the last known checkpoint of the log that this one continues, its root in hexadecimal
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

import orjson

from database.columns import rfc3339

SubjectRef = NewType("SubjectRef", str)
"""Pseudonym of a data subject: 128 bit as 22 characters of base64url, unlinkable once the subject's secret is destroyed."""

ObjectRef = NewType("ObjectRef", str)
"""Keyed pseudonym of an order or another object of the platform, in the same form."""

PolicyDigest = NewType("PolicyDigest", str)
"""The first 16 hexadecimal digits of a digest over the policies that decided."""

SUBJECTS_PER_ENTRY = 500
ENTRY_BYTES_AT_MOST = 65_535

_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")
_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{22}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_POLICIES = re.compile(r"[0-9a-f]{16}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Action(StrEnum):
    """Everything that can be done or asked, as `source.verb`."""

    TOKENIZE = "vault.tokenize"
    DETOKENIZE = "vault.detokenize"
    SEARCH = "vault.search"
    TOKEN_READ = "vault.token_read"  # noqa: S105 - an action, not a password
    TOKEN_REVOKE = "vault.token_revoke"  # noqa: S105 - an action, not a password
    TOKEN_PROBE = "vault.token_probe"  # noqa: S105 - an action, not a password
    RECORD_EXPIRE = "vault.record_expire"
    SUBJECT_WRITE = "vault.subject_write"
    SUBJECT_READ = "vault.subject_read"
    SUBJECT_FREEZE = "vault.subject_freeze"
    SUBJECT_UNFREEZE = "vault.subject_unfreeze"
    SUBJECT_SHRED = "vault.subject_shred"
    SUBJECT_SHRED_READ = "vault.subject_shred_read"
    SUBJECT_DISCLOSE = "vault.subject_disclose"
    SUBJECT_RECTIFY = "vault.subject_rectify"
    SUBJECT_DISPOSE = "vault.subject_dispose"
    ASSIGNMENT_WRITE = "vault.assignment_write"
    ORDER_PICKUP = "vault.pickup"
    PREFERENCE_WRITE = "vault.preference"
    PREFERENCE_READ = "vault.preference_read"
    HANDOVER_TABLE_APPLY = "vault.handover_table"
    SHIFT_RULES_APPLY = "vault.shift_rules"
    FREEZE = "vault.freeze"
    UNFREEZE = "vault.unfreeze"
    FREEZE_READ = "vault.freeze_read"
    HONEY_MAKE = "vault.honey"
    HONEY_READ = "vault.honey_read"
    HONEY_TRIP = "vault.honey_trip"
    DEVICE_REGISTER = "device.register"
    DEVICE_READ = "device.read"
    DEVICE_REVOKE = "device.revoke"
    MESSAGE_SEND = "message.send"
    MESSAGE_FETCH = "message.fetch"
    MESSAGE_ACKNOWLEDGE = "message.acknowledge"
    MESSAGE_REPORT = "message.report"
    POSITION_WRITE = "trace.position_write"
    POSITION_READ = "trace.position_read"
    TRACE_EXPIRE = "trace.expire"
    PICTURE_STORE = "picture.store"
    PICTURE_READ = "picture.read"
    PICTURE_DELETE = "picture.delete"
    PICTURE_EXPIRE = "picture.expire"
    KEYS_CREATE = "keys.create"
    KEYS_MINT = "keys.mint"
    KEYS_READ = "keys.read"
    KEYS_ROTATE = "keys.rotate"
    KEYS_DESTROY = "keys.destroy"
    KEYS_DESTROYED = "keys.destroyed"
    KEYS_ROOT_ACTIVATE = "keys.root_activate"
    KEYS_REWRAP = "keys.rewrap"
    KEYS_ROOT_DESTROY = "keys.root_destroy"
    KEYS_ROOT_DESTROYED = "keys.root_destroyed"
    BACKUP_CREATE = "backup.create"
    BACKUP_RESTORE = "backup.restore"
    TENANT_CREATE = "tenant.create"
    CREDENTIAL_CREATE = "credential.create"
    CREDENTIAL_LIST = "credential.list"
    CREDENTIAL_ROTATE = "credential.rotate"
    CREDENTIAL_REVOKE = "credential.revoke"
    CREDENTIAL_REFUSED = "credential.refused"
    RATE_LIMITED = "web.rate_limited"
    SCOPE_REFUSED = "web.scope_refused"
    AUDIT_READ = "audit.read"
    AUDIT_ACCESS_LOG = "audit.access_log_read"
    AUDIT_EXPORT = "audit.export"
    AUDIT_EXPORT_READ = "audit.export_read"
    AUDIT_KEY_CREATE = "audit.key_create"
    AUDIT_RESTART = "audit.restart"
    JOB_PAUSE = "work.job_pause"
    JOB_RESUME = "work.job_resume"
    JOB_CANCEL = "work.job_cancel"
    JOB_APPROVE = "work.job_approve"
    REQUEST_EXPLAIN = "audit.explain"
    CONSENT_PRESENT = "consent.present"
    CONSENT_GIVE = "consent.give"
    CONSENT_REFUSE = "consent.refuse"
    CONSENT_DEFER = "consent.defer"
    CONSENT_WITHDRAW = "consent.withdraw"
    CONSENT_EXPIRE = "consent.expire"
    CONSENT_INVALIDATE = "consent.invalidate"
    CONSENT_READ = "consent.read"
    CONSENT_DISPOSE = "consent.dispose"
    CATALOGUE_APPLY = "consent.catalogue_apply"
    NOTICE_TELL = "consent.notice_tell"
    CONTACT_OPEN = "vault.contact_open"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_ROTATE = "webhook.rotate"
    WEBHOOK_PAUSE = "webhook.pause"
    WEBHOOK_RESUME = "webhook.resume"
    WEBHOOK_DELETE = "webhook.delete"
    WEBHOOK_GONE = "webhook.gone"
    WEBHOOK_DELIVER = "webhook.deliver"
    WEBHOOK_REPLAY = "webhook.replay"
    IDENTITY_CODE_ASK = "identity.code_ask"
    IDENTITY_CODE_SEND = "identity.code_send"
    IDENTITY_CODE_VERIFY = "identity.code_verify"
    IDENTITY_LINK_CREATE = "identity.link_create"
    IDENTITY_LINK_VERIFY = "identity.link_verify"
    IDENTITY_ASSERTION_VERIFY = "identity.assertion_verify"
    IDENTITY_SESSION_VERIFY = "identity.session_verify"
    IDENTITY_PROOF = "identity.proof"
    IDENTITY_SESSION_END = "identity.session_end"
    IDENTITY_KEY_ADD = "identity.key_add"
    IDENTITY_KEY_REVOKE = "identity.key_revoke"
    HOLDER_ASK = "holder.ask"
    HOLDER_ANSWER = "holder.answer"
    HOLDER_CANCEL = "holder.cancel"
    HOLDER_REPLAY = "holder.replay"
    HOLD_PLACE = "dsar.hold_place"
    HOLD_REVIEW = "dsar.hold_review"
    HOLD_OVERDUE = "dsar.hold_overdue"
    HOLD_RELEASE_ASK = "dsar.hold_release_ask"
    HOLD_RELEASE = "dsar.hold_release"
    RETENTION_POLICY_APPLY = "retention.policy_apply"
    RETENTION_EVENT = "retention.event"
    RETENTION_PLAN = "retention.plan"
    RETENTION_PLANNED = "retention.planned"
    RETENTION_RUN = "retention.run"
    RETENTION_DISPOSE = "retention.dispose"
    RETENTION_DONE = "retention.done"
    RESTRICTION_LIFT = "dsar.restriction_lift"
    ERASURE_PLAN = "dsar.erasure_plan"
    ERASURE_DISPOSE = "dsar.erasure_dispose"
    ERASURE_END = "dsar.erasure_end"
    ERASURE_READ = "dsar.erasure_read"
    PACKAGE_CHOOSE = "dsar.package_choose"
    PACKAGE_MAKE = "dsar.package_make"
    PACKAGE_LINK = "dsar.package_link"
    PACKAGE_TELL = "dsar.package_tell"
    PACKAGE_DOWNLOAD = "dsar.package_download"
    PACKAGE_TRANSFER = "dsar.package_transfer"
    PACKAGE_REMOVE = "dsar.package_remove"
    PACKAGE_READ = "dsar.package_read"
    DSAR_RECEIVE = "dsar.receive"
    DSAR_ACKNOWLEDGE = "dsar.acknowledge"
    DSAR_VERIFY = "dsar.verify"
    DSAR_PAUSE = "dsar.pause"
    DSAR_CONTINUE = "dsar.continue"
    DSAR_ACCEPT = "dsar.accept"
    DSAR_EXECUTE = "dsar.execute"
    DSAR_REVIEW = "dsar.review"
    DSAR_APPROVE = "dsar.approve"
    DSAR_HOLD = "dsar.hold"
    DSAR_RESTRICT = "dsar.restrict"
    DSAR_RESUME = "dsar.resume"
    DSAR_COMPLETE = "dsar.complete"
    DSAR_COMPLETE_PARTLY = "dsar.complete_partly"
    DSAR_DENY = "dsar.deny"
    DSAR_WITHDRAW = "dsar.withdraw"
    DSAR_EXPIRE = "dsar.expire"
    DSAR_EXTEND = "dsar.extend"
    DSAR_ASSIGN = "dsar.assign"
    DSAR_ESCALATE = "dsar.escalate"
    DSAR_BREACH = "dsar.breach"
    DSAR_RECKON = "dsar.reckon"
    DSAR_READ = "dsar.read"
    DSAR_STATISTICS = "dsar.statistics"
    STAFF_INVITE = "staff.invite"
    STAFF_ENROL = "staff.enrol"
    STAFF_SIGN_IN = "staff.sign_in"
    STAFF_VERIFY = "staff.verify"
    STAFF_SIGN_OUT = "staff.sign_out"
    STAFF_FACTOR_ADD = "staff.factor_add"
    STAFF_FACTOR_REMOVE = "staff.factor_remove"
    STAFF_LIST = "staff.list"
    STAFF_DISABLE = "staff.disable"
    STAFF_ROLE = "staff.role"
    STAFF_RECOVERY_ASK = "staff.recovery_ask"
    STAFF_RECOVERY_APPROVE = "staff.recovery_approve"
    BREACH_REPORT = "alert.breach_report"
    BREACH_READ = "alert.breach_read"
    BREACH_TELL = "alert.breach_tell"
    DIGEST_CHOOSE = "alert.digest_choose"
    RELAY_POOL_CREATE = "relay.pool_create"
    RELAY_POOL_CHANGE = "relay.pool_change"
    RELAY_NUMBERS_ADD = "relay.numbers_add"
    RELAY_NUMBER_CHANGE = "relay.number_change"
    RELAY_BIND = "relay.bind"
    RELAY_CHANGE = "relay.change"
    RELAY_UNBIND = "relay.unbind"
    RELAY_HANG_UP = "relay.hang_up"
    RELAY_BLOCK = "relay.block"
    RELAY_UNBLOCK = "relay.unblock"
    RELAY_ROUTE = "relay.route"
    RELAY_CALL = "relay.call"
    RELAY_DISCLOSE = "relay.disclose"
    RELAY_DISPOSE = "relay.dispose"
    RELAY_ACCOUNT_CREATE = "relay.account_create"
    RELAY_ACCOUNT_ROTATE = "relay.account_rotate"
    RELAY_ACCOUNT_DELETE = "relay.account_delete"
    RELAY_TEXT = "relay.text"
    RELAY_TEXT_WISH = "relay.text_wish"
    RELAY_CARRY = "relay.carry"
    RELAY_CALLS_READ = "relay.calls_read"
    RELAY_STATISTICS = "relay.statistics"
    RELAY_SIGNAL = "relay.signal"
    RELAY_CASE_CLOSE = "relay.case_close"
    RELAY_RULES_APPLY = "relay.rules_apply"
    RELAY_LEGAL_KEY_ADD = "relay.legal_key_add"
    RELAY_LEGAL_KEY_DESTROY = "relay.legal_key_destroy"
    RELAY_LEGAL_TAKE = "relay.legal_take"
    RELAY_LEGAL_DROP = "relay.legal_drop"


class Outcome(StrEnum):
    DONE = "done"
    DENIED = "denied"
    FAILED = "failed"


class Reason(StrEnum):
    """Why something was refused or failed. The same words stand in answers as `code` or `reason`."""

    POLICY = "policy"
    SCOPE = "scope"
    NOT_NECESSARY = "not_necessary"
    NO_CONSENT = "no_consent"
    RESTRICTED = "restricted"
    FROZEN = "frozen"
    HELD = "held"
    ERASED = "subject_erased"
    NOT_ASSIGNED = "not_assigned"
    STAGE = "stage"
    STALE = "stale_version"
    LOCKED = "locked"
    BUDGET = "budget"
    NOT_FOUND = "not_found"
    INTEGRITY = "integrity"
    INVALID = "invalid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    RATE = "rate"
    DENSITY = "density_limit"
    KEY_WORN = "key_worn"
    AUDIT_BEHIND = "audit_behind"
    PRE_TICKED = "pre_ticked"
    BUNDLED = "bundled"
    FOREIGN_TENANT = "foreign_tenant"
    WORDING_MISMATCH = "wording_mismatch"
    STALE_NOTICE = "stale_notice"
    MINOR_WITHOUT_GUARDIAN = "minor_without_guardian"
    MINORS_EXCLUDED = "minors_excluded"
    RECENTLY_REFUSED = "recently_refused"
    SAME_PERSON = "same_person"
    NOT_DUE = "not_due"
    TO_REVIEW = "to_review"
    UNIDENTIFIED = "unidentified"
    NO_AUTHORITY = "no_authority"
    UNFOUNDED = "unfounded"
    EXCESSIVE = "excessive"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGAL_CLAIMS = "legal_claims"
    PUBLIC_INTEREST = "public_interest"
    OTHERS_RIGHTS = "others_rights"
    NOT_COVERED = "not_covered"
    NOTHING_HELD = "nothing_held"
    COMPLEX = "complex"
    MANY_REQUESTS = "many_requests"
    NO_ANSWER = "no_answer"
    DUPLICATE = "duplicate"
    NOT_VERIFIED = "not_verified"
    UNKNOWN_DEVICE = "unknown_device"
    NOT_PARTY = "not_party"
    ORDER_ENDED = "order_ended"


class ActorKind(StrEnum):
    CREDENTIAL = "credential"
    OPERATOR = "operator"
    SYSTEM = "system"
    SOURCE = "source"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: a credential by its number, an operator at the host's console, the service itself, an unknown source, or the
    person whom the entry names, in a session of their own."""

    kind: ActorKind
    id: int = 0
    role: str = ""

    def __post_init__(self) -> None:
        if self.role and not _CODE.fullmatch(self.role):
            raise ValueError("a role is a code")


@dataclass(frozen=True, slots=True)
class Behalf:
    """For whom the actor acted. A person whom the vault does not know has no pseudonym."""

    role: str
    subject: SubjectRef | None

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.role) or not _PSEUDONYM.fullmatch(self.subject or "A" * 22):
            raise ValueError("role is a code and subject a pseudonym")


@dataclass(frozen=True, slots=True)
class Succession:
    """The last known checkpoint of the log that a new one continues: that log's number, size and root."""

    log: int
    size: int
    root: str

    def __post_init__(self) -> None:
        if self.log < 1 or self.size < 0 or not _DIGEST.fullmatch(self.root):
            raise ValueError("log and size are counts, and a root is a hexadecimal digest")


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one act that fared alike. `count` stands for items that have neither subject nor row; it defaults to 1."""

    outcome: Outcome
    reason: Reason | None = None
    purpose: str | None = None
    view: str | None = None
    kind: str | None = None
    subjects: Sequence[SubjectRef] = ()
    rows: Sequence[int] = ()
    refs: Sequence[ObjectRef] = ()
    count: int | None = None
    wording: str | None = None

    def __post_init__(self) -> None:
        if self.wording is not None and not _DIGEST.fullmatch(self.wording):
            raise ValueError("a wording is named by a hexadecimal digest")
        for code in (self.purpose, self.view, self.kind):
            if code is not None and not _CODE.fullmatch(code):
                raise ValueError("purpose, view and kind are codes")
        lengths = {len(column) for column in (self.subjects, self.rows, self.refs) if column}
        if len(lengths) > 1:
            raise ValueError("subjects, rows and refs go together")

    def fields(self) -> Iterator[dict[str, Any]]:
        """The group's part of one entry after another, each with at most 500 subjects."""
        shared: dict[str, Any] = {"outcome": self.outcome.value}
        for name in ("reason", "purpose", "view", "kind", "wording"):
            if (value := getattr(self, name)) is not None:
                shared[name] = str(value)
        columns = {name: column for name in ("subjects", "rows", "refs") if (column := getattr(self, name))}
        if not columns:
            yield {**shared, "count": 1 if self.count is None else self.count}
            return
        if len(set(self.refs)) == 1:
            shared["ref"] = columns.pop("refs")[0]
        size = max(len(self.subjects), len(self.rows), len(self.refs))
        for start in range(0, size, SUBJECTS_PER_ENTRY):
            end = min(start + SUBJECTS_PER_ENTRY, size)
            part = {name: list(column[start:end]) for name, column in columns.items()}
            yield {**shared, **part, "count": end - start}


@dataclass(frozen=True, slots=True)
class Act:
    """One use case, as it will stand in the log. `at` is in milliseconds since the epoch."""

    action: Action
    actor: Actor
    tenant: int
    at: int
    request: str
    groups: Sequence[Group] = field(default_factory=lambda: (Group(Outcome.DONE),))
    policy: PolicyDigest | None = None
    behalf: Behalf | None = None
    approver: Actor | None = None
    key: str | None = None
    succeeds: Succession | None = None

    def __post_init__(self) -> None:
        if self.key is not None and not _DIGEST.fullmatch(self.key):
            raise ValueError("a public key is 64 hexadecimal digits")
        if not _UUID.fullmatch(self.request):
            raise ValueError("a request id is a UUID made here")
        if self.policy is not None and not _POLICIES.fullmatch(self.policy):
            raise ValueError("a policy is named by a hexadecimal digest")

    def entries(self, event: str) -> list[bytes]:
        """Canonical bytes of the act's entries, in order.

        Raises:
            ValueError: an entry would not fit into 65,535 bytes.
        """
        shared = self._shared(event)
        parts = [part for group in self.groups for part in group.fields()]
        entries = [
            orjson.dumps({**shared, **part, "part": number, "parts": len(parts)}, option=orjson.OPT_SORT_KEYS)
            for number, part in enumerate(parts, 1)
        ]
        if any(len(entry) > ENTRY_BYTES_AT_MOST for entry in entries):
            raise ValueError("an entry is longer than a log entry can be")
        return entries

    def _shared(self, event: str) -> dict[str, Any]:
        """The fields that all entries of the act have."""
        shared: dict[str, Any] = {
            "v": 1,
            "act": event,
            "at": rfc3339(self.at),
            "tenant": self.tenant,
            "request": self.request,
            "action": self.action.value,
            "actor": _person(self.actor),
        }
        if self.policy is not None:
            shared["policy"] = self.policy
        if self.behalf is not None:
            named = {} if self.behalf.subject is None else {"subject": self.behalf.subject}
            shared["behalf"] = {"role": self.behalf.role, **named}
        if self.approver is not None:
            shared["approver"] = _person(self.approver)
        if self.key is not None:
            shared["key"] = self.key
        if self.succeeds is not None:
            shared["succeeds"] = {"log": self.succeeds.log, "size": self.succeeds.size, "root": self.succeeds.root}
        return shared


def _person(actor: Actor) -> dict[str, Any]:
    return {"kind": actor.kind.value, "id": actor.id, "role": actor.role}
