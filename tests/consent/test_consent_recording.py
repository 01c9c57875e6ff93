"""What may be recorded of a person's consent, and what is refused with which code."""

from typing import Any

import pytest

from audit.entry import Reason
from consent.errors import AtomicConsentsError, RecentlyRefusedError, UnknownPurposesError
from consent.records.judgement import Evidence, Fault
from consent.records.recording import Recorded
from consent.records.standing import ExpressedBy, State
from database.columns import millis
from tests.consent.desk import PAPER, PLACE, SHARING, SMS, Desk, reworded
from tests.support.vault import OTHER_TENANT, TENANT, Vault
from vault.shredding import ShredReason
from work.errors import IdempotencyMismatchError
from work.replay import Replay

ALICE = "cust-1001"
BOB = "cust-1002"
GUARDIAN = ExpressedBy.GUARDIAN


@pytest.fixture
def desk(vault: Vault) -> Desk:
    return Desk(vault)


def test_a_consent_over_a_presentation_allows_and_keeps_the_exact_wording(desk: Desk) -> None:
    shown = desk.present(ALICE, SMS, locale="zh-TW", channel="web")
    answer = desk.say(ALICE, SMS, token=shown.token)
    assert isinstance(answer, Recorded)
    assert (answer.state, answer.epoch, answer.notice_version, answer.changed) == (State.GIVEN, 1, 1, True)
    (event,) = desk.reading.history(desk.caller(), ALICE, after=0, limit=10)
    notice = shown.notices[0]
    assert (event.locale, event.wording) == ("zh-Hant", bytes.fromhex(notice.texts[shown.locale].digest))
    assert (event.channel, event.shown, sorted(event.event.recipients)) == ("web", (SMS,), ["sms_gateway"])
    assert desk.word(ALICE) == "allow"


def test_a_withdrawal_takes_no_presentation_no_reason_and_no_earlier_consent(desk: Desk) -> None:
    desk.give(ALICE)
    for subject in (ALICE, BOB):
        answer = desk.withdraw(subject)
        assert isinstance(answer, Recorded)
        assert answer.state is State.WITHDRAWN
        assert desk.word(subject) == "withdrawn"


def test_a_repeated_withdrawal_changes_nothing_more(desk: Desk) -> None:
    first, again = desk.withdraw(ALICE), desk.withdraw(ALICE)
    assert isinstance(first, Recorded)
    assert isinstance(again, Recorded)
    assert (again.event, again.epoch, again.changed) == (first.event, first.epoch, False)


def test_a_frozen_person_can_withdraw_and_refuse_but_not_consent(desk: Desk) -> None:
    desk.give(ALICE)
    desk.vault.shredding.freeze(desk.vault.caller("privacy_officer"), ALICE)
    assert desk.say(ALICE, PLACE, evidence=PAPER) is Fault.FROZEN
    assert isinstance(desk.say(ALICE, PLACE, State.REFUSED), Recorded)
    assert isinstance(desk.withdraw(ALICE), Recorded)
    assert desk.word(ALICE) == "withdrawn"


@pytest.mark.parametrize(
    ("wish", "said", "fault"),
    [
        ({}, {}, None),
        ({"ticked": frozenset({SMS})}, {}, Fault.PRE_TICKED),
        ({}, {"wording": b"\x00" * 32}, Fault.WORDING_MISMATCH),
        ({}, {"kinds": frozenset({"phone"})}, None),
        ({}, {"kinds": frozenset({"phone", "address"})}, Fault.NOT_NECESSARY),
        ({}, {"child": True}, Fault.MINOR_WITHOUT_GUARDIAN),
        ({}, {"child": True, "expressed_by": GUARDIAN}, Fault.MINORS_EXCLUDED),
    ],
)
def test_a_presentation_proves_a_consent_only_if(
    desk: Desk, wish: dict[str, Any], said: dict[str, Any], fault: Fault | None
) -> None:
    answer = desk.say(ALICE, SMS, token=desk.shown(ALICE, SMS, **wish), **said)
    assert (answer if isinstance(answer, Fault) else None) is fault
    assert desk.word(ALICE) == ("allow" if fault is None else "no_record")


