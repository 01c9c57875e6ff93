"""If an entry cannot be written, the act does not happen: nothing is stored, and nothing is shown."""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit.verification import verify
from tests.support.postgres import Cluster
from tests.support.vault import Vault, submitted
from vault.policy import View

ROOT = Path(__file__).parents[2]


@contextmanager
def files_at_most(octets: int) -> Iterator[None]:
    """No file of this process can be written beyond a length, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_value_leaves_when_its_entry_cannot_be_written(vault: Vault, dialect: str) -> None:
    if dialect == "postgresql":
        pytest.skip("its disk is the server's")
    token = vault.token()
    before = len(vault.entries())
    with files_at_most(0), pytest.raises(Exception, match=r"disk|readonly|full"):
        vault.detokenize(token, view=View.PLAIN)
    assert len(vault.entries()) == before
    assert vault.seen(token, view=View.PLAIN) == ["13812345678"]
    assert len(vault.entries()) == before + 1
    assert verify(vault.database).divergences == ()


def test_nothing_is_stored_when_its_entry_cannot_be_written(vault: Vault, dialect: str) -> None:
    if dialect == "postgresql":
        pytest.skip("its disk is the server's")
    with files_at_most(0), pytest.raises(Exception, match=r"disk|readonly|full"):
        vault.tokenize(submitted())
    assert vault.sql("SELECT count(*) FROM record")[0][0] == 0
    assert vault.entries(action="vault.tokenize") == []


def test_no_value_leaves_a_database_that_takes_no_more_writes(
    vault: Vault, dialect: str, request: pytest.FixtureRequest
) -> None:
    if dialect == "sqlite":
        pytest.skip("a read-only disk is tried below")
    cluster: Cluster = request.getfixturevalue("cluster")
    token = vault.token()
    before = len(vault.entries())
    with cluster.as_superuser("postgres") as connection:
        name = vault.database.engine.url.database
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    vault.database.engine.dispose()
    with pytest.raises(Exception, match="read-only"):
        vault.detokenize(token, view=View.PLAIN)
    assert len(vault.entries()) == before


@pytest.mark.parametrize(
    ("backend", "mib"), [("sqlite", 12), pytest.param("postgresql", 40, marks=pytest.mark.postgres)]
)
def test_a_disk_that_fills_up_and_then_is_read_only_takes_acts_or_nothing_of_them(
    backend: str, mib: int, tmp_path: Path
) -> None:
    """On a disk of a few MiB, in a mount namespace of its own."""
    tried = subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True)
    if tried.returncode != 0:
        pytest.skip("this user may not mount anything")
    with tempfile.TemporaryDirectory() as disk:
        Path(disk).chmod(0o755)  # PostgreSQL's user goes through it
        script = f"mount -t tmpfs -o size={mib}m tmpfs {disk} && exec {sys.executable} -m tests.audit.full_disk {backend} {disk}"
        ended = subprocess.run(
            ["unshare", "-m", "sh", "-c", script], cwd=ROOT, check=False, capture_output=True, text=True
        )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["refusals"], "the disk did not fill up"
    assert found["records"] == found["tokenize_entries"] == found["acknowledged"] + 1
    assert found["disclosed"] in ([False, False, True], [False, True])
    assert found["disclosures"] == found["shown"]
    assert (found["size"], found["divergences"]) == (found["entries"], [])
