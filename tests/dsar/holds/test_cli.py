"""`moat dsar hold` and its like against the operations that they call."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from httpx import WSGITransport
from moat_client.client import Moat

import work.cli
from commands.dsar import dsar
from tests.dsar.holds.conftest import Case

Run = Callable[..., Result]


@pytest.fixture
def run(case: Case, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as a privacy officer, over the application itself."""

    def moat() -> Moat:
        return Moat("http://moat.test", case.officer, transport=WSGITransport(case.api.moat.app))

    monkeypatch.setattr(work.cli, "Moat", moat)
    return lambda *words: CliRunner().invoke(dsar, list(words))


def test_a_hold_is_placed_listed_reviewed_and_released_by_two_persons(case: Case, run: Run) -> None:
    api = case.api
    api.token(subject="cust-7001")
    day = (api.clock().replace(year=api.clock().year + 1)).strftime("%Y-%m-%d")
    sooner = day.replace(day[:4], str(int(day[:4]) - 1))
    about = ("--subject", "cust-7001", "--kind", "phone", "--reason", "litigation", "--case", "c-1")
    assert run("hold", *about).exit_code == 2
    assert run("hold", *about[4:], "--review", day).exit_code == 2
    placed = run("hold", *about, "--review", day)
    assert placed.exit_code == 0, placed.output
    number = placed.output.splitlines()[1].split()[0]
    listed = run("holds").output
    assert "subject=cust-7001 kind=phone" in listed
    assert day in listed
    refused = run("review-hold", number, "--review", sooner)
    assert (refused.exit_code, "cust-7001" in refused.output) == (1, False)
    assert run("review-hold", number, "--review", day).exit_code == 0
    released = run("release-hold", number)
    assert released.exit_code == 0, released.output
    job = released.output.strip()
    shown = api.call("GET", f"/v1/jobs/{job}", credential=case.officer).json
    assert shown is not None
    assert shown["state"] == "awaiting_approval"
    assert run("holds", "--released").output.count("cust-7001") == 0
