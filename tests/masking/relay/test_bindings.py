"""Binding, changing, ending, and what calls are answered in every mode."""

import pytest

from audit.entry import Reason
from masking.relay.allocation import Match, Sticky
from masking.relay.bound import Bound, Change
from masking.relay.decision import CallKind, Collect, NumberState, RefusalReason, Refuse
from masking.relay.errors import (
    BindingEndedError,
    BindingNotFoundError,
    DurationError,
    ModeFieldsError,
    NumberTakenError,
    PartyError,
    PartyExhaustedError,
    PoolExhaustedError,
    PoolNotFoundError,
    SelfBindingError,
    StateChangeError,
    VersionConflictError,
)
from masking.relay.mode import Direction, Mode
from masking.relay.number import RelayNumber
from masking.relay.pool import DAY_MS
from masking.relay.routing import Answer, Connected
from masking.relay.stocking import NewNumber
from tests.support.relay import HOUR_MS, TENANT, Relay, named_person


def reaches(relay: Relay, caller: str, number: int, **said: object) -> tuple[str, str]:
    """Whose phone rings, and which number it shows."""
    answer = relay.call(caller, number, **said)
    assert isinstance(answer, Connected), answer
    return next(name for name, value in relay.town.numbers.items() if value == answer.to), answer.present


def refusal(answer: Answer) -> RefusalReason:
    assert isinstance(answer, Refuse), answer
    return answer.reason


def test_two_people_reach_each_other_over_one_number(relay: Relay) -> None:
    relay.pool()
    bound = relay.bind()
    x = relay.value(bound.x)
    assert reaches(relay, "cust-1", bound.x) == ("rider-1", x)
    assert reaches(relay, "rider-1", bound.x) == ("cust-1", x)
    assert refusal(relay.call("stranger", bound.x)) is RefusalReason.NO_BINDING


def test_the_same_people_for_the_same_order_get_the_binding_that_they_have(relay: Relay) -> None:
    relay.pool()
    bound = relay.bind()
    assert relay.bind() == bound
    other = relay.bind(order="o-2")
    assert (other.id, other.x) != (bound.id, bound.x)


def test_with_two_numbers_each_dials_the_one_that_they_see(relay: Relay) -> None:
    relay.pool(modes=[Mode.AXYB])
    bound = relay.bind(mode=Mode.AXYB)
    assert bound.y is not None
    assert bound.x != bound.y
    assert reaches(relay, "cust-1", bound.y) == ("rider-1", relay.value(bound.x))
    assert reaches(relay, "rider-1", bound.x) == ("cust-1", relay.value(bound.y))


def test_whoever_dials_the_number_of_one_person_reaches_them(relay: Relay) -> None:
    relay.pool(modes=[Mode.AXN])
    bound = relay.bind(mode=Mode.AXN)
    x = relay.value(bound.x)
    assert reaches(relay, "stranger", bound.x) == ("cust-1", x)
    assert reaches(relay, "cust-1", bound.x) == ("rider-1", x)
    anonymous = relay.routing.route(relay.by(), called=x, caller="anonymous")
    assert isinstance(anonymous, Connected)
    assert relay.bind("cust-2", None, mode=Mode.AXN).x != bound.x


def test_an_extension_says_which_of_many(relay: Relay) -> None:
    relay.pool(modes=[Mode.AXE], numbers=1, digits=1, capacity=20)
    made = [relay.bind(f"cust-{n}", None, f"o-{n}", mode=Mode.AXE) for n in range(10)]
    assert len({one.extension for one in made}) == 10
    assert relay.call("stranger", made[0].x) == Collect(1)
    for n, one in enumerate(made):
        assert reaches(relay, "stranger", one.x, digits=one.extension)[0] == f"cust-{n}"
    assert refusal(relay.call("stranger", made[0].x, digits="77")) is RefusalReason.EXTENSION
    with pytest.raises(PoolExhaustedError):
        relay.bind("cust-10", None, "o-10", mode=Mode.AXE)


