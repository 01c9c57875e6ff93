"""The stream that a law asks for: sealed as a call goes out, opened by two persons elsewhere, gone with its key or its time."""

from datetime import UTC, datetime

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from audit.entry import Actor, ActorKind
from masking.relay.calls.errors import LegalError, NoLegalKeyError
from masking.relay.calls.legal_halves import MadeKey, Which, digest_of, join_halves, make_key
from masking.relay.calls.legal_keys import LegalKey
from masking.relay.calls.legal_record import (
    BEGIN,
    CallBegun,
    CallEnded,
    Place,
    month_name,
    month_of,
    read_month,
    seal,
    unseal,
)
from masking.relay.calls.legal_taking import LegalReason, Wanted, month_taken, open_taken
from masking.relay.calls.progress import Event, EventKind
from masking.relay.routing import Connected
from tests.support.relay_calls import TENANT, Calls

LEGAL = {"legal": "{on: true, months: 6}"}
MONTH = read_month("2026-11")
KEEPERS = (pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate())
FIRST, SECOND = Actor(ActorKind.CREDENTIAL, 11, "privacy_officer"), Actor(ActorKind.CREDENTIAL, 12, "auditor")


@pytest.fixture(scope="module")
def made() -> MadeKey:
    return make_key(MONTH, *(str(keeper.to_public()) for keeper in KEEPERS))


def install(calls: Calls, made: MadeKey) -> None:
    key = LegalKey(made.month, made.public, digest_of(made.first), digest_of(made.second), 0)
    calls.keys.add(calls.by(), key)


def whole(made: MadeKey) -> X25519PrivateKey:
    return join_halves(MONTH, (made.first, made.second), (str(KEEPERS[0]), str(KEEPERS[1])))


def wanted(month: int = MONTH) -> Wanted:
    return Wanted(month=month, case="2026-criminal-17", reason=LegalReason.COURT_ORDER)


def take(calls: Calls, month: int = MONTH) -> list[bytes]:
    return calls.taking.take(calls.by()._replace(actor=FIRST), SECOND, wanted(month))


def test_without_the_rule_nothing_is_sealed(calls: Calls, made: MadeKey) -> None:
    install(calls, made)
    calls.call("cust-1", calls.bind().x)
    assert calls.rows("relay_sealed_call") == []


def test_calls_are_sealed_with_both_numbers_and_times_and_two_persons_open_them(calls: Calls, made: MadeKey) -> None:
    calls.rule(**LEGAL)
    install(calls, made)
    bound = calls.bind()
    answer = calls.call("cust-1", bound.x)
    assert isinstance(answer, Connected)
    begun = calls.at
    ended = [
        Event(leg=answer.leg, kind=EventKind.ENDED, at=begun + 30_000),
        Event(leg=answer.leg, kind=EventKind.ANSWERED, at=begun + 5_000),
    ]
    calls.events.take(TENANT, ended, begun + 60_000)
    stored = b"".join(bytes(row[0]) for row in calls.rows("relay_sealed_call", "sealed"))
    for name in ("cust-1", "rider-1"):
        for size in range(4, 15):
            assert calls.town.number(name)[-size:].encode() not in stored
    assert calls.value(bound.x).encode()[-6:] not in stored
    assert {len(bytes(row[0])) for row in calls.rows("relay_sealed_call", "sealed")} == {3 + 32 + 74 + 16}
    lines = take(calls)
    assert month_taken(lines) == MONTH
    assert calls.town.number("cust-1")[-6:] not in repr(lines)
    (opened,) = open_taken(lines, whole(made))
    assert (opened.caller, opened.callee) == (calls.town.number("cust-1"), calls.town.number("rider-1"))
    assert (opened.dialled, opened.at) == (calls.value(bound.x), begun)
    assert (opened.answered_at, opened.ended_at) == (begun + 5_000, begun + 30_000)
    assert list(open_taken(lines, whole(made), number="+8613899999999")) == []
    assert len(list(open_taken(lines, whole(made), number=calls.town.number("rider-1")))) == 1


