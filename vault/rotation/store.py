"""All SQL of rotation."""

from database.statement import Insertion, Statement
from database.transaction import Transaction
from vault import tables

_PLAN_ANEW = Statement("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")


def plan_anew(tx: Transaction) -> None:
    """Have PostgreSQL plan each statement of this transaction for the rows that it is given, not for a batch of any size."""
    if tx.dialect == "postgresql":
        tx.one(_PLAN_ANEW)


LATEST_KEK = Statement("SELECT max(version) FROM kek WHERE tenant = :tenant HAVING max(version) IS NOT NULL")
RETIRE_KEK = Statement("UPDATE kek SET state = 'decrypt-only' WHERE tenant = :tenant AND state = 'active'")

ACTIVE_VERSIONS = Statement("""
    SELECT 'kek', '', version FROM kek WHERE tenant = :tenant AND state = 'active'
    UNION ALL
    SELECT usage, scope, version FROM purpose_key WHERE tenant = :tenant AND state = 'active'
""")
LAST_SUBJECT = Statement("SELECT max(subject) FROM dek WHERE tenant = :tenant")
DEKS_TO_MOVE = Statement("""
    SELECT subject, version, kek, wrapped FROM dek
    WHERE tenant = :tenant AND subject > :after AND kek <> :kek ORDER BY subject LIMIT :limit
""")
DEKS_LEFT = Statement("""
    SELECT subject, version, kek, wrapped FROM dek WHERE tenant = :tenant AND kek < :kek LIMIT :limit
""")
# The tenant comes with each row, and is a constant only where the planner makes nothing of it: PostgreSQL without statistics
# would take all DEKs of a tenant for few, and compare each of them with each row of the batch, or prefer the index over KEKs.
MOVE_DEKS = Statement(
    """
    UPDATE dek SET kek = :kek, wrapped = q.wrapped FROM {q}
    WHERE coalesce(dek.tenant = :tenant, false) AND dek.tenant = q.tenant AND dek.subject = q.subject
    AND dek.version = q.version AND +dek.kek = q.kek
    """,
    many={"q": {"tenant": "bigint", "subject": "bigint", "version": "int", "kek": "bigint", "wrapped": "bytea"}},
)

KEK_VERSION = Statement("""
    SELECT id, state, root, created_at, seals FROM kek k WHERE tenant = :tenant AND version = :version {for_update:k}
""")
PURPOSE_KEY_VERSION = Statement("""
    SELECT id, state FROM purpose_key p
    WHERE tenant = :tenant AND usage = :usage AND scope = :scope AND version = :version {for_update:p}
""")
OLD_VERSIONS = Statement("""
    SELECT 'kek', '', version FROM kek WHERE tenant = :tenant AND state = 'decrypt-only'
    UNION ALL
    SELECT usage, scope, version FROM purpose_key WHERE tenant = :tenant AND state = 'decrypt-only'
""")
DELETE_KEK = Statement("DELETE FROM kek WHERE tenant = :tenant AND id = :id")
INSERT_ENDED_KEK = Insertion(
    tables.Kek, ("tenant", "version", "root", "wrapped", "state", "created_at", "seals", "destroyed_at")
)
END_PURPOSE_KEY = Statement("""
    UPDATE purpose_key SET state = 'destroyed', wrapped = :nothing, destroyed_at = :at WHERE tenant = :tenant AND id = :id
""")

DEKS_UNDER = Statement("""
    SELECT count(*) FROM (SELECT 1 FROM dek d
    WHERE d.tenant = :tenant AND d.kek = (SELECT k.id FROM kek k WHERE k.tenant = :tenant AND k.version = :version)
    LIMIT 10000) AS c
""")
RECORDS_OF_TOKEN_VERSION = Statement("""
    SELECT count(*) FROM (SELECT 1 FROM record r
    WHERE r.tenant = :tenant AND r.token_version = :version AND r.format = 0 LIMIT 10000) AS c
""")
RECORDS_OF_FORMAT_VERSION = Statement("""
    SELECT count(*) FROM (SELECT 1 FROM record r
    WHERE r.tenant = :tenant AND r.kind = :kind AND r.token_version = :version AND r.serial IS NOT NULL LIMIT 10000) AS c
""")
ROWS_OF_EPOCH = Statement("""
    SELECT count(*) FROM (SELECT 1 FROM search_index i
    WHERE i.tenant = :tenant AND i.kind = :kind AND i.epoch = :version LIMIT 10000) AS c
""")

UNDER_WAY = Statement("""
    SELECT l.virtualtransaction FROM pg_locks l JOIN pg_database b ON b.oid = l.database
    WHERE b.datname = current_database() AND l.locktype = 'relation' AND l.granted
    AND l.relation = CAST('keyring_epoch' AS regclass) AND l.pid <> pg_backend_pid()
""")

