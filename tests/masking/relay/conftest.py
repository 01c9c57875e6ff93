"""The relay over each database."""

import pytest

from database.engine import Database
from tests.support.clock import Clock
from tests.support.relay import Relay


@pytest.fixture
def relay(database: Database, clock: Clock) -> Relay:
    return Relay(database, clock)
