"""No checkpoint parts the entries of an act, so that one that is lacking shows."""

from pathlib import Path

import orjson
import pytest

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, SubjectRef
from audit.event_id import uuid7
from audit.publisher import Step
from database.columns import millis
from database.engine import Database
from tests.audit.deployment import TENANT, Log
from tests.support.clock import Clock

SUBJECTS = [SubjectRef(f"{number:022d}") for number in range(1_200)]


def act_of(log: Log, subjects: int) -> None:
    at = millis(log.clock())
    group = Group(Outcome.DONE, subjects=SUBJECTS[:subjects])
    act = Act(Action.DETOKENIZE, Actor(ActorKind.SYSTEM), TENANT, at, str(uuid7(at)), [group])
    log.database.write(TENANT, lambda tx: log.log.append(tx, act))


def test_a_batch_goes_on_to_the_end_of_its_last_act(
    database: Database, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.publisher.AT_ONCE", 2)
    log = Log(database, tmp_path / "audit", clock)
    for subjects in (1, 1_200, 1, 600, 1_200, 1):
        act_of(log, subjects)
    sizes: list[int] = []

    def reached(step: Step) -> None:
        if step is Step.PUBLISHED:
            sizes.append(log.published().size)

    publisher = log.publisher(reached=reached)
    while publisher.run_once():
        pass
    publisher.run_once()
    publisher.close()
    parts = [(fields["part"], fields["parts"]) for fields in map(orjson.loads, log.bodies())]
    assert parts == [(1, 1), (1, 3), (2, 3), (3, 3), (1, 1), (1, 2), (2, 2), (1, 3), (2, 3), (3, 3), (1, 1)]
    assert sizes == [4, 7, 10, 11]
    assert [parts[size - 1][0] for size in sizes] == [parts[size - 1][1] for size in sizes]
