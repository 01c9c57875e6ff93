"""A deployment on each database, shared by all tests here: each makes people of its own, and the clock only goes on."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pydantic import SecretStr

from tests.conftest import BOTH
from tests.dsar.identity.centre import Centre, centre_at
from tests.pages.privacy.guest import publish


@pytest.fixture(scope="package", params=BOTH)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        place = tmp_path_factory.mktemp("centre")
        chosen = {"names_processes": 0, "privacy_url": "https://privacy.example.com"}
        yield held.enter_context(centre_at(place, url, **chosen))


@pytest.fixture
def centre(shared: Centre) -> Centre:
    """The deployment, with nothing waiting to be sent."""
    shared.run_jobs()
    shared.clock.advance(minutes=61)  # past the bound on messages of an hour
    publish(shared)
    return shared