def test_the_platform_names_whom_the_next_call_reaches(relay: Relay) -> None:
    relay.pool(modes=[Mode.AX])
    bound = relay.bind("cust-1", None, mode=Mode.AX)
    assert refusal(relay.call("cust-1", bound.x)) is RefusalReason.NOBODY_TO_REACH
    relay.bindings.change(relay.by(), bound.id, Change(b=named_person("shop-1")))
    assert reaches(relay, "cust-1", bound.x)[0] == "shop-1"
    relay.bindings.change(relay.by(), bound.id, Change(b=named_person("shop-2")))
    assert reaches(relay, "cust-1", bound.x)[0] == "shop-2"


@pytest.mark.parametrize("mode", [Mode.GXB, Mode.GXYB])
def test_each_member_of_a_group_reaches_the_other_side(relay: Relay, mode: Mode) -> None:
    relay.pool(modes=[mode])
    crew = tuple(one for name in ("rider-1", "rider-2") if (one := named_person(name)))
    bound = relay.bindings.bind(relay.by(), relay.wish(None, "cust-1", mode=mode, crew=crew))
    dialled = bound.x if bound.y is None else bound.y
    for member in ("rider-1", "rider-2"):
        assert reaches(relay, member, dialled) == ("cust-1", relay.value(bound.x))
    assert reaches(relay, "cust-1", bound.x) == ("rider-1", relay.value(dialled))
    other = tuple(one for name in ("rider-2", "rider-3") if (one := named_person(name)))
    relay.bindings.change(relay.by(), bound.id, Change(crew=other))
    assert reaches(relay, "cust-1", bound.x)[0] == "rider-2"
    assert reaches(relay, "rider-3", dialled)[0] == "cust-1"
    assert refusal(relay.call("rider-1", dialled)) is RefusalReason.ENDED


def test_another_courier_takes_over_on_the_same_number(relay: Relay) -> None:
    relay.pool()
    bound = relay.bind()
    changed = relay.bindings.change(relay.by(), bound.id, Change(b=named_person("rider-2"), version=bound.version))
    assert (changed.x, changed.version) == (bound.x, bound.version + 1)
    assert relay.bindings.get(TENANT, bound.id) == changed
    assert reaches(relay, "cust-1", bound.x)[0] == "rider-2"
    assert reaches(relay, "rider-2", bound.x)[0] == "cust-1"
    assert refusal(relay.call("rider-1", bound.x)) is RefusalReason.ENDED
    with pytest.raises(VersionConflictError):
        relay.bindings.change(relay.by(), bound.id, Change(b=named_person("rider-1"), version=bound.version))
    relay.bindings.change(relay.by(), bound.id, Change(b=named_person("rider-1")))
    assert reaches(relay, "rider-1", bound.x)[0] == "cust-1"
    assert refusal(relay.call("rider-2", bound.x)) is RefusalReason.ENDED


def test_whoever_has_the_number_in_another_binding_cannot_take_over_on_it(relay: Relay) -> None:
    relay.pool(numbers=1)
    bound = relay.bind()
    relay.bind("cust-2", "rider-2", "o-2")
    with pytest.raises(NumberTakenError):
        relay.bindings.change(relay.by(), bound.id, Change(b=named_person("rider-2")))
    assert reaches(relay, "rider-1", bound.x)[0] == "cust-1"


def test_a_binding_ends_at_its_moment_without_any_sweeper(relay: Relay) -> None:
    relay.pool()
    bound = relay.bind(lasts=1_000)
    relay.clock.advance(milliseconds=999)
    assert reaches(relay, "cust-1", bound.x)
    relay.clock.advance(milliseconds=1)
    assert refusal(relay.call("cust-1", bound.x)) is RefusalReason.ENDED
    with pytest.raises(BindingEndedError):
        relay.bindings.extend(relay.by(), bound.id, HOUR_MS)
    assert relay.keeping.sweep(relay.at) == 1
    assert relay.book.over == [bound.id]
    assert relay.keeping.sweep(relay.at) == 0


def test_a_longer_binding_lasts_from_now(relay: Relay) -> None:
    relay.pool()
    bound = relay.bind(lasts=1_000)
    relay.bindings.extend(relay.by(), bound.id, 5_000)
    relay.clock.advance(milliseconds=4_999)
    assert reaches(relay, "cust-1", bound.x)
    assert relay.keeping.sweep(relay.at) == 0


