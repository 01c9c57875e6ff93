"""One demo for all tests here: made once as `moat demo` makes it, and then served by this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import settings
from app import Moat, compose
from commands.demo import DemoStart
from demo.cast import Place
from demo.cli import demo_group


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("demo") / "demo")


@pytest.fixture(scope="package")
def made(place: Place) -> Result:
    """What making it said."""
    return CliRunner().invoke(demo_group(DemoStart()), ["--data", str(place.root), "--load-only"])


@pytest.fixture(scope="package")
def moat(made: Result, place: Place) -> Iterator[Moat]:
    """The deployment with its front page."""
    assert made.exit_code == 0, made.output
    chosen = settings.load(
        data=place.data, keys=place.keys, messenger=f"file:{place.messages}", names_processes=0, visitor_rate=0.0
    )
    opened = compose(chosen, demo=place.root)
    opened.publishing.catch_up()
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="package")
def credentials(made: Result, place: Place) -> Path:
    """Where its test credentials lie."""
    assert made.exit_code == 0, made.output
    return place.credentials
