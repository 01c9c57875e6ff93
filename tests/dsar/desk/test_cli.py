"""`moat dsar` against the operations that it calls."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from httpx import WSGITransport
from moat_client.client import Moat

import work.cli
from commands.dsar import PARTS, dsar
from tests.dsar.desk.conftest import Office

Run = Callable[..., Result]


@pytest.fixture
def run(office: Office, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as the first officer, over the application itself."""

    def moat() -> Moat:
        return Moat("http://moat.test", office.officer, transport=WSGITransport(office.api.moat.app))

    monkeypatch.setattr(work.cli, "Moat", moat)
    return lambda *words, **options: CliRunner().invoke(dsar, list(words), **options)


def test_every_command_is_where_its_part_says() -> None:
    for part in PARTS:
        assert {command.name for command in part.commands()} == part.names


def test_a_request_is_made_decided_and_shown(office: Office, run: Run, name: str) -> None:
    office.person(name)
    made = run("new", name, "restriction", "--regime", "gdpr", "--text", "-", input="please stop\n")
    assert made.exit_code == 0, made.output
    request = made.output.split()[0]
    asked: Any = {"request": request}
    assert run("pause", request, "identity").output.split()[3] == "needs_info"
    assert run("resume", request).exit_code == 0
    office.verify(asked)
    assert run("accept", request).output.split()[3] == "executing"
    assert run("extend", request, "complex").exit_code == 0
    assert run("assign", request, "5").exit_code == 0
    assert request in run("list", "--assignee", "5", "--json").output
    shown = run("show", request, "--words").output
    assert "please stop" in shown
    assert "extend (complex)" in shown
    assert run("complete", request).output.split()[3] == "completed"
    refused = run("deny", request, "unfounded")
    assert (refused.exit_code, "request_state" in refused.output) == (1, True)


def test_a_complaint_is_made_and_settled(office: Office, run: Run, name: str) -> None:
    made = run("new", name, "complaint", "--category", "leaked", "--evidence", "1")
    request = made.output.split()[0]
    office.verify({"request": request})
    assert run("accept", request).exit_code == 0
    assert run("settle", request, "not_upheld").output.split()[3] == "completed"


def test_statistics_are_a_table_or_csv(office: Office, run: Run) -> None:
    year = str(office.api.clock().year)
    assert run("statistics", year, "--csv").output.startswith("regime,right,completed,")
    assert "total" in run("statistics", year).output
