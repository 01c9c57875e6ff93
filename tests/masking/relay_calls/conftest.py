"""The relay with its book of calls, over each database."""

import pytest

from database.engine import Database
from tests.support.clock import Clock
from tests.support.relay_calls import Calls


@pytest.fixture
def calls(database: Database, clock: Clock) -> Calls:
    made = Calls(database, clock)
    made.pool()
    return made
