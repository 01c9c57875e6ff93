"""What stays of calls, for how long, and what a person's erasure takes from them."""

from masking.relay.calls.forgetting import CallErasure
from masking.relay.calls.progress import Event, EventKind
from masking.relay.calls.reading import Asked
from tests.support.relay_calls import TENANT, Calls


def test_an_erased_person_is_in_no_row_and_the_other_side_keeps_the_record(calls: Calls) -> None:
    calls.rule(refused="{calls: 1, within: PT1H, action: freeze_caller, lasts: P1D}")
    made = calls.bind()
    calls.call("cust-1", made.x)
    calls.call("rider-1", made.x)
    calls.call("cust-1", calls.add("main", 1)[0])
    calls.watch.look(TENANT, calls.at)
    fingerprint = calls.town.fingerprint(calls.town.number("cust-1"))
    (subject,) = {row[0] for row in calls.rows("relay_party", "subject, fingerprint") if row[1] == fingerprint}
    assert calls.holding.inventory(TENANT, subject)[0] == 3
    sides = {record["side"] for record in calls.holding.records(TENANT, subject)}
    assert sides == {"caller", "callee"}
    for _ in range(2):
        calls.database.write(TENANT, lambda tx: CallErasure().erased(tx, TENANT, subject, calls.at))
    assert calls.holding.inventory(TENANT, subject) == (0, None)
    for table in ("relay_call", "relay_bucket", "relay_case"):
        values = [bytes(one) if isinstance(one, memoryview) else one for row in calls.rows(table) for one in row]
        assert fingerprint not in values, table
        assert subject not in values, table
    (case,) = calls.cases.page(TENANT, closed=True, after=0, limit=9)
    assert (case.reason, case.person) == ("erased", None)
    records = calls.reading.page(calls.by(), Asked(binding=made.id))
    assert [(record.caller is None, record.callee is None) for record in records].count((True, False)) == 1


def test_a_record_loses_the_callers_fingerprint_after_two_days_and_stays_for_retention(calls: Calls) -> None:
    calls.call("cust-1", calls.bind().x)
    calls.sweep(calls.at + 86_400_000)
    assert calls.rows("relay_call", "caller")[0][0] is not None
    calls.sweep(calls.at + 2 * 86_400_000 + 1)
    assert calls.rows("relay_call", "caller") == [(None,)]
    assert calls.rows("relay_bucket") == []
    calls.sweep(calls.at + 1_000 * 86_400_000)
    assert len(calls.rows("relay_call")) == 1


def test_a_call_is_in_the_log_of_who_called_once_it_is_over_and_once_only(calls: Calls) -> None:
    answer = calls.short_call("cust-1", calls.bind().x)
    calls.events.take(TENANT, [Event(leg=answer.leg, kind=EventKind.ENDED, at=calls.at, cause=16)], calls.at)
    calls.call("cust-1", calls.bind().x)
    (entry,) = calls.entries("relay.call")
    assert (entry["purpose"], entry["kind"], entry["rows"]) == ("relay_call", "phone", [answer.binding])
    assert len(entry["subjects"]) == 1