def test_a_consent_without_any_proof_is_refused(desk: Desk) -> None:
    assert desk.say(ALICE, SMS) is Fault.PROOF_MISSING


def test_a_presentation_ends_after_an_hour(desk: Desk) -> None:
    token = desk.shown(ALICE, SMS)
    desk.vault.clock.advance(minutes=59, seconds=59)
    early = desk.submission(ALICE, SMS, token=token)
    desk.vault.clock.advance(seconds=1)
    assert desk.record(early) == [Fault.EXPIRED]


def test_a_presentation_is_good_for_its_person_its_purposes_and_its_tenant_only(desk: Desk) -> None:
    token = desk.shown(ALICE, SMS)
    assert desk.say(BOB, SMS, token=token) is Fault.OTHER_SUBJECT
    assert desk.say(ALICE, PLACE, token=token) is Fault.NOT_SHOWN
    assert desk.say(ALICE, SMS, token=token, tenant=OTHER_TENANT) is Fault.FOREIGN_TENANT
    assert desk.say(ALICE, SMS, token=token[:-4] + "AAAA") is Fault.PRESENTATION_INVALID


@pytest.mark.parametrize("purpose", [SHARING, PLACE, "cross_border"])
def test_a_separate_consent_is_not_given_together_with_anything_else(desk: Desk, purpose: str) -> None:
    token = desk.shown(ALICE, SMS, purpose)
    assert desk.say(ALICE, purpose, token=token) is Fault.BUNDLED
    assert desk.say(ALICE, purpose, evidence=PAPER._replace(shown=(SMS, purpose))) is Fault.BUNDLED
    assert isinstance(desk.say(ALICE, SMS, token=token), Recorded)
    assert isinstance(desk.say(ALICE, purpose, token=desk.shown(ALICE, purpose)), Recorded)


def test_evidence_of_a_pre_ticked_box_is_no_consent(desk: Desk) -> None:
    assert desk.say(ALICE, SMS, evidence=PAPER._replace(ticked=True)) is Fault.PRE_TICKED


def test_evidence_names_a_notice_that_was_published(desk: Desk) -> None:
    assert desk.say(ALICE, SMS, evidence=PAPER._replace(version=7)) is Fault.UNKNOWN_NOTICE
    assert desk.say(ALICE, SMS, evidence=PAPER._replace(locale="fr")) is Fault.UNKNOWN_NOTICE
    assert isinstance(desk.say(ALICE, SMS, evidence=PAPER._replace(version=1, locale="en")), Recorded)


def test_evidence_tells_of_the_past_and_not_of_the_future(desk: Desk) -> None:
    now = millis(desk.vault.clock())
    assert desk.say(ALICE, SMS, evidence=PAPER._replace(at=now + 1)) is Fault.IN_THE_FUTURE
    answer = desk.say(ALICE, SMS, evidence=PAPER._replace(at=now - 86_400_000))
    assert isinstance(answer, Recorded)
    assert answer.valid_until == now + 364 * 86_400_000


def test_older_evidence_does_not_undo_what_was_said_since(desk: Desk) -> None:
    now = millis(desk.vault.clock())
    desk.withdraw(ALICE)
    answer = desk.say(ALICE, SMS, evidence=PAPER._replace(at=now - 1))
    assert isinstance(answer, Recorded)
    assert (answer.state, answer.changed) == (State.WITHDRAWN, False)


def test_a_child_is_known_by_the_birth_date_in_the_vault(desk: Desk) -> None:
    desk.vault.profiles.put(
        desk.vault.caller(), ALICE, {"birth_date": "2015-03-01"}, type_="customer", purpose="account"
    )
    token = desk.shown(ALICE, PLACE)
    assert desk.say(ALICE, PLACE, token=token, child=False) is Fault.MINOR_WITHOUT_GUARDIAN
    assert isinstance(desk.say(ALICE, PLACE, token=token, expressed_by=GUARDIAN), Recorded)
    assert desk.overview(ALICE).held.child


