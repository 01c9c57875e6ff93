"""All SQL of the vault."""

from typing import NamedTuple

from database.statement import Insertion, Statement
from database.transaction import Transaction
from vault import tables


class KeyRow(NamedTuple):
    """A wrapped key as the keyring reads it; `usage` is `kek` for those of the kek table."""

    id: int
    usage: str
    scope: str
    version: int
    wrapped: bytes
    state: str
    root: int


_LOCK_KEYRING = Statement("SELECT pg_advisory_xact_lock(:lock)")
_KEYRING_LOCK = 0x6D6F6174


def lock_keyring(tx: Transaction) -> None:
    """Keep others from changing the keyring until this transaction ends. A write on SQLite excludes them anyway."""
    if tx.dialect == "postgresql":
        tx.run(_LOCK_KEYRING, lock=_KEYRING_LOCK)


EPOCH = Statement("SELECT epoch FROM keyring_epoch WHERE tenant = :tenant")
INSERT_EPOCHS = Insertion(tables.KeyringEpoch, ("tenant", "epoch"))
INSERT_KEKS = Insertion(tables.Kek, ("tenant", "version", "root", "wrapped", "state", "created_at"))
INSERT_PURPOSE_KEYS = Insertion(
    tables.PurposeKey, ("tenant", "usage", "scope", "version", "root", "wrapped", "state", "created_at")
)
KEYS = Statement("""
    SELECT id, 'kek', '', version, wrapped, state, root FROM kek WHERE tenant = :tenant AND state <> 'destroyed'
    UNION ALL
    SELECT id, usage, scope, version, wrapped, state, root FROM purpose_key WHERE tenant = :tenant AND state <> 'destroyed'
""")
TENANTS_WITH_KEYS = Statement("SELECT tenant FROM keyring_epoch ORDER BY tenant")
LATEST_VERSIONS = Statement(
    "SELECT tenant, max(version) FROM purpose_key WHERE usage = :usage AND scope = :scope GROUP BY tenant"
)
LATEST_VERSION = Statement("""
    SELECT max(version) FROM purpose_key WHERE tenant = :tenant AND usage = :usage AND scope = :scope
    HAVING max(version) IS NOT NULL
""")
RETIRE_KEY = Statement("""
    UPDATE purpose_key SET state = 'decrypt-only'
    WHERE tenant = :tenant AND usage = :usage AND scope = :scope AND state = 'active'
""")
MOVE_EPOCH = Statement("UPDATE keyring_epoch SET epoch = epoch + 1 WHERE tenant = :tenant")

