"""Decisions: what allows, what denies, for how long an answer holds, and that the past is answered alike for ever."""

import random
from collections.abc import Sequence
from time import monotonic
from typing import Any

import pytest

from audit.entry import Reason
from consent.records.asking import Asked
from consent.records.decision import Question
from consent.records.judgement import Evidence
from consent.records.standing import State
from database.changes import KEPT_SECONDS
from tests.consent.desk import PAPER, PLACE, SHARING, SMS, Desk, guarded, reworded
from tests.support.vault import OTHER_TENANT, TENANT, Vault
from vault.policy import View

ALICE = "cust-1001"
SAMPLED = 10_000


@pytest.fixture
def desk(vault: Vault) -> Desk:
    return Desk(vault)


@pytest.fixture
def quick(vault: Vault) -> Desk:
    """A desk that may answer from memory, as in a deployment."""
    return Desk(vault, clock=monotonic)


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"purpose": "delivery"}, "allow"),
        ({"purpose": "delivery", "kind": "address"}, "allow"),
        ({"purpose": "delivery", "kind": "bank_card"}, "not_necessary"),
        ({"purpose": "telepathy"}, "unknown_purpose"),
        ({"purpose": SMS}, "no_record"),
        ({"purpose": SMS, "kind": "address"}, "not_necessary"),
        ({"purpose": SMS, "recipient": "nobody"}, "recipient_not_covered"),
    ],
)
def test_what_is_decided_of_a_stranger(desk: Desk, asked: dict[str, Any], word: str) -> None:
    assert desk.word("cust-9999", **asked) == word


def test_a_consent_covers_the_recipients_that_its_notice_named(desk: Desk) -> None:
    desk.give(ALICE)
    assert desk.word(ALICE, recipient="sms_gateway", kind="phone") == "allow"
    desk.vault.clock.advance(seconds=1)

    def another(source: dict[str, Any]) -> None:
        reworded(SMS, 2, material=True)(source)
        source["recipients"]["sms_gateway_2"] = source["recipients"]["sms_gateway"]
        source["purposes"][SMS]["recipients"] = {"sms_gateway_2": ["phone"]}

    desk.publish(another, version=2)
    assert desk.word(ALICE, recipient="sms_gateway") == "recipient_not_covered"
    assert desk.word(ALICE, recipient="sms_gateway_2") == "stale_notice"


def test_what_rests_on_consent_holds_for_a_second_and_no_longer_than_the_consent(desk: Desk) -> None:
    desk.give(ALICE)
    assert desk.ask(ALICE).ttl == 1.0
    assert desk.ask(ALICE, "delivery").ttl > 1.0
    desk.give(ALICE, PLACE, expires_in=1)
    desk.vault.clock.advance(seconds=0.8)
    assert desk.ask(ALICE, PLACE).ttl == pytest.approx(0.2)


def test_people_of_two_tenants_with_one_id_are_two(desk: Desk) -> None:
    desk.give(ALICE)
    assert desk.word(ALICE, tenant=OTHER_TENANT) == "no_record"


def test_a_consent_and_its_end_count_at_once_where_answers_are_kept(quick: Desk) -> None:
    for _ in range(3):
        assert quick.word(ALICE) != "allow"
        quick.give(ALICE)
        assert quick.word(ALICE) == "allow"
        assert quick.word(ALICE) == "allow"
        quick.withdraw(ALICE)
        until = monotonic() + 30
        while quick.word(ALICE) == "allow":  # On PostgreSQL the word of it takes a moment.
            assert monotonic() < until


def test_a_kept_answer_is_no_older_than_it_says(quick: Desk) -> None:
    quick.give(ALICE)
    quick.ask(ALICE)
    kept = quick.ask(ALICE)
    assert kept.verdict.allowed
    assert 1.0 - KEPT_SECONDS - 0.001 <= kept.ttl <= 1.0
    assert kept.instant <= quick.now()


def test_the_gate_asks_no_database_for_what_rests_on_a_contract(vault: Vault) -> None:
    desk = Desk(vault, clock=monotonic)
    desk.gated(ALICE, "delivery")
    seen: list[str] = []
    vault.database._observe = lambda text, _tenant: seen.append(text)
    assert desk.gated(ALICE, "delivery") is None
    assert not [text for text in seen if "consent_" in text]
    assert desk.gated(ALICE, SMS) is Reason.NO_CONSENT
    assert len([text for text in seen if "consent_" in text]) == 1