def test_fourteen_is_old_enough(desk: Desk) -> None:
    born = desk.vault.clock().date().replace(year=desk.vault.clock().year - 14)
    desk.vault.profiles.put(
        desk.vault.caller(), ALICE, {"birth_date": born.isoformat()}, type_="customer", purpose="account"
    )
    assert isinstance(desk.say(ALICE, PLACE, token=desk.shown(ALICE, PLACE)), Recorded)


def test_what_a_child_has_agreed_to_falls_when_it_is_known_as_one(desk: Desk) -> None:
    desk.give(ALICE, SMS)
    desk.give(ALICE, PLACE)
    desk.say(ALICE, PLACE, token=desk.shown(ALICE, PLACE), child=True, expressed_by=GUARDIAN)
    assert desk.word(ALICE, SMS) == "invalidated"
    assert desk.word(ALICE, PLACE) == "allow"


def test_who_has_refused_is_not_asked_again_before_the_time_is_up(desk: Desk) -> None:
    desk.say(ALICE, SMS, State.REFUSED, token=desk.shown(ALICE, SMS))
    assert desk.word(ALICE) == "refused"
    desk.vault.clock.advance(days=179, hours=23)
    with pytest.raises(RecentlyRefusedError) as refused:
        desk.present(ALICE, PLACE, SMS)
    assert list(refused.value.places) == [1]
    assert desk.present(ALICE, SMS, by_person=True).token
    assert desk.present(ALICE, PLACE).token
    desk.vault.clock.advance(hours=1)
    assert desk.present(ALICE, SMS).token


def test_later_is_no_answer_and_takes_nothing_away(desk: Desk) -> None:
    assert isinstance(desk.say(BOB, SMS, State.DEFERRED), Recorded)
    assert desk.word(BOB) == "deferred"
    desk.give(ALICE)
    desk.say(ALICE, SMS, State.DEFERRED)
    assert desk.word(ALICE) == "allow"


def test_a_purpose_that_nobody_knows_is_neither_shown_nor_recorded(desk: Desk) -> None:
    with pytest.raises(UnknownPurposesError):
        desk.present(ALICE, SMS, "telepathy")
    assert desk.say(ALICE, "telepathy", evidence=PAPER) is Fault.UNKNOWN_PURPOSE
    assert desk.say(ALICE, "telepathy", State.WITHDRAWN) is Fault.UNKNOWN_PURPOSE
    assert all(entry.get("purpose") != "telepathy" for entry in desk.vault.entries())


def test_a_material_change_makes_consents_stale_and_another_one_does_not(desk: Desk) -> None:
    desk.give(ALICE)
    old = desk.shown(ALICE, SMS)
    desk.publish(reworded(SMS, 2, material=False), version=2)
    assert desk.word(ALICE) == "allow"
    assert isinstance(desk.say(BOB, SMS, evidence=PAPER._replace(version=1)), Recorded)
    desk.vault.clock.advance(seconds=1)
    desk.publish(reworded(SMS, 3, material=True), version=3)
    assert desk.word(ALICE) == "stale_notice"
    assert desk.say(ALICE, SMS, token=old) is Fault.STALE_NOTICE
    answer = desk.give(ALICE)
    assert isinstance(answer, Recorded)
    assert (answer.state, answer.notice_version) == (State.RENEWED, 3)
    assert desk.word(ALICE) == "allow"


def test_a_batch_has_errors_in_their_places_and_an_atomic_one_stands_or_falls(desk: Desk) -> None:
    good, bad = desk.submission(ALICE, SMS, evidence=PAPER), desk.submission(BOB, SMS)
    with pytest.raises(AtomicConsentsError) as failed:
        desk.record(good, bad, atomic=True)
    assert failed.value.errors == [(1, "proof_missing")]
    assert desk.word(ALICE) == "no_record"
    stored, refused = desk.record(good, bad)
    assert isinstance(stored, Recorded)
    assert refused is Fault.PROOF_MISSING


