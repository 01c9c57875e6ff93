"""What the log tells of each day is counted once, however often it is counted, and is read by spans of days."""

from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audit import tallying
from audit.asking import Asking
from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from audit.tally import Measure
from audit.tallying import Tallying
from database.columns import millis
from database.engine import Database
from tests.audit.deployment import TENANT, Log
from tests.support.clock import Clock

WHO = Actor(ActorKind.CREDENTIAL, 7, "auditor")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: Clock) -> Log:
    return Log(database, tmp_path / "audit", clock)


def wrote(log: Log, action: Action, *groups: Group, tenant: int = TENANT) -> None:
    at = millis(log.clock())
    act = Act(action, WHO, tenant, at, str(uuid7(at)), list(groups))
    log.database.write(tenant, lambda tx: log.log.append(tx, act))


def plain(purpose: str, count: int = 1) -> Group:
    return Group(Outcome.DONE, purpose=purpose, view="plain", kind="phone", count=count)


def told(log: Log, tally: Tallying, measure: Measure, days: int = 2, tenant: int = TENANT) -> list[dict[str, int]]:
    """What is told of today in Shanghai and of the days before it, the latest first."""
    today = log.clock().astimezone(SHANGHAI).date()
    spans = [(today - timedelta(days=back), today - timedelta(days=back - 1)) for back in range(days)]
    asking = Asking(tenant=tenant, actor=WHO, request=str(uuid7(1)), at=millis(log.clock()))
    return [dict(one) for one in tally.of(asking, measure, spans)]


def test_disclosures_are_counted_by_purpose_and_refusals_by_reason(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallying, "AT_ONCE", 2)
    tally = Tallying(log.database, log.log, SHANGHAI)
    wrote(
        log,
        Action.DETOKENIZE,
        plain("delivery", 3),
        plain("support"),
        Group(Outcome.DENIED, Reason.NO_CONSENT, count=2),
    )
    wrote(log, Action.DETOKENIZE, Group(Outcome.DONE, purpose="delivery", view="building", kind="address"))
    wrote(log, Action.RELAY_ROUTE, Group(Outcome.DONE, kind="phone"))
    wrote(log, Action.TOKENIZE, Group(Outcome.DONE, purpose="delivery"))
    wrote(log, Action.RELAY_CASE_CLOSE, Group(Outcome.DONE, kind="abuse", view="lifted"))
    wrote(log, Action.SCOPE_REFUSED, Group(Outcome.DENIED, Reason.SCOPE))
    wrote(log, Action.DETOKENIZE, plain("delivery", 100), tenant=TENANT + 1)
    tally.round(0)
    assert told(log, tally, Measure.PLAIN) == [{}, {}], "nothing is settled yet"
    log.publish()
    for _ in range(2):
        tally.round(0)
        assert told(log, tally, Measure.PLAIN)[0] == {"delivery": 3, "support": 1, "relay.route": 1}
        assert told(log, tally, Measure.MASKED)[0] == {"delivery": 1}
        assert told(log, tally, Measure.DENIED)[0] == {"no_consent": 2, "scope": 1}
        assert told(log, tally, Measure.PLAIN, tenant=TENANT + 1)[0] == {"delivery": 100}
    wrote(log, Action.DETOKENIZE, plain("delivery"))
    log.publish()
    tally.round(0)
    assert told(log, tally, Measure.PLAIN)[0]["delivery"] == 4


def test_a_day_is_one_of_the_deployments_zone(log: Log) -> None:
    tally = Tallying(log.database, log.log, SHANGHAI)
    log.clock.moment = log.clock.moment.astimezone(UTC).replace(hour=15, minute=59)
    wrote(log, Action.DETOKENIZE, plain("delivery"))
    log.clock.advance(minutes=2)
    wrote(log, Action.DETOKENIZE, plain("delivery", 5))
    log.publish()
    tally.round(0)
    assert told(log, tally, Measure.PLAIN) == [{"delivery": 5}, {"delivery": 1}]


def test_two_that_count_at_once_count_once(log: Log) -> None:
    one = Tallying(log.database, log.log, SHANGHAI)
    wrote(log, Action.DETOKENIZE, plain("delivery"))
    log.publish()
    batch = log.database.read(None, one._next)
    assert batch is not None
    Tallying(log.database, log.log, SHANGHAI).round(0)
    assert not one._kept(batch)
    assert told(log, one, Measure.PLAIN)[0] == {"delivery": 1}
