"""What tests of several packages share: both databases, migrated, and the vault put together over them."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from database.engine import Database
from tests.support import postgres
from tests.support.clock import Clock
from tests.support.dealing import dealt
from tests.support.prepared import migrated
from tests.support.tenant_guard import refuse_without_tenant
from tests.support.vault import Gates, Vault
from web.serve import COLLECTED_EVERY

settings.register_profile("house", deadline=None)  # no test judges by the clock of a machine that others may be using
settings.register_profile("thorough", deadline=None, max_examples=2_000)
settings.load_profile("house")

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
"""Parameters of a fixture or test that is to run on both databases."""


TAKES_LONG = frozenset(
    {
        "api/test_openapi.py",
        "api/test_served.py",
        "audit/test_cli.py",
        "audit/test_export.py",
        "audit/test_export_job.py",
        "audit/test_http.py",
        "clients/test_against_service.py",
        "clients/test_consents_against_service.py",
        "consent/test_consent_processes.py",
        "consent/test_gpc.py",
        "custody/test_served.py",
        "demo/test_demo.py",
        "demo/test_front.py",
        "demo/test_walk.py",
        "dsar/holders/test_order_service.py",
        "dsar/identity/test_code_model.py",
        "dsar/identity/test_contention.py",
        "dsar/identity/test_same_work.py",
        "dsar/fulfilment/test_upgrade.py",
        "migrations/test_schema.py",
        "vault/test_backup_kills.py",
        "vault/test_bulk_cli.py",
        "vault/test_cache_races.py",
        "vault/test_vault_model.py",
        "web/test_serve.py",
        "work/test_going_on.py",
        "work/test_jobs.py",
    }
)
"""Files whose tests start servers, wait, or try very many things: `make check-fast` leaves them to `make test`."""


def pytest_xdist_auto_num_workers() -> int:
    """Two more processes than there are cores: many tests wait for processes of their own."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what collecting makes out of the garbage collector, as a worker of `moat serve` keeps its application: walking all of
    it again and again takes a quarter of a run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTED_EVERY)
        gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Mark what takes long before pytest chooses by marks, and deal what is chosen among xdist's workers."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix() in TAKES_LONG:
            item.add_marker(pytest.mark.slow)
    yield
    if hasattr(config, "workerinput"):
        items[:] = dealt(items, config.workerinput["workercount"])


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> postgres.Cluster:
    """The run's PostgreSQL, shared by xdist's workers, stopped when the run ends in whatever way."""
    own = tmp_path_factory.getbasetemp()
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    try:
        return postgres.shared(own.parent if in_worker else own, watched=os.getppid() if in_worker else os.getpid())
    except postgres.PostgresMissingError as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "moat.db"
    path.write_bytes(migrated())
    return path


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each of the two databases in turn."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated database of the test's own."""
    if dialect == "sqlite":
        path = tmp_path / "data" / "moat.db"
        path.parent.mkdir()
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    with cluster.fresh() as name:
        yield cluster.url(name)


@pytest.fixture
def empty_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any table."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    with cluster.fresh("template1") as name:
        yield cluster.url(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database; on SQLite every statement without its tenant fails, on PostgreSQL it finds nothing."""
    observe = refuse_without_tenant if database_url.startswith("sqlite") else None
    opened = Database(database_url, observe=observe)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gates() -> Gates:
    """The vault's gates, all open."""
    return Gates()


@pytest.fixture
def vault(database: Database, tmp_path: Path, clock: Clock, gates: Gates) -> Vault:
    """The vault's use cases over the database, as one process has them."""
    return Vault(database, tmp_path / "keys", clock, gates)