def test_taking_out_is_recorded_with_both_persons_the_case_and_the_reason(calls: Calls, made: MadeKey) -> None:
    calls.rule(**LEGAL)
    install(calls, made)
    calls.call("cust-1", calls.bind().x)
    take(calls)
    (entry,) = calls.entries("relay.legal_take")
    assert (entry["actor"]["id"], entry["approver"]["id"], entry["kind"]) == (11, 12, "court_order")
    ((month, reason, case, count),) = calls.rows("relay_legal_taking", "month, reason, case_id, count")
    assert (month, reason, case, count) == (MONTH, "court_order", "2026-criminal-17", 1)
    for approver, case in ((FIRST, "c-1"), (SECOND, "13812345678"), (SECOND, "a b")):
        with pytest.raises(LegalError):
            calls.taking.take(
                calls.by()._replace(actor=FIRST),
                approver,
                Wanted(month=MONTH, case=case, reason=LegalReason.INSPECTION),
            )
    assert len(calls.entries("relay.legal_take")) == 1


def test_without_a_key_for_the_month_no_call_goes_out_and_readiness_says_so(calls: Calls, made: MadeKey) -> None:
    bound = calls.bind(lasts=86_400_000)
    assert calls.keys.warning() is None
    calls.rule(**LEGAL)
    calls.rules.noticed(TENANT, 1)
    assert calls.keys.warning() == "relay_legal_key_missing"
    with pytest.raises(NoLegalKeyError):
        calls.call("cust-1", bound.x)
    assert calls.rows("relay_call") == []
    install(calls, made)
    assert isinstance(calls.call("cust-1", bound.x), Connected)
    assert calls.keys.warning() is None
    calls.clock.moment = datetime(2026, 11, 25, tzinfo=UTC)
    assert calls.keys.warning() == "relay_legal_key_missing", "December has no key"


def test_what_was_sealed_goes_with_the_key(calls: Calls, made: MadeKey) -> None:
    calls.rule(**LEGAL)
    install(calls, made)
    calls.call("cust-1", calls.bind().x)
    with pytest.raises(LegalError, match="not over"):
        calls.keys.destroyed(calls.by(), MONTH, digest_of(made.first))
    calls.clock.moment = datetime(2026, 12, 2, tzinfo=UTC)
    with pytest.raises(LegalError, match="not a half"):
        calls.keys.destroyed(calls.by(), MONTH, bytes(32))
    assert len(calls.rows("relay_sealed_call")) == 1
    assert calls.keys.destroyed(calls.by(), MONTH, digest_of(made.second)) is Which.SECOND
    assert calls.rows("relay_sealed_call") == []
    (entry,) = calls.entries("relay.legal_key_destroy")
    assert (entry["wording"], entry["view"]) == (digest_of(made.second).hex(), "second")
    assert calls.keys.destroyed(calls.by(), MONTH, digest_of(made.second)) is Which.SECOND
    assert len(calls.entries("relay.legal_key_destroy")) == 1
    with pytest.raises(LegalError, match="nothing is sealed"):
        take(calls)


def test_what_was_sealed_goes_when_its_months_are_over_and_the_key_is_asked_for(calls: Calls, made: MadeKey) -> None:
    calls.rule(**LEGAL)
    install(calls, made)
    calls.call("cust-1", calls.bind().x)
    calls.clock.moment = datetime(2027, 5, 31, 23, 59, tzinfo=UTC)
    calls.keys.sweep(calls.at)
    assert len(calls.rows("relay_sealed_call")) == 1
    calls.clock.moment = datetime(2027, 6, 1, tzinfo=UTC)
    calls.keys.sweep(calls.at)
    assert calls.rows("relay_sealed_call") == []
    calls.rule(2)
    assert calls.keys.warning() == "relay_legal_key_overdue"
    calls.keys.destroyed(calls.by(), MONTH, digest_of(made.first))
    assert calls.keys.warning() is None


