"""Any order of what may happen to a request: it happens where the table of moves allows it, and nowhere else."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsar.desk.errors import RequestStateError
from dsar.desk.moves import MOVES, Move
from dsar.request import ENDED, RequestState
from tests.dsar.desk.conftest import Office

OFFICER: dict[str, tuple[Move, dict[str, Any]]] = {
    "acknowledge": (Move.ACKNOWLEDGE, {}),
    "accept": (Move.ACCEPT, {}),
    "deny": (Move.DENY, {"reason": "unfounded"}),
    "pause": (Move.PAUSE, {"reason": "identity"}),
    "resume": (Move.CONTINUE, {}),
    "approve": (Move.APPROVE, {}),
    "assign": (Move.ASSIGN, {"assignee": 1}),
    "withdraw": (Move.WITHDRAW, {}),
}
PARTS: dict[str, tuple[Move, tuple[Any, ...], dict[str, Any]]] = {
    "prepared": (Move.REVIEW, (True,), {}),
    "completed": (Move.COMPLETE, (), {}),
    "held": (Move.HOLD, (), {}),
    "restricted": (Move.RESTRICT, (), {"restricted": True}),
    "resumed": (Move.RESUME, (), {}),
}


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from([*OFFICER, *PARTS]), max_size=14))
def test_a_request_moves_by_the_table_and_tells_each_move_once(office: Office, acts: list[str]) -> None:
    name = f"m{office.now()}"
    office.person(name)
    office.api.clock.advance(seconds=1)
    made = office.ask(name, "erasure")
    office.verify(made)
    moved = 2
    for act in acts:
        state = RequestState(office.show(made)["state"])
        move, happened = _try(office, made, act)
        assert happened is (state in MOVES[move][0]), (act, state)
        moved += happened
        shown = office.show(made)
        assert len(shown["timeline"]) == moved
        assert (shown["ended_at"] is not None) is (shown["state"] in ENDED)
        assert shown["clock"] == "running" or shown["state"] in {"needs_info", "on_hold", "restricted"}
    executions = [move for move in office.moves(made) if move in {"approve", "resume"}]
    assert office.jobs(made, "dsar_execute") == ["dsar_execute_erasure"] * len(executions)


def _try(office: Office, made: Any, act: str) -> tuple[Move, bool]:
    """Have it done by whoever does it; tells whether it was."""
    before = len(office.show(made)["timeline"])
    if act in OFFICER:
        move, body = OFFICER[act]
        office.api.clock.advance(seconds=1)
        path = f"/v1/requests/{made['request']}/{act}"
        answer: Any = office.api.call(
            "POST", path, body, credential=office.colleague if act == "approve" else office.officer
        )
        assert answer.status_code in {200, 409}
        assert answer.status_code == 200 or answer.json["code"] == "request_state"
        return move, answer.status_code == 200
    move, given_, named = PARTS[act]
    called = {"restricted": "held", "resumed": "resume"}.get(act, act)
    try:
        office.do(made, called, *given_, **named)
    except RequestStateError:
        return move, False
    return move, len(office.show(made)["timeline"]) > before
