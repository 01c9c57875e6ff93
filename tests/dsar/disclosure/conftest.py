"""Disclosure over a test's database."""

from pathlib import Path

import pytest

from database.engine import Database
from tests.dsar.disclosure.office import Office
from tests.support.clock import Clock
from tests.support.vault import Vault
from vault.tenant_seal import TenantSeal


@pytest.fixture
def office(database: Database, vault: Vault, clock: Clock, tmp_path: Path) -> Office:
    """Everything that disclosure consists of, with nothing in it."""
    return Office(database, TenantSeal(database, vault.roots, vault.keyring), clock, tmp_path)
