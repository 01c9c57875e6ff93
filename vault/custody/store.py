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
INSERT_ROOTS = Insertion(tables.KeyringRoot, ("provider", "root", "proof", "state", "created_at"))
