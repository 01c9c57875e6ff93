"""The sample application over a fresh SQLite database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from database.engine import Database
from tests.web.house import Clock, House, build_house
from web.edge import Bounds


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'moat.db'}")
    SQLModel.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()


@pytest.fixture
def bounds() -> Bounds:
    return Bounds(body_bytes=100_000)


@pytest.fixture
def house(database: Database, bounds: Bounds) -> Iterator[House]:
    built = build_house(database, Clock(), bounds)
    yield built
    built.edge.close()
