"""A deployment on each database, shared by all tests here."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pydantic import SecretStr

from tests.conftest import BOTH
from tests.dsar.identity.centre import Centre, centre_at


@pytest.fixture(scope="package", params=BOTH)
def centre(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        yield held.enter_context(centre_at(tmp_path_factory.mktemp("alerts"), url, names_processes=0))