def test_a_month_has_one_key(calls: Calls, made: MadeKey) -> None:
    install(calls, made)
    install(calls, made)
    other = make_key(MONTH, *(str(keeper.to_public()) for keeper in KEEPERS))
    with pytest.raises(LegalError, match="another key"):
        install(calls, other)
    assert len(calls.entries("relay.legal_key_add")) == 1


def test_one_half_opens_nothing(made: MadeKey) -> None:
    one, two = (str(keeper) for keeper in KEEPERS)
    for halves, identities in (
        ((made.first, made.first), (one, one)),
        ((made.first, made.second), (two, one)),
        ((made.first, b"age-encryption.org/v1\n"), (one, two)),
        ((made.first, made.second), (one, "AGE-SECRET-KEY-1")),
    ):
        with pytest.raises(LegalError):
            join_halves(MONTH, halves, identities)
    assert join_halves(MONTH, (made.second, made.first), (two, one)).public_key().public_bytes_raw() == made.public
    with pytest.raises(LegalError):
        join_halves(MONTH + 1, (made.first, made.second), (one, two))
    with pytest.raises(LegalError, match="two different"):
        make_key(MONTH, str(KEEPERS[0].to_public()), str(KEEPERS[0].to_public()))


RECORD = CallBegun(at=1_793_606_400_123, kind="voice", caller="+8613812345678", callee="", dialled="+8617000000001")


@pytest.mark.parametrize(
    "place",
    [
        Place(2, MONTH, bytes(16), BEGIN),
        Place(1, MONTH + 1, bytes(16), BEGIN),
        Place(1, MONTH, bytes(15) + b"\x01", BEGIN),
        Place(1, MONTH, bytes(16), 2),
    ],
    ids=["tenant", "month", "leg", "part"],
)
def test_a_sealed_call_opens_in_its_own_place_only(place: Place) -> None:
    private = X25519PrivateKey.generate()
    sealed = seal(private.public_key().public_bytes_raw(), Place(1, MONTH, bytes(16), BEGIN), RECORD)
    assert unseal(private, Place(1, MONTH, bytes(16), BEGIN), sealed) == RECORD
    with pytest.raises(LegalError):
        unseal(private, place, sealed)
    for damaged in (b"", sealed[:-1], sealed[:3], b"\x02" + sealed[1:], sealed[:40] + bytes(1) + sealed[41:]):
        with pytest.raises(LegalError):
            unseal(private, Place(1, MONTH, bytes(16), BEGIN), damaged)


def test_the_octets_of_what_is_sealed_are_as_drawn() -> None:
    assert RECORD.octets().hex() == (
        "0101000001a19b45b87b01"
        "0e2b38363133383132333435363738" + "00" * 6 + "00" * 21 + "0e2b38363137303030303030303031" + "00" * 6
    )
    ended = CallEnded(answered_at=None, ended_at=1_793_606_400_123, cause=16)
    assert ended.octets().hex() == "0102" + "00" * 8 + "000001a19b45b87b" + "10" + "00" * 55


def test_a_stored_vector_opens_by_its_private_key() -> None:
    private = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    assert unseal(private, Place(1, MONTH, bytes(16), BEGIN), bytes.fromhex(VECTOR)) == RECORD


def test_months_are_those_of_utc() -> None:
    assert month_name(month_of(1_793_606_400_000)) == "2026-11"
    assert [month_name(MONTH + months) for months in (1, 2)] == ["2026-12", "2027-01"]
    for text in ("2026-13", "2026-1", "1999-01", "2026-11-01", ""):
        with pytest.raises(LegalError):
            read_month(text)


VECTOR = (
    "015f025c52dea533140f6af0ca4f1f56319ef108491076757b905715b824fdddefe5609ef81674f969f31a819accc6ecfffb"
    "1554a7b2e99d4a6322ad2fa72911b766bb3976e79452ca21f23349336f6d366e72d05e7702c6dff0cf512727ea523dc7a466"
    "93155cdafb25088345a6c636651c86bb147880497be82f2d27"
)
