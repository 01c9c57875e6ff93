"""Events of switches: of legs that went out, whatever they claim, as often as they come."""

from uuid import uuid4

from masking.relay.calls.events import LASTS_AT_MOST_MS, Taken
from masking.relay.calls.progress import Event, EventKind, Failure, Status
from masking.relay.calls.reading import Asked
from masking.relay.routing import Connected
from tests.support.relay_calls import TENANT, Calls


def event(leg: str, kind: EventKind, at: int, failure: Failure | None = None) -> Event:
    return Event(leg=leg, kind=kind, at=at, failure=failure)


def test_a_call_is_followed_to_its_end_by_events_in_any_order(calls: Calls) -> None:
    answer = calls.call("cust-1", calls.bind().x)
    assert isinstance(answer, Connected)
    begun = calls.at
    calls.clock.advance(seconds=100)
    told = [
        event(answer.leg, EventKind.ENDED, begun + 95_000),
        event(answer.leg, EventKind.ANSWERED, begun + 10_000),
        event(answer.leg, EventKind.RINGING, begun + 2_000),
        event(answer.leg, EventKind.ENDED, begun + 95_000),
    ]
    taken = calls.events.take(TENANT, told, calls.at)
    assert taken == [Taken.NEW, Taken.NEW, Taken.NEW, Taken.KNOWN]
    (record,) = calls.reading.page(calls.by(), Asked())
    assert (record.status, record.progress.milliseconds) == (Status.COMPLETED, 85_000)


def test_an_event_of_a_leg_that_never_went_out_changes_nothing(calls: Calls) -> None:
    made = calls.bind()
    calls.call("stranger", made.x)
    (record,) = calls.reading.page(calls.by(), Asked())
    legs = [str(record.leg), str(uuid4()), "no leg", "", str(record.leg).upper(), "x" * 5000, "\0"]
    taken = calls.events.take(TENANT, [event(leg, EventKind.ANSWERED, calls.at) for leg in legs], calls.at)
    assert set(taken) == {Taken.UNKNOWN_LEG}
    assert calls.reading.page(calls.by(), Asked())[0] == record


def test_an_event_names_no_leg_of_another_tenant(calls: Calls) -> None:
    answer = calls.call("cust-1", calls.bind().x)
    assert isinstance(answer, Connected)
    assert calls.events.take(2, [event(answer.leg, EventKind.ANSWERED, calls.at)], calls.at) == [Taken.UNKNOWN_LEG]


def test_a_switch_whose_clock_is_wrong_moves_no_call_in_time(calls: Calls) -> None:
    answer = calls.call("cust-1", calls.bind().x)
    assert isinstance(answer, Connected)
    begun = calls.at
    calls.clock.advance(seconds=30)
    told = [event(answer.leg, EventKind.ANSWERED, 5), event(answer.leg, EventKind.ENDED, 2**60)]
    calls.events.tell(TENANT, told, calls.at)
    (record,) = calls.reading.page(calls.by(), Asked())
    assert (record.progress.answered_at, record.progress.ended_at) == (begun, begun + 30_000)


def test_lists_go_page_by_page_and_by_binding_order_person_and_time(calls: Calls) -> None:
    first = calls.bind()
    second = calls.bind("cust-2", "rider-1", order="o-2")
    for bound in (first, second, first):
        calls.call("rider-1", bound.x)
        calls.clock.advance(seconds=1)
    whole = calls.reading.page(calls.by(), Asked())
    assert [record.binding for record in whole] == [first.id, second.id, first.id]
    page = calls.reading.page(calls.by(), Asked(limit=2))
    rest = calls.reading.page(calls.by(), Asked(limit=2, before=str(page[-1].leg)))
    assert [*page, *rest] == list(whole)
    assert len(calls.reading.page(calls.by(), Asked(binding=first.id))) == 2
    assert len(calls.reading.page(calls.by(), Asked(order="order:o-2"))) == 1
    assert len(calls.reading.page(calls.by(), Asked(person="cust-2"))) == 1
    assert len(calls.reading.page(calls.by(), Asked(person="rider-1", since=calls.at - 1_500))) == 1
    assert len(calls.reading.page(calls.by(), Asked(until=calls.at - 2_500))) == 1
    assert len(calls.reading.page(calls.by(), Asked(number=calls.value(first.x)))) in {2, 3}
    assert calls.reading.page(calls.by(), Asked(kind="text")) == []
    assert len(calls.entries("relay.calls_read")) == 10


def test_calls_under_way_are_those_whose_end_was_not_told(calls: Calls) -> None:
    made = calls.bind()
    answer = calls.call("cust-1", made.x)
    assert isinstance(answer, Connected)
    calls.call("stranger", made.x)
    assert calls.events.under_way(TENANT, made.id, calls.at) == [answer.leg]
    assert calls.events.under_way(TENANT, made.id + 1, calls.at) == []
    assert calls.events.under_way(2, made.id, calls.at) == []
    assert calls.events.under_way(TENANT, made.id, calls.at + LASTS_AT_MOST_MS + 1) == []
    calls.events.tell(TENANT, [event(answer.leg, EventKind.ANSWERED, calls.at)], calls.at)
    assert calls.events.under_way(TENANT, made.id, calls.at) == [answer.leg]
    calls.events.tell(TENANT, [event(answer.leg, EventKind.ENDED, calls.at)], calls.at)
    assert calls.events.under_way(TENANT, made.id, calls.at) == []
