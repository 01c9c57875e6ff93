"""`moat retention` and `moat.retention` against the application, in this process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from httpx import WSGITransport
from moat_client.client import Moat
from moat_client.errors import MoatError
from moat_client.retention import Happened

from commands.program import main
from dsar.retention import cli
from tests.dsar.retention.conftest import Platform
from work.job import JobState

Say = Callable[..., str]


@pytest.fixture
def moat(platform: Platform) -> Iterator[Moat]:
    """The service as an officer sees it."""
    with Moat("http://moat.test", platform.officer, transport=WSGITransport(platform.api.moat.app)) as connected:
        yield connected


@pytest.fixture
def say(moat: Moat, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Say:
    """What a command prints; jobs that it asks for are carried out while it watches."""

    @contextmanager
    def connected() -> Iterator[Moat]:
        yield moat

    real = moat.job

    def job(number: str) -> object:
        if platform.job(number).state is JobState.QUEUED:
            platform.carry(number)
        return real(number)

    monkeypatch.setattr(cli, "connected", connected)
    monkeypatch.setattr(moat, "job", job)

    def said(*arguments: str, status: int = 0) -> str:
        ended = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["retention", *arguments])
        assert ended.exit_code == status, ended.output
        return ended.output

    return said


def test_a_purge_at_a_terminal_from_the_event_to_the_report(platform: Platform, moat: Moat, say: Say) -> None:
    ref = platform.order()
    phone = platform.store("cust-terminal", ref)
    assert say("event", "order.completed", ref, platform.moment(days=31)) == "noted\n"
    assert say("event", "order.completed", ref, platform.moment(days=31)) == "known already\n"
    assert "in_the_future" in say("event", "order.completed", ref, platform.moment(days=-31), status=1)
    said = say("plan", "--watch")
    plan = said.split()[0]
    assert "delivery_contact  phone" in said
    assert moat.retention.plan(plan)["planned"] == 1
    assert [item["ref"] for item in moat.retention.items(plan)] == [ref]
    assert next(moat.retention.plans())["plan"] == plan
    assert '"planned": 1' in say("show", plan, "--json")
    assert f"plan {plan} is ready: 1 of" in say("show", plan)
    assert "1 planned = 1 disposed" in say("run", plan, "--watch")
    with pytest.raises(MoatError, match="plan_used"):
        moat.retention.start_run(plan)
    assert platform.uses(phone) is None
    run = next(moat.retention.runs())
    assert moat.retention.run(str(run["run"])) == run
    assert f"run {run['run']} is done" in say("runs")


def test_what_is_amiss_ends_the_command_with_1(platform: Platform, moat: Moat, say: Say) -> None:
    platform.store("cust-late", platform.order())
    platform.api.clock.advance(days=10)
    platform.plan()
    assert say("alerts", status=1).startswith("clock_not_started  delivery_contact  phone  delivery  ")
    assert moat.retention.alerts()[0]["code"] == "clock_not_started"
    assert moat.retention.policy()["version"] == 1


def test_the_client_tells_many_events_at_once(platform: Platform, moat: Moat) -> None:
    at = platform.moment(days=1)
    happened = [Happened("order.completed", at, ref=platform.order()), Happened("last_activity", at, subject="nobody")]
    taken = moat.retention.tell(happened)
    assert taken[0] == {"news": True}
    assert "error" in taken[1]