_SUBJECT = "s.fingerprint, s.id, s.state, s.type, s.sealed_identity, d.version, d.kek, d.wrapped, s.restricted"
SUBJECTS = Statement(
    f"""
    SELECT {_SUBJECT} FROM {{q}} {{each subject s ON s.tenant = :tenant AND s.fingerprint = q.fingerprint}}
    JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"fingerprint": "bytea"}},
)
SUBJECTS_TO_WRITE = Statement(
    f"""
    SELECT {_SUBJECT}, s.sealed_under, d.seals
    FROM {{q}} {{each subject s ON s.tenant = :tenant AND s.fingerprint = q.fingerprint}}
    LEFT JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id
    WHERE d.subject IS NOT NULL OR s.state = 'erased' ORDER BY s.id {{for_key_share:s}}
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"fingerprint": "bytea"}},
)
SUBJECTS_BY_NUMBER = Statement(
    f"""
    SELECT {_SUBJECT} FROM {{q}} {{each subject s ON s.tenant = :tenant AND s.id = q.number}}
    JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"number": "bigint"}},
)
SUBJECT_TO_CHANGE = Statement("""
    SELECT id, state FROM subject s WHERE tenant = :tenant AND fingerprint = :fingerprint {for_update:s}
""")
SET_SUBJECT_STATE = Statement("UPDATE subject SET state = :state WHERE tenant = :tenant AND id = :subject")
SET_SUBJECT_TYPE = Statement("UPDATE subject SET type = :type WHERE tenant = :tenant AND id = :subject")
ERASE_SUBJECT = Statement("""
    UPDATE subject SET state = 'erased', sealed_identity = NULL, type = NULL, restricted = 0
    WHERE tenant = :tenant AND id = :subject
""")
MARK_RESTRICTED = Statement("UPDATE subject SET restricted = :restricted WHERE tenant = :tenant AND id = :subject")
INSERT_SUBJECTS = Insertion(
    tables.Subject, ("id", "tenant", "fingerprint", "state", "type", "sealed_identity", "created_at")
)
INSERT_DEKS = Insertion(tables.Dek, ("tenant", "subject", "version", "kek", "wrapped", "created_at"))
KEK_STATE = Statement("SELECT state, seals FROM kek WHERE tenant = :tenant AND id = :kek")
COUNT_KEK_SEALS = Statement("UPDATE kek SET seals = seals + :count WHERE tenant = :tenant AND id = :kek")
COUNT_DEK_SEALS = Statement("UPDATE dek SET seals = seals + :count WHERE tenant = :tenant AND subject = :subject")
DELETE_DEK = Statement("DELETE FROM dek WHERE tenant = :tenant AND subject = :subject")

STABLE_RECORDS = Statement(
    """
    SELECT r.subject, r.kind, r.format, r.fingerprint, r.id, r.token_version, r.serial
    FROM {q} {each record r ON r.tenant = :tenant AND r.subject = q.subject AND r.kind = q.kind AND r.format = q.format
    AND r.fingerprint = q.fingerprint}
    """,
    many={"q": {"subject": "bigint", "kind": "int", "format": "int", "fingerprint": "bytea"}},
)
INSERT_RECORDS = Insertion(
    tables.Record,
    (
        "id",
        "tenant",
        "subject",
        "kind",
        "format",
        "fingerprint",
        "sealed",
        "token_version",
        "serial",
        "expires_at",
        "uses_left",
        "created_at",
    ),
)
INSERT_USES = Insertion(tables.RecordUse, ("tenant", "record", "purpose", "ref", "since"), ignore_conflicts=True)
INSERT_NOTE_FINDINGS = Insertion(tables.NoteFinding, ("tenant", "record", "kind", "count"))
INSERT_SEARCH = Insertion(tables.SearchIndex, ("tenant", "kind", "epoch", "fingerprint", "record"))

_RECORD = (
    "r.id, r.kind, r.format, r.sealed, r.token_version, r.serial, r.expires_at, r.uses_left, r.created_at, r.restricted"
)
RECORD_AND_SUBJECT = f"{_RECORD}, {_SUBJECT}"
"""Columns of `vault.disclosure.RecordRow` and `vault.subject.SubjectRow`, of tables r, s and d."""

RECORDS = Statement(
    f"""
    SELECT {RECORD_AND_SUBJECT} FROM {{q}} {{each record r ON r.tenant = :tenant AND r.id = q.id}}
    JOIN subject s ON s.tenant = r.tenant AND s.id = r.subject
    JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id
    """,  # noqa: S608 - a constant list of columns
    many={"q": {"id": "bigint"}},
)
RECORDS_BY_SERIAL = Statement(
    """
    SELECT r.id, r.kind, r.token_version, r.serial
    FROM {q} {each record r ON r.tenant = :tenant AND r.kind = q.kind AND r.token_version = q.version
    AND r.serial = q.serial}
    """,
    many={"q": {"kind": "int", "version": "int", "serial": "bigint"}},
)
REISSUED_RECORDS = Statement(
    "SELECT r.id, r.kind, r.format, r.token_version, r.serial FROM {q} "
    "{each record r ON r.tenant = :tenant AND r.id = q.id}",
    many={"q": {"id": "bigint"}},
)
ADDRESS = Statement("""
    SELECT r.id, r.sealed FROM record r
    LEFT JOIN subject_field f ON f.tenant = r.tenant AND f.subject = r.subject AND f.record = r.id AND f.field = :field
    WHERE r.tenant = :tenant AND r.subject = :subject AND r.kind = :kind AND r.uses_left IS NULL
    AND (r.expires_at IS NULL OR r.expires_at > :at)
    ORDER BY CASE WHEN f.field IS NULL THEN 1 ELSE 0 END, r.id DESC LIMIT 1
""")
PROFILE_ADDRESS = Statement("""
    SELECT r.id, r.sealed FROM subject_field f JOIN record r ON r.tenant = f.tenant AND r.id = f.record
    WHERE f.tenant = :tenant AND f.subject = :subject AND f.field = :field AND r.kind = :kind
    AND (r.expires_at IS NULL OR r.expires_at > :at)
""")
PEOPLE_AT = Statement(
    """
    SELECT DISTINCT f.subject
    FROM {q} {each search_index i ON i.tenant = :tenant AND i.kind = q.kind AND i.epoch = q.epoch
    AND i.fingerprint = q.fingerprint}
    JOIN subject_field f ON f.tenant = i.tenant AND f.record = i.record AND f.field = :field LIMIT 2
    """,
    many={"q": {"kind": "int", "epoch": "int", "fingerprint": "bytea"}},
)
SUBJECTS_OF_RECORDS = Statement(
    "SELECT DISTINCT r.subject FROM {q} {each record r ON r.tenant = :tenant AND r.id = q.id}",
    many={"q": {"id": "bigint"}},
)
SPEND_USE = Statement("""
    UPDATE record SET uses_left = uses_left - 1 WHERE tenant = :tenant AND id = :record AND uses_left > 0
""")
DELETE_RECORD = Statement("DELETE FROM record WHERE tenant = :tenant AND id = :record")
DELETE_RECORDS_OF = Statement("DELETE FROM record WHERE tenant = :tenant AND subject = :subject")
NOTE_FINDINGS = Statement(
    "SELECT kind, count FROM note_finding WHERE tenant = :tenant AND record = :record AND kind <> :other ORDER BY kind"
)
NOTES_OF_COUNT = Statement(
    """
    SELECT n.record FROM {q} {each note_finding n ON n.tenant = :tenant AND n.record = q.id}
    WHERE n.kind = :kind AND n.count = :count
    """,
    many={"q": {"id": "bigint"}},
)
USES = Statement(
    "SELECT purpose, ref, since FROM record_use WHERE tenant = :tenant AND record = :record ORDER BY since, ref"
)
DELETE_USE = Statement("""
    DELETE FROM record_use WHERE tenant = :tenant AND record = :record AND purpose = :purpose AND ref = :ref
""")
HELD_KINDS = Statement(  # CROSS JOIN keeps SQLite to this order: it would begin with all uses of the tenant
    """
    SELECT u.purpose, r.kind FROM record r CROSS JOIN record_use u
    WHERE r.tenant = :tenant AND r.subject = :subject AND (r.expires_at IS NULL OR r.expires_at > :at)
        AND u.tenant = r.tenant AND u.record = r.id
    UNION
    SELECT f.purpose, r.kind FROM subject_field f CROSS JOIN record r
    WHERE f.tenant = :tenant AND f.subject = :subject AND r.tenant = f.tenant AND r.id = f.record
        AND (r.expires_at IS NULL OR r.expires_at > :at)
    """
)
KEPT_USES = Statement("""
    SELECT DISTINCT r.kind, coalesce(u.ref, '') FROM record r
    LEFT JOIN record_use u ON u.tenant = r.tenant AND u.record = r.id
    WHERE r.tenant = :tenant AND r.subject = :subject
""")
COUNT_USES = Statement("SELECT count(*) FROM record_use WHERE tenant = :tenant AND record = :record")

COUNT_SERIALS = Statement("""
    INSERT INTO preserving_serial (tenant, kind, version, issued) VALUES (:tenant, :kind, :version, :count)
    ON CONFLICT (tenant, kind, version) DO UPDATE SET issued = preserving_serial.issued + :count RETURNING issued
""")

STORED_FOR = Statement(
    "SELECT u.record, u.ref FROM {q} {each record_use u ON u.tenant = :tenant AND u.record = q.record AND u.ref = q.ref}",
    many={"q": {"record": "bigint", "ref": "text"}},
)
CREDENTIAL_FROZEN = Statement("""
    SELECT f.id FROM access_freeze f
    WHERE f.tenant = :tenant AND f.kind = 'credential' AND f.target = :credential AND f.lifted_at IS NULL
""")

SEARCH = Statement(  # a record that is in the index of two epochs is one match
    """
    SELECT DISTINCT q.place, i.record
    FROM {q} {each search_index i ON i.tenant = :tenant AND i.kind = q.kind AND i.epoch = q.epoch
    AND i.fingerprint = q.fingerprint}
    ORDER BY q.place, i.record LIMIT :limit
    """,
    many={"q": {"place": "int", "kind": "int", "epoch": "int", "fingerprint": "bytea"}},
)

FIELDS = Statement(
    "SELECT field, record, updated_at, purpose FROM subject_field WHERE tenant = :tenant AND subject = :subject"
)
PROFILE_VALUES = Statement(
    """
    SELECT f.subject, r.id, r.sealed
    FROM {q} {each subject_field f ON f.tenant = :tenant AND f.subject = q.subject AND f.field = :field}
    JOIN record r ON r.tenant = f.tenant AND r.id = f.record
    """,
    many={"q": {"subject": "bigint"}},
)
PUT_FIELD = Statement("""
    INSERT INTO subject_field (tenant, subject, field, record, purpose, updated_at)
    VALUES (:tenant, :subject, :field, :record, :purpose, :at)
    ON CONFLICT (tenant, subject, field) DO UPDATE SET record = :record, purpose = :purpose, updated_at = :at
""")
DELETE_FIELD = Statement("DELETE FROM subject_field WHERE tenant = :tenant AND subject = :subject AND field = :field")

INSERT_REPLAY_SUBJECTS = Insertion(tables.IdempotencySubject, ("tenant", "subject", "credential", "route", "key"))
DELETE_REPLAYS_OF = Statement("""
    DELETE FROM idempotency WHERE tenant = :tenant AND EXISTS (
        SELECT 1 FROM idempotency_subject i WHERE i.tenant = idempotency.tenant AND i.subject = :subject
        AND i.credential = idempotency.credential AND i.route = idempotency.route AND i.key = idempotency.key)
""")

LEASE_BUDGET = Statement("""
    INSERT INTO disclosure_budget (tenant, credential, acted, day, leased) VALUES (:tenant, :credential, :acted, :day, :count)
    ON CONFLICT (tenant, credential, acted, day) DO UPDATE SET leased = disclosure_budget.leased + :count RETURNING leased
""")

RUNNING_ORDERS_OF = Statement("""
    SELECT ref FROM assignment
    WHERE tenant = :tenant AND courier = :courier AND stage IN ('assigned', 'picked_up') ORDER BY ref
""")
FORGET_COURIER = Statement("UPDATE assignment SET courier = NULL WHERE tenant = :tenant AND courier = :subject")
FORGET_CUSTOMER = Statement("""
    UPDATE assignment SET customer = NULL, alias = '', nonce = NULL WHERE tenant = :tenant AND customer = :subject
""")
FORGET_MERCHANT = Statement("UPDATE assignment SET merchant = NULL WHERE tenant = :tenant AND merchant = :subject")

INSERT_SHREDDINGS = Insertion(tables.Shredding, ("tenant", "subject", "reason", "asked_at"))
SHREDDING = Statement("SELECT asked_at, destroyed_at FROM shredding WHERE tenant = :tenant AND subject = :subject")
RECEIPT = Statement("SELECT destroyed_at, kek, line FROM shredding WHERE tenant = :tenant AND subject = :subject")
FINISH_SHREDDING = Statement("""
    UPDATE shredding SET destroyed_at = :at, kek = :kek, line = :line
    WHERE tenant = :tenant AND subject = :subject AND destroyed_at IS NULL
""")
DELETE_SHREDDING = Statement("DELETE FROM shredding WHERE tenant = :tenant AND subject = :subject")
UNFINISHED_SHREDDINGS = Statement(
    "SELECT tenant, subject, reason FROM shredding WHERE destroyed_at IS NULL ORDER BY id"
)
SUBJECT_TO_DESTROY = Statement("SELECT state FROM subject s WHERE tenant = :tenant AND id = :subject {for_update:s}")
DEK_OF = Statement("""
    SELECT d.version, k.version FROM dek d JOIN kek k ON k.tenant = d.tenant AND k.id = d.kek
    WHERE d.tenant = :tenant AND d.subject = :subject
""")

LAST_ERASURES = Statement("""
    SELECT kek, max(destroyed_at) FROM shredding WHERE tenant = :tenant AND destroyed_at IS NOT NULL GROUP BY kek
""")
KEK_ENDED = Statement("SELECT destroyed_at FROM kek WHERE tenant = :tenant AND version = :version")
SEARCH_KEYS_ENDED = Statement("""
    SELECT destroyed_at FROM purpose_key WHERE tenant = :tenant AND usage = 'search' AND created_at <= :at
""")
ROOTS_ENDED = Statement("SELECT destroyed_at FROM keyring_root WHERE created_at < :before")
LEDGER_HEAD = Statement("SELECT ledger, lines, digest FROM shred_ledger WHERE id = 1")
INSERT_LEDGER_HEAD = Statement("""
    INSERT INTO shred_ledger (id, ledger, lines, digest) VALUES (1, :ledger, :lines, :digest) ON CONFLICT (id) DO NOTHING
""")
MOVE_LEDGER_HEAD = Statement("UPDATE shred_ledger SET lines = :lines, digest = :digest WHERE id = 1 AND lines < :lines")

EXPIRED_RECORDS = Statement("SELECT tenant, id FROM record WHERE expires_at <= :at ORDER BY expires_at LIMIT :limit")
DELETE_RECORDS = Statement(
    "DELETE FROM record WHERE tenant = :tenant AND id IN (SELECT q.id FROM {q})", many={"q": {"id": "bigint"}}
)
