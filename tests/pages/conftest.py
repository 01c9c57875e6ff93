"""A served service for all tests of pages, and a browser for each module of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.pages.browser import CHROMIUM, Person, chromium, person
from tests.pages.served import Served, serving

NewPerson = Callable[..., Person]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Served]:
    """The service."""
    with serving(tmp_path_factory.mktemp("served"), sqlite_template) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, closed with the module: its driver holds the thread's event loop."""
    if not CHROMIUM.is_file():
        pytest.fail("Chromium is not installed: apt-get install -y chromium fonts-noto-cjk", pytrace=False)
    with chromium() as opened:
        yield opened


@pytest.fixture
def visitor(browser: Browser, served: Served) -> Iterator[NewPerson]:
    """Makes people before browsers of their own: `visitor(locale="en", width=320, script=False, dark=True)`."""
    with ExitStack() as held:

        def new(**wants: Any) -> Person:
            made: AbstractContextManager[Person] = person(browser, served.url, **wants)
            return held.enter_context(made)

        yield new
