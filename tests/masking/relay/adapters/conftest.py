"""One deployment on each database, shared by all tests here: each binds people of its own, and the clock only goes on."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pydantic import SecretStr

from tests.conftest import BOTH
from tests.masking.relay.adapters.house import House, house_at


@pytest.fixture(scope="package", params=BOTH)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield held.enter_context(house_at(tmp_path_factory.mktemp("relay"), url))
