"""All SQL about tenants and credentials."""

from database.statement import Insertion, Statement
from web.tables import CredentialRow, CredentialSecret, Tenant

INSERT_TENANT = Insertion(Tenant, ("id", "name", "region", "created_at"), ignore_conflicts=True)

TENANT_NAME = Statement("SELECT name FROM tenant WHERE id = :id")
TENANT_REGION = Statement("SELECT region FROM tenant WHERE id = :id")

TENANT_BY_NAME = Statement("SELECT id FROM tenant WHERE name = :name")

INSERT_CREDENTIAL = Insertion(
    CredentialRow,
    ("id", "tenant", "name", "role", "scopes", "test", "bootstrap", "created_at", "expires_at"),
    ignore_conflicts=True,
)

INSERT_SECRET = Insertion(CredentialSecret, ("tenant", "credential", "digest"))

LOOK_UP = Statement("""
    SELECT c.tenant, c.id, c.name, c.role, c.scopes, c.test, c.expires_at, c.revoked_at, c.frozen_at, s.digest, s.ends_at
    FROM credential_secret s JOIN credential c ON c.tenant = s.tenant AND c.id = s.credential
    WHERE s.digest = :digest
""")

IN_FORCE = Statement(
    """
    SELECT s.digest FROM {q} {each credential_secret s ON s.digest = q.digest}
    {each credential c ON c.tenant = s.tenant AND c.id = s.credential}
    WHERE c.revoked_at IS NULL AND c.frozen_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > :at)
        AND (s.ends_at IS NULL OR s.ends_at > :at)
    """,
    many={"q": {"digest": "bytea"}},
)

_COLUMNS = "id, name, role, scopes, test, created_at, expires_at, revoked_at"

CREDENTIALS_PAGE = Statement(f"""
    SELECT {_COLUMNS} FROM credential WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :limit
""")  # noqa: S608 - the columns are a constant of this module

CREDENTIAL_FOR_UPDATE = Statement(f"""
    SELECT {_COLUMNS} FROM credential c WHERE tenant = :tenant AND id = :id {{for_update:c}}
""")  # noqa: S608 - the columns are a constant of this module

REVOKE = Statement("""
    UPDATE credential SET revoked_at = :at WHERE tenant = :tenant AND id = :id AND revoked_at IS NULL
""")

FREEZE = Statement("""
    UPDATE credential SET frozen_at = coalesce(frozen_at, :at) WHERE tenant = :tenant AND id = :id AND revoked_at IS NULL
""")

THAW = Statement("UPDATE credential SET frozen_at = NULL WHERE tenant = :tenant AND id = :id")

END_SECRETS = Statement("""
    UPDATE credential_secret SET ends_at = :at
    WHERE tenant = :tenant AND credential = :id AND (ends_at IS NULL OR ends_at > :at)
""")

END_BOOTSTRAP = Statement("""
    UPDATE credential SET revoked_at = :at WHERE tenant = :tenant AND bootstrap AND revoked_at IS NULL
""")

LIVE_ADMIN = Statement("""
    SELECT id FROM credential
    WHERE tenant = :tenant AND role = 'admin' AND NOT test AND NOT bootstrap AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > :at)
    LIMIT 1
""")
