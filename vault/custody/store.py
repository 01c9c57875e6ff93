"""All SQL of the custody of root keys."""

from typing import NamedTuple

from database.statement import Insertion, Statement
from vault import tables


class RootRow(NamedTuple):
    """A root key as the database knows it: who keeps it, under which id, and a proof that only it can open."""

    id: int
    provider: str
    root: str
    proof: bytes
    state: str


_ROOT = "r.id, r.provider, r.root, r.proof, r.state"
ROOTS = Statement(f"SELECT {_ROOT} FROM keyring_root r ORDER BY r.id")  # noqa: S608 - constant columns
ROOT = Statement(f"SELECT {_ROOT} FROM keyring_root r WHERE r.id = :id")  # noqa: S608 - constant columns
ROOTS_IN_USE = Statement(f"""
    SELECT {_ROOT} FROM keyring_root r
    WHERE r.state = 'active'
    OR EXISTS (SELECT 1 FROM kek k WHERE k.root = r.id AND k.state <> 'destroyed')
    OR EXISTS (SELECT 1 FROM purpose_key p WHERE p.root = r.id AND p.state <> 'destroyed')
    ORDER BY r.id
""")  # noqa: S608 - constant columns
ACTIVE_ROOT = Statement("SELECT id, provider, root FROM keyring_root WHERE state = 'active'")
HOLD_ROOT = Statement("SELECT state FROM keyring_root r WHERE id = :id {for_key_share:r}")
RETIRE_ROOT = Statement("UPDATE keyring_root SET state = 'decrypt-only' WHERE state = 'active'")
DESTROY_ROOT = Statement("UPDATE keyring_root SET state = 'destroying' WHERE id = :id AND state = 'decrypt-only'")
DESTROYED_ROOT = Statement("""
    UPDATE keyring_root SET state = 'destroyed', destroyed_at = :at WHERE id = :id AND state = 'destroying'
""")
KEYS_OF_ROOT = Statement("""
    SELECT (SELECT count(*) FROM kek WHERE root = :root AND state <> 'destroyed')
    + (SELECT count(*) FROM purpose_key WHERE root = :root AND state <> 'destroyed')
""")

KEYS_UP_TO_ROOT = Statement("""
    SELECT (SELECT count(*) FROM kek JOIN keyring_root r ON r.id = kek.root
        WHERE r.provider = :provider AND r.id <= :root AND kek.state <> 'destroyed')
    + (SELECT count(*) FROM purpose_key p JOIN keyring_root r ON r.id = p.root
        WHERE r.provider = :provider AND r.id <= :root AND p.state <> 'destroyed')
""")
KEYS_LEFT = Statement("""
    SELECT (SELECT count(*) FROM kek WHERE root <> :root AND state <> 'destroyed')
    + (SELECT count(*) FROM purpose_key WHERE root <> :root AND state <> 'destroyed')
""")
KEYS_TO_REWRAP = Statement("""
    SELECT tenant, id, 'kek', '', version, wrapped, root FROM kek WHERE root <> :root AND state <> 'destroyed'
    UNION ALL
    SELECT tenant, id, usage, scope, version, wrapped, root FROM purpose_key WHERE root <> :root AND state <> 'destroyed'
    ORDER BY 1, 3, 2 LIMIT :limit
""")
REWRAP_KEK = Statement("""
    UPDATE kek SET root = :root, wrapped = :wrapped WHERE tenant = :tenant AND id = :id AND root = :was AND wrapped = :before
""")
REWRAP_PURPOSE_KEY = Statement("""
    UPDATE purpose_key SET root = :root, wrapped = :wrapped
    WHERE tenant = :tenant AND id = :id AND root = :was AND wrapped = :before
""")
INSERT_ROOTS = Insertion(tables.KeyringRoot, ("provider", "root", "proof", "state", "created_at"))