KEY_LINES = Statement("""
    SELECT 'kek', '', k.version, k.state, k.created_at, k.destroyed_at,
        (SELECT count(*) FROM dek d WHERE d.tenant = k.tenant AND d.kek = k.id), k.seals
    FROM kek k WHERE k.tenant = :tenant
    UNION ALL
    SELECT usage, scope, version, state, created_at, destroyed_at, NULL, NULL FROM purpose_key WHERE tenant = :tenant
    UNION ALL
    SELECT 'root', r.provider, r.id, r.state, r.created_at, r.destroyed_at,
        (SELECT count(*) FROM kek k WHERE k.tenant = :tenant AND k.root = r.id AND k.state <> 'destroyed')
        + (SELECT count(*) FROM purpose_key p WHERE p.tenant = :tenant AND p.root = r.id AND p.state <> 'destroyed'), NULL
    FROM keyring_root r
""")
DEKS = Statement("SELECT count(*), min(created_at) FROM dek WHERE tenant = :tenant")
WORN_DEKS = Statement("""
    SELECT count(*) FROM dek WHERE tenant = :tenant AND seals >= 2147483648 AND seals >= :due
""")

OLD_DEKS = Statement("""
    SELECT subject FROM dek WHERE tenant = :tenant AND subject > :after AND created_at < :before ORDER BY subject LIMIT :limit
""")
OLD_DEK = Statement("""
    SELECT subject FROM dek WHERE tenant = :tenant AND subject = :subject AND subject > :after AND created_at < :before
""")
HOLD_PEOPLE = Statement(
    """
    SELECT s.id FROM {q} {each subject s ON s.tenant = :tenant AND s.id = q.subject} ORDER BY s.id {for_update:s}
    """,
    many={"q": {"subject": "bigint"}},
)
PEOPLE = Statement(
    """
    SELECT s.id, s.sealed_identity, d.version, d.kek, d.wrapped, d.created_at
    FROM {q} {each subject s ON s.tenant = :tenant AND s.id = q.subject}
    JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id ORDER BY s.id
    """,
    many={"q": {"subject": "bigint"}},
)
RECORD_NUMBERS = Statement(
    "SELECT r.subject, r.id FROM {q} {each record r ON r.tenant = :tenant AND r.subject = q.subject}",
    many={"q": {"subject": "bigint"}},
)
SEALED_RECORDS = Statement(
    "SELECT r.id, r.subject, r.kind, r.sealed FROM {q} {each record r ON r.tenant = :tenant AND r.id = q.id}",
    many={"q": {"id": "bigint"}},
)
RESEAL_RECORD = Statement("UPDATE record SET sealed = :sealed WHERE tenant = :tenant AND id = :id")
RESEAL_PERSON = Statement("""
    UPDATE subject SET sealed_identity = :sealed, sealed_under = :version WHERE tenant = :tenant AND id = :subject
""")
REPLACE_DEK = Statement("""
    UPDATE dek SET version = :version, kek = :kek, wrapped = :wrapped, created_at = :at, seals = :seals
    WHERE tenant = :tenant AND subject = :subject AND version = :was
""")

LAST_RECORD = Statement("SELECT max(id) FROM record WHERE tenant = :tenant")
RECORDS_TO_INDEX = Statement("""
    SELECT r.id, r.kind, r.sealed, s.sealed_under,
        s.fingerprint, s.id, s.state, s.type, s.sealed_identity, d.version, d.kek, d.wrapped
    FROM record r JOIN subject s ON s.tenant = r.tenant AND s.id = r.subject
    JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id
    WHERE r.tenant = :tenant AND r.id > :after AND r.id <= :upto AND r.fingerprint IS NOT NULL
    ORDER BY r.id LIMIT :limit {for_key_share:r} {for_key_share:s}
""")
INSERT_SEARCH_ANEW = Insertion(
    tables.SearchIndex, ("tenant", "kind", "epoch", "fingerprint", "record"), ignore_conflicts=True
)
ROWS_OF_OLD = Statement("""
    SELECT fingerprint, record FROM search_index WHERE tenant = :tenant AND kind = :kind AND epoch = :epoch
    AND (fingerprint, record) > (:fingerprint, :record) ORDER BY fingerprint, record LIMIT :limit
""")
FOLLOWED = Statement(
    """
    SELECT DISTINCT q.record FROM {q} {each search_index n ON n.tenant = :tenant AND n.record = q.record}
    WHERE n.kind = :kind AND n.epoch > :epoch
    """,
    many={"q": {"record": "bigint"}},
)
DELETE_ROW = Statement("""
    DELETE FROM search_index
    WHERE tenant = :tenant AND kind = :kind AND epoch = :epoch AND fingerprint = :fingerprint AND record = :record
""")
DELETE_EPOCH = Statement("DELETE FROM search_index WHERE tenant = :tenant AND kind = :kind AND epoch = :epoch")

ACTIVE_KEYS = Statement("""
    SELECT tenant, 'kek', '', version, created_at, seals FROM kek WHERE state = 'active'
    UNION ALL
    SELECT tenant, usage, scope, version, created_at, 0 FROM purpose_key
    WHERE state = 'active' AND usage IN ('search', 'token', 'format')
""")
ACTIVE_ROOT = Statement("SELECT id, created_at FROM keyring_root WHERE state = 'active'")
WORN = Statement("""
    SELECT tenant, subject, version FROM dek WHERE seals >= 2147483648 ORDER BY tenant, subject LIMIT :limit
""")
