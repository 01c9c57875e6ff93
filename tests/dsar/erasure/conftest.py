"""A deployment with a request desk, on each database."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pydantic import SecretStr

from tests.api.conftest import composed
from tests.conftest import BOTH
from tests.dsar.erasure.office import Office


@pytest.fixture(scope="module", params=BOTH)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    place = tmp_path_factory.mktemp("erasure")
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield Office(held.enter_context(composed(place, url)), place, url)
