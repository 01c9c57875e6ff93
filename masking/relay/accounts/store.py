"""All SQL of accounts."""

from database.statement import Insertion, Statement
from masking.relay.accounts.tables import RelayAccountRow, RelaySeenRow

INSERT_ACCOUNTS = Insertion(
    RelayAccountRow,
    (
        "id",
        "tenant",
        "kind",
        "name",
        "login",
        "url",
        "pool_key",
        "pool",
        "language",
        "version",
        "seal_version",
        "sealed",
        "created_at",
    ),
)
_ACCOUNT = "id, tenant, kind, name, login, url, pool_key, pool, language, created_at"
ACCOUNT = Statement(f"SELECT {_ACCOUNT} FROM relay_account WHERE tenant = :tenant AND id = :id")  # noqa: S608 - constant columns
ACCOUNT_OF_NAME = Statement("SELECT 1 FROM relay_account WHERE tenant = :tenant AND name = :name")
ACCOUNTS = Statement(
    f"SELECT {_ACCOUNT} FROM relay_account WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :limit"  # noqa: S608 - constant columns
)
ACCOUNT_OF_POOL = Statement("SELECT id FROM relay_account WHERE tenant = :tenant AND pool = :pool ORDER BY id LIMIT 1")
POOL_OF_NAME = Statement("SELECT id FROM relay_pool WHERE tenant = :tenant AND name = :name")
OPENING = Statement(f"SELECT {_ACCOUNT}, version, seal_version, sealed FROM relay_account WHERE id = :id")  # noqa: S608 - constant columns
COUNT_ACCOUNTS = Statement("SELECT count(*) FROM relay_account WHERE tenant = :tenant")
VERSION = Statement("SELECT version FROM relay_account WHERE tenant = :tenant AND id = :id")
ACCOUNT_TO_CHANGE = Statement("SELECT version FROM relay_account a WHERE tenant = :tenant AND id = :id {for_update:a}")
SET_SECRET = Statement("""
    UPDATE relay_account SET version = :version, seal_version = :seal_version, sealed = :sealed
    WHERE tenant = :tenant AND id = :id
""")
DELETE_ACCOUNT = Statement("DELETE FROM relay_account WHERE tenant = :tenant AND id = :id")

INSERT_SEEN = Insertion(RelaySeenRow, ("tenant", "account", "mark", "at"), ignore_conflicts=True)
FORGET_SEEN = Statement("DELETE FROM relay_seen WHERE at < :before")
DELETE_SEEN = Statement("DELETE FROM relay_seen WHERE tenant = :tenant AND account = :account")