def test_the_vault_refuses_records_and_explains_what_lacks_a_consent(vault: Vault) -> None:
    desk = Desk(vault)
    guarded(vault, desk)
    token = desk.token(ALICE)
    assert vault.seen(token, purpose=SMS) == ["no_consent"]
    desk.give(ALICE)
    assert vault.seen(token, purpose=SMS) == ["13812345678"]
    assert vault.seen(token, purpose=SMS, view=View.MASKED) == ["138****5678"]
    desk.withdraw(ALICE)
    assert vault.seen(token, purpose=SMS) == ["no_consent"]
    assert vault.seen(token) == ["13812345678"]
    number = desk.number(ALICE)
    at = desk.now() // 1000

    def causes(tx: Any) -> Any:
        return desk.gate.causes(tx, [number], SMS, at)

    assert vault.database.read(TENANT, causes) == {"withdrawn": 1}


def test_a_batch_of_the_vault_is_decided_by_one_statement(vault: Vault) -> None:
    desk = Desk(vault, clock=monotonic)
    guarded(vault, desk)
    people = [f"cust-{number}" for number in range(20)]
    tokens = [desk.token(subject) for subject in people]
    for subject in people[::2]:
        desk.say(subject, SMS, evidence=PAPER)
    desk.gated(ALICE)
    seen: list[str] = []
    vault.database._observe = lambda text, _tenant: seen.append(text)
    answers = vault.seen(*tokens, purpose=SMS)
    assert answers == ["13812345678", "no_consent"] * 10
    assert len([text for text in seen if "consent_current" in text]) == 1


def test_an_overview_tells_how_a_person_stood(desk: Desk) -> None:
    desk.give(ALICE)
    then = desk.now()
    desk.vault.clock.advance(seconds=5)
    desk.withdraw(ALICE)
    now, before = desk.overview(ALICE), desk.overview(ALICE, then)
    assert (now.verdicts[SMS].reason, before.verdicts[SMS].reason) == ("withdrawn", "given")
    assert (now.held.epoch, before.held.epoch) == (2, 1)
    assert now.verdicts[SHARING].reason == "no_record"


def test_ten_thousand_past_decisions_are_answered_as_they_were_given(desk: Desk) -> None:
    draw = random.Random(5)
    people = [f"cust-{number}" for number in range(60)]
    purposes = [SMS, SHARING, PLACE, "marketing_call", "delivery"]
    asked: list[Asked] = []
    answered: list[object] = []
    for turn in range(40):
        desk.vault.clock.advance(seconds=draw.uniform(0.001, 40_000))
        desk.record(*(_said(desk, draw, people, purposes) for _ in range(20)))
        if turn in {12, 27}:
            desk.publish(reworded(SMS, turn, material=turn == 27), version=turn)
            desk.vault.clock.advance(microseconds=1)
        if turn % 10 == 9:
            desk.expiry.run(desk.now() // 1000)
        desk.vault.clock.advance(microseconds=draw.randint(1, 900))
        now = desk.now()
        sample = [_question(draw, people, purposes) for _ in range(SAMPLED // 40)]
        answered += [_told(one) for one in desk.decisions.decide(TENANT, sample)]
        asked += [one._replace(instant=now) for one in sample]
        desk.vault.clock.advance(microseconds=1)
    desk.vault.clock.advance(days=900)
    desk.publish(reworded(SMS, 99, material=True), version=99)
    again = [_told(one) for one in desk.decisions.decide(TENANT, asked)]
    assert len(again) == SAMPLED
    assert again == answered
    assert len({str(one) for one in answered}) > 100


def _said(desk: Desk, draw: random.Random, people: Sequence[str], purposes: Sequence[str]) -> Any:
    state = draw.choice([State.GIVEN, State.GIVEN, State.REFUSED, State.WITHDRAWN, State.DEFERRED])
    ends = draw.choice([None, 100_000, 5])
    subject, purpose = draw.choice(people), draw.choice(purposes)
    return desk.submission(subject, purpose, state, evidence=Evidence("paper"), expires_in=ends)


def _question(draw: random.Random, people: Sequence[str], purposes: Sequence[str]) -> Asked:
    kind = draw.choice([None, "phone", "geo"])
    return Asked(draw.choice(people), Question(draw.choice(purposes), kind, draw.choice([None, "sms_gateway"])))


def _told(answer: Any) -> object:
    """All of an answer but for how long it might be kept."""
    return answer.verdict, answer.epoch