def test_an_old_number_never_reaches_a_stranger(relay: Relay) -> None:
    relay.pool(numbers=1)
    bound = relay.bind()
    relay.bindings.unbind(relay.by(), bound.id)
    assert refusal(relay.call("rider-1", bound.x)) is RefusalReason.ENDED
    with pytest.raises(PartyExhaustedError) as none:
        relay.bind("cust-2", "rider-1", "o-2")
    assert none.value.free_at == relay.at + DAY_MS
    assert relay.bind("cust-2", "rider-2", "o-2").x == bound.x
    relay.clock.advance(milliseconds=DAY_MS)
    assert relay.bind("cust-3", "rider-1", "o-3").x == bound.x


def test_what_has_expired_makes_room_though_nobody_has_swept(relay: Relay) -> None:
    relay.pool(numbers=1, capacity=1)
    bound = relay.bind(lasts=1_000)
    with pytest.raises(PoolExhaustedError) as full:
        relay.bind("cust-2", "rider-2", "o-2")
    assert full.value.free_at == relay.at + 1_000
    relay.clock.advance(milliseconds=1_000)
    assert relay.bind("cust-2", "rider-2", "o-2").x == bound.x


def test_numbers_and_people_run_out_for_different_reasons(relay: Relay) -> None:
    relay.pool(numbers=2, capacity=2)
    relay.bind()
    relay.bind("cust-2", "rider-1", "o-2")
    with pytest.raises(PartyExhaustedError) as held:
        relay.bind("cust-3", "rider-1", "o-3")
    assert held.value.tiers == 1
    assert held.value.free_at == relay.at + HOUR_MS + DAY_MS
    relay.bind("cust-4", "rider-4", "o-4")
    relay.bind("cust-5", "rider-5", "o-5")
    with pytest.raises(PoolExhaustedError):
        relay.bind("cust-6", "rider-6", "o-6")


def test_the_same_two_people_get_the_number_again_that_was_theirs(relay: Relay) -> None:
    relay.pool(numbers=3, sticky=Sticky.PREFER)
    first = relay.bind()
    relay.bindings.unbind(relay.by(), first.id)
    again = relay.bind(order="o-2")
    assert again.x == first.x
    assert reaches(relay, "cust-1", again.x)[0] == "rider-1"
    relay.bindings.unbind(relay.by(), again.id)
    assert relay.bind("cust-2", "rider-1", "o-3").x != first.x


def test_the_same_two_people_get_another_number_where_that_is_wanted(relay: Relay) -> None:
    relay.pool(numbers=2, sticky=Sticky.AVOID, cool=0)
    first = relay.bind()
    relay.bindings.unbind(relay.by(), first.id)
    assert relay.bind(order="o-2").x != first.x


def test_a_number_comes_from_the_wished_area_or_from_nowhere_else(relay: Relay) -> None:
    relay.pool(match=Match.STRICT)
    relay.add("main", 2, area="010", province="北京")
    near = relay.bind(area=("010",))
    owned = {one.id: one for one in relay.stocking.numbers(TENANT, "main", after=0, limit=99)}
    assert owned[near.x].area == "010"
    relay.bind("cust-2", order="o-2", area=("010",))
    with pytest.raises(PartyExhaustedError):
        relay.bind("cust-3", order="o-3", area=("010",))
    assert owned[relay.bind("cust-3", order="o-3", area=("浙江",)).x].area == "0571"


def test_who_cannot_be_called_is_not_bound(relay: Relay) -> None:
    relay.pool()
    relay.town.refused["cust-1"] = Reason.RESTRICTED
    with pytest.raises(PartyError) as refused:
        relay.bind()
    assert (refused.value.field, refused.value.reason) == ("a", "restricted")


def test_who_cannot_be_called_any_more_is_not_reached(relay: Relay) -> None:
    relay.pool()
    bound = relay.bind()
    relay.town.refused["cust-1"] = Reason.FROZEN
    assert refusal(relay.call("rider-1", bound.x)) is RefusalReason.NOBODY_TO_REACH


def test_one_number_is_not_two_people(relay: Relay) -> None:
    relay.pool()
    relay.town.numbers["rider-1"] = relay.town.number("cust-1")
    with pytest.raises(SelfBindingError):
        relay.bind()


