"""The relay's key is turned by the job that turns every other one, while a switch asks."""

from uuid import UUID

from database.statement import Statement
from tests.masking.relay.adapters.house import House
from web.principal import Role

STEPS_AT_MOST = 20


def test_a_bound_caller_is_found_before_and_after_each_step_of_the_rotation(house: House) -> None:
    pair, switch = house.bound(), house.credential(Role.SWITCH)
    keys = house.credential(Role.OPERATOR)
    before = prints(house)
    answer = house.call("POST", "/v1/keys/relay/rotate", {}, bearer=keys)
    assert answer.status_code == 202, answer.text
    job = UUID(answer.json["job"])  # type: ignore[index]
    found = house.moat.jobs.get(house.tenant, job)
    (task,) = [one for one in house.moat.work.tasks if one.kind == "rotate_relay"]
    for number in range(STEPS_AT_MOST):
        progress = task.step(house.moat.jobs.get(house.tenant, job), number)
        house.clock.advance(seconds=90)
        for caller, other in ((pair.a, pair.b), (pair.b, pair.a)):
            asked = {"called": pair.x, "caller": caller}
            assert house.ok("POST", "/v1/relay/route", asked, bearer=switch)["to"] == other
        if progress.finished:
            break
    assert found.kind == "rotate_relay"
    assert progress.finished
    assert not before & prints(house)
    states = house.moat.database.read(None, lambda tx: tx.all(Statement(STATES)))
    assert [state for (state,) in states] == ["destroyed", "active"]


STATES = "SELECT state FROM purpose_key WHERE usage = 'relay_index' ORDER BY version"


def prints(house: House) -> set[bytes]:
    rows = house.moat.database.read(None, lambda tx: tx.all(Statement("SELECT fingerprint FROM relay_party")))
    return {bytes(one) for (one,) in rows}
