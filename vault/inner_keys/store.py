"""All SQL of inner keys."""

from database.statement import Insertion, Statement
from vault.inner_keys.tables import InnerKeyRow

INSERT_KEYS = Insertion(InnerKeyRow, ("id", "tenant", "subject", "sealed", "created_at"))
KEY = Statement("SELECT subject, sealed FROM inner_key WHERE tenant = :tenant AND id = :id")
DELETE_KEY = Statement("DELETE FROM inner_key WHERE tenant = :tenant AND id = :id")
DELETE_KEYS_OF = Statement("DELETE FROM inner_key WHERE tenant = :tenant AND subject = :subject")
KEYS_OF = Statement(
    "SELECT k.id, k.subject, k.sealed FROM {q} {each inner_key k ON k.tenant = :tenant AND k.subject = q.subject}",
    many={"q": {"subject": "bigint"}},
)
RESEAL_KEY = Statement("UPDATE inner_key SET sealed = :sealed WHERE tenant = :tenant AND id = :id")
