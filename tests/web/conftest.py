"""The sample application over a fresh database: SQLite, and PostgreSQL too where a module says so."""

from collections.abc import Iterator

import pytest
import structlog

from database.engine import Database
from tests.web.house import Clock, House, build_house
from web.edge import Bounds


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Lines of the log go nowhere unless a test reads them."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *_: ""])
    yield
    structlog.reset_defaults()


@pytest.fixture
def dialect() -> str:
    """What does not touch SQL of its own is tested on one database."""
    return "sqlite"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """The sample application."""
    built = build_house(database, Clock(), Bounds(body_bytes=100_000))
    yield built
    built.edge.close()