def test_a_batch_of_one_person_counts_its_epochs_in_order(desk: Desk) -> None:
    items = [desk.submission(ALICE, SMS, state) for state in (State.WITHDRAWN, State.REFUSED, State.WITHDRAWN)]
    answers = desk.record(*items)
    assert [answer.epoch for answer in answers if isinstance(answer, Recorded)] == [1, 2, 3]
    assert desk.ask(ALICE).epoch == 3


def test_a_repeated_call_gets_the_first_answer_and_acts_once(desk: Desk) -> None:
    replay = Replay(TENANT, 1, "/v1/consents", "key-1", b"body")
    items = [desk.submission(ALICE, SMS, evidence=PAPER), desk.submission(BOB, SMS)]
    first = desk.record(*items, replay=replay)
    desk.withdraw(ALICE)
    assert desk.record(*items, replay=replay) == first
    assert desk.word(ALICE) == "withdrawn"
    with pytest.raises(IdempotencyMismatchError):
        desk.record(*items, replay=Replay(TENANT, 1, "/v1/consents", "key-1", b"another"))


def test_an_erased_person_cannot_consent_and_leaves_evidence_that_leads_to_nobody(vault: Vault) -> None:
    desk = Desk(vault)
    vault.gates.listeners.append(desk.erasure)
    desk.say(ALICE, SMS, evidence=Evidence("paper", b"\x07" * 32), channel="shop")
    vault.shredding.shred(vault.caller("privacy_officer"), ALICE, ShredReason.TEST)
    assert desk.word(ALICE) == "no_record"
    assert desk.say(ALICE, SMS, evidence=PAPER) is Fault.SUBJECT_ERASED
    (row,) = vault.sql("SELECT purpose, notice_version, wording, evidence, evidence_digest, channel FROM consent_event")
    assert row[:2] == (SMS, 1)
    assert row[2] is not None
    assert row[3:] == (None, None, None)
    assert vault.sql("SELECT * FROM consent_current") == []


def test_every_change_and_refusal_is_in_the_log_under_the_person_pseudonym(desk: Desk) -> None:
    answer = desk.give(ALICE)
    desk.say(ALICE, SHARING, token=desk.shown(ALICE, SMS, SHARING))
    desk.withdraw(ALICE)
    assert isinstance(answer, Recorded)
    (given, denied) = desk.vault.entries(action="consent.give")
    assert (given["outcome"], given["purpose"], given["rows"]) == ("done", SMS, [answer.event])
    assert (denied["outcome"], denied["reason"], denied["purpose"]) == ("denied", Reason.BUNDLED, SHARING)
    assert given["subjects"] == denied["subjects"]
    assert len(desk.vault.entries(action="consent.withdraw")) == 1


def test_an_event_names_its_act_in_the_log(desk: Desk) -> None:
    desk.give(ALICE)
    ((act,),) = desk.vault.sql("SELECT act FROM consent_event")
    ((action,),) = desk.vault.sql("SELECT action FROM audit_act WHERE id = :act", act=act)
    assert action == "consent.give"


def test_what_has_run_out_is_denied_at_once_and_noted_by_the_next_round(desk: Desk) -> None:
    desk.give(ALICE, expires_in=60)
    desk.vault.clock.advance(seconds=59.999)
    assert desk.word(ALICE) == "allow"
    desk.vault.clock.advance(seconds=0.001)
    assert desk.word(ALICE) == "expired"
    assert desk.gated(ALICE) is Reason.NO_CONSENT
    assert desk.expiry.run(millis(desk.vault.clock())) == 1
    assert desk.expiry.run(millis(desk.vault.clock())) == 0
    assert desk.word(ALICE) == "expired"
    assert [one.event.state for one in desk.reading.history(desk.caller(), ALICE, after=0, limit=9)] == [
        State.GIVEN,
        State.EXPIRED,
    ]