def test_a_number_that_two_people_share_is_let_go_of_by_one(relay: Relay) -> None:
    relay.pool()
    relay.town.numbers["cust-2"] = relay.town.number("cust-1")
    first, second = relay.bind(), relay.bind("cust-2", "rider-2", "o-2")
    assert first.x != second.x
    relay.erase("cust-2")
    assert reaches(relay, "rider-1", first.x)
    assert refusal(relay.call("rider-2", second.x)) is RefusalReason.ENDED


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"b": None}, ModeFieldsError),
        ({"mode": Mode.AXN, "b": None}, ModeFieldsError),
        ({"pool": "none"}, PoolNotFoundError),
        ({"lasts": 91 * DAY_MS}, DurationError),
        ({"lasts": 0}, DurationError),
        ({"max_seconds": 0}, DurationError),
        ({"x": "+8617099999999"}, NumberTakenError),
    ],
    ids=lambda value: None,
)
def test_a_wish_that_makes_no_sense_is_refused(relay: Relay, wish: dict[str, object], error: type[Exception]) -> None:
    relay.pool()
    with pytest.raises(error):
        relay.bind(**{"b": "rider-1", **wish})  # type: ignore[arg-type]


def test_who_may_begin_a_call_is_part_of_the_binding(relay: Relay) -> None:
    relay.pool()
    bound = relay.bind(direction=Direction.B)
    assert refusal(relay.call("cust-1", bound.x)) is RefusalReason.DIRECTION
    assert reaches(relay, "rider-1", bound.x)


def test_many_are_bound_at_once_and_one_that_cannot_be_takes_nothing(relay: Relay) -> None:
    relay.pool(numbers=2)
    wishes = [relay.wish(f"cust-{n}", "rider-1", f"o-{n}") for n in range(3)]
    made = relay.bindings.bulk(relay.by(), wishes)
    assert [type(one) for one in made] == [Bound, Bound, PartyExhaustedError]
    numbers = relay.stocking.numbers(TENANT, "main", after=0, limit=9)
    assert [one.load for one in numbers] == [1, 1]


def test_a_frozen_number_keeps_its_bindings_and_gets_no_more(relay: Relay) -> None:
    relay.pool(numbers=1)
    bound = relay.bind()
    relay.stocking.move(relay.by(), relay.value(bound.x), NumberState.FROZEN)
    assert reaches(relay, "cust-1", bound.x)
    with pytest.raises(PoolExhaustedError):
        relay.bind("cust-2", "rider-2", "o-2")
    relay.stocking.move(relay.by(), relay.value(bound.x), NumberState.QUARANTINED, rest=5_000)
    assert refusal(relay.call("cust-1", bound.x)) is RefusalReason.ENDED
    with pytest.raises(StateChangeError):
        relay.stocking.move(relay.by(), relay.value(bound.x), NumberState.AVAILABLE)
    with pytest.raises(StateChangeError):
        relay.stocking.move(relay.by(), relay.value(bound.x), NumberState.RETIRED)
    relay.clock.advance(milliseconds=5_000)
    relay.stocking.move(relay.by(), relay.value(bound.x), NumberState.AVAILABLE)
    assert reaches(relay, "cust-1", bound.x)


def test_a_retired_number_is_never_added_again(relay: Relay) -> None:
    relay.pool(numbers=0)
    (value,) = relay.add("main", 1)
    relay.stocking.move(relay.by(), value, NumberState.RETIRED)
    with pytest.raises(PoolExhaustedError):
        relay.bind()
    relay.pool("other", numbers=0)

    assert relay.stocking.add(relay.by(), "other", [NewNumber(number=RelayNumber.parse(value))]) == [False]


def test_a_text_follows_its_own_permission(relay: Relay) -> None:
    relay.pool()
    bound = relay.bind(texts=False)
    assert refusal(relay.call("cust-1", bound.x, kind=CallKind.TEXT)) is RefusalReason.NO_TEXTS
    relay.bindings.change(relay.by(), bound.id, Change(texts=True))
    assert reaches(relay, "cust-1", bound.x, kind=CallKind.TEXT)


def test_what_is_not_there_is_not_found(relay: Relay) -> None:
    with pytest.raises(BindingNotFoundError):
        relay.bindings.get(TENANT, 99)
    with pytest.raises(BindingNotFoundError):
        relay.bindings.unbind(relay.by(), 99)
