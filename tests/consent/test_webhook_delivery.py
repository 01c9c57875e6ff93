"""Deliveries: once the change commits they arrive, signed, in order for each person, withdrawals first, until they are taken."""

import base64
import hmac
from collections.abc import Iterator
from functools import partial

import pytest

from audit.reader import AuditReader, Selection
from consent.ports import ConsentChange
from consent.webhook.change import Topic
from consent.webhook.errors import OriginRefusedError, TooManyWebhooksError, WebhookNotFoundError
from consent.webhook.state import DeliveryState, Failure, WebhookState
from consent.webhook.subscription import SUBSCRIPTIONS_AT_MOST
from database.columns import metadata, millis
from database.statement import Statement
from database.transaction import Transaction
from tests.consent.hooks import Hooks
from tests.support.receiver import Received, Receiver, receiving
from tests.support.vault import OTHER_TENANT, TENANT, Vault
from vault.shredding import ShredReason
from work.backoff import ATTEMPTS_AT_MOST
from work.errors import IdempotencyMismatchError
from work.replay import Replay

DAY_SECONDS = 86_400


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def hooks(vault: Vault, receiver: Receiver) -> Hooks:
    return Hooks(vault, receiver)


def verified(text: str, call: Received) -> bool:
    """As a subscriber does it, with nothing of the service."""
    key = base64.b64decode(text.removeprefix("whsec_"))
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    mine = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return mine in call.headers["webhook-signature"].split(" ")


def test_a_change_is_told_to_who_asked_for_it_signed_and_with_ids_and_codes_only(
    hooks: Hooks, receiver: Receiver
) -> None:
    _, secret = hooks.subscribe(Topic.WITHDRAWN)
    alice = hooks.person("cust-1001")
    hooks.change(alice, "given", "withdrawn", "deferred")
    assert hooks.carry() == 1
    (call,) = receiver.taken
    assert call.path == "/hook"
    assert verified(secret.reveal(), call)
    assert int(call.headers["webhook-timestamp"]) == millis(hooks.clock()) // 1000
    assert call.told == {
        "type": "consent.withdrawn",
        "timestamp": "2026-11-02T08:00:00.000Z",
        "data": {
            "event": "con_2",
            "subject": "cust-1001",
            "purpose": "marketing_sms",
            "state": "withdrawn",
            "notice_version": None,
            "epoch": 2,
        },
    }


def test_what_is_undone_with_its_transaction_is_told_to_nobody(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = hooks.subscribe()
    alice = hooks.person("cust-1001")

    class UndoneError(Exception):
        pass

    def work(tx: Transaction) -> None:
        change = ConsentChange(1, alice, "marketing_sms", "given", 1, 0, None)
        hooks.outbox.changed(tx, TENANT, [change], millis(hooks.clock()))
        raise UndoneError

    with pytest.raises(UndoneError):
        hooks.database.write(TENANT, work)
    assert (hooks.jobs(), hooks.pending(webhook)) == ([], [])
    assert receiver.calls == []


def test_withdrawals_go_first_and_each_person_is_told_of_in_order(hooks: Hooks, receiver: Receiver) -> None:
    hooks.subscribe()
    people = [hooks.person(f"cust-{number}") for number in range(12)]
    for person in people:
        hooks.change(person, "given", "refused", "given")
    hooks.clock.advance(seconds=1)
    hooks.change(people[11], "withdrawn")
    hooks.carry()
    told = [call.what for call in receiver.taken]
    of_last = [place for place, (_, who) in enumerate(told) if who == "cust-11"]
    assert [told[place][0] for place in of_last] == [
        "consent.given", "consent.refused", "consent.given", "consent.withdrawn",
    ]  # fmt: skip
    assert max(of_last) < 4 * 8, "they are in the first four rounds of eight"
    for number in range(11):
        assert [what for what, who in told if who == f"cust-{number}"] == [
            "consent.given", "consent.refused", "consent.given",
        ]  # fmt: skip


def test_a_failed_delivery_is_tried_again_later_with_the_same_id_and_body_and_holds_back_the_persons_next(
    hooks: Hooks, receiver: Receiver
) -> None:
    webhook, secret = hooks.subscribe()
    alice, bob = hooks.person("cust-1001"), hooks.person("cust-1002")
    receiver.answer = lambda call: 500 if call.what[1] == "cust-1001" else 200
    hooks.change(alice, "given")
    hooks.carry()
    hooks.change(alice, "expired")
    hooks.change(bob, "given")
    hooks.carry()
    assert [call.what for call in receiver.calls] == [("consent.given", "cust-1001"), ("consent.given", "cust-1002")]
    first, second = hooks.pending(webhook)
    assert (first.attempts, first.status, first.error) == (1, 500, Failure.STATUS)
    assert 1_000 <= first.next_at - millis(hooks.clock()) <= 2_000
    assert second.attempts == 0
    receiver.answer = lambda _: 204
    hooks.clock.advance(seconds=3)
    hooks.carriage.begin_due(millis(hooks.clock()))
    assert hooks.carry() == 2
    failed, _, again, after = receiver.calls
    assert (failed.headers["webhook-id"], failed.body) == (again.headers["webhook-id"], again.body)
    assert verified(secret.reveal(), again)
    assert after.what == ("consent.expired", "cust-1001")
    assert hooks.pending(webhook) == []


def test_a_withdrawal_does_not_wait_for_what_failed_before_it(hooks: Hooks, receiver: Receiver) -> None:
    hooks.subscribe()
    alice = hooks.person("cust-1001")
    receiver.answer = lambda _: 503
    hooks.change(alice, "given")
    for _ in range(8):
        hooks.carry()
        hooks.clock.advance(hours=7)
        hooks.carriage.begin_due(millis(hooks.clock()))
    hooks.carry()
    receiver.answer = lambda _: 200
    hooks.change(alice, "withdrawn")
    hooks.carry()
    assert [call.what[0] for call in receiver.taken] == ["consent.given", "consent.withdrawn"]


@pytest.mark.parametrize(
    ("status", "error"), [(302, Failure.REDIRECT), (400, Failure.STATUS), (404, Failure.STATUS), (429, Failure.STATUS)]
)
def test_every_other_answer_is_a_failure_and_redirects_are_not_followed(
    hooks: Hooks, receiver: Receiver, status: int, error: Failure
) -> None:
    webhook, _ = hooks.subscribe()
    receiver.answer = lambda _: status
    receiver.headers = {"Location": f"{receiver.origin}/elsewhere", "Retry-After": "600"}
    hooks.change(hooks.person("cust-1001"), "given")
    hooks.carry()
    assert [call.path for call in receiver.calls] == ["/hook"]
    (waits,) = hooks.pending(webhook)
    assert (waits.status, waits.error) == (status, error)
    assert waits.next_at == millis(hooks.clock()) + 600_000


def test_a_receiver_that_is_too_slow_or_away_has_not_taken_it(vault: Vault, receiver: Receiver) -> None:
    hooks = Hooks(vault, receiver, timeout=0.2)
    webhook, _ = hooks.subscribe()
    receiver.slow = 1.0
    hooks.change(hooks.person("cust-1001"), "given")
    hooks.carry()
    (waits,) = hooks.pending(webhook)
    assert (waits.status, waits.error, waits.state) == (None, Failure.NO_ANSWER, DeliveryState.QUEUED)


def test_a_receiver_that_is_gone_pauses_its_subscription_and_loses_nothing(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = hooks.subscribe()
    alice = hooks.person("cust-1001")
    receiver.answer = lambda _: 410
    hooks.change(alice, "given")
    hooks.carry()
    assert hooks.desk.get(TENANT, webhook.id).state is WebhookState.GONE
    receiver.answer = lambda _: 200
    hooks.change(alice, "withdrawn")
    hooks.clock.advance(hours=1)
    hooks.carriage.begin_due(millis(hooks.clock()))
    assert (hooks.carry(), receiver.taken) == (0, [])
    hooks.desk.resume(TENANT, webhook.id, hooks.by())
    hooks.carry()
    assert [call.what[0] for call in receiver.taken] == ["consent.given", "consent.withdrawn"]


def test_after_the_last_attempt_a_delivery_is_dead_and_can_be_replayed(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = hooks.subscribe()
    receiver.answer = lambda _: 500
    hooks.change(hooks.person("cust-1001"), "given")
    for _ in range(ATTEMPTS_AT_MOST):
        hooks.carry()
        hooks.clock.advance(hours=7)
        hooks.carriage.begin_due(millis(hooks.clock()))
    assert len(receiver.calls) == ATTEMPTS_AT_MOST
    (dead,) = hooks.pending(webhook, DeliveryState.DEAD)
    receiver.answer = lambda _: 200
    assert hooks.deliveries.replay(TENANT, webhook.id, [dead.id, 10**9], hooks.by()) == 1
    hooks.carry()
    assert receiver.taken[0].headers["webhook-id"] == receiver.calls[0].headers["webhook-id"]
    assert hooks.pending(webhook, DeliveryState.DEAD) == []
    assert hooks.deliveries.replay(TENANT, webhook.id, None, hooks.by()) == 0


def test_of_an_erased_person_nothing_is_told(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = hooks.subscribe()
    hooks.change(hooks.person("cust-1001"), "given")
    hooks.vault.shredding.shred(hooks.vault.caller("privacy_officer"), "cust-1001", ShredReason.ERASURE_REQUEST)
    hooks.carry()
    assert receiver.calls == []
    assert [one.error for one in hooks.pending(webhook, DeliveryState.DEAD)] == [Failure.ERASED]


def test_a_new_secret_signs_beside_the_old_one_for_the_overlap(hooks: Hooks, receiver: Receiver) -> None:
    webhook, old = hooks.subscribe()
    alice = hooks.person("cust-1001")
    new = hooks.desk.renew_secret(TENANT, webhook.id, DAY_SECONDS * 1000, hooks.by())
    hooks.change(alice, "given")
    hooks.carry()
    hooks.clock.advance(days=1, seconds=1)
    hooks.change(alice, "withdrawn")
    hooks.carry()
    during, after = receiver.taken
    assert (verified(old.reveal(), during), verified(new.reveal(), during)) == (True, True)
    assert (verified(old.reveal(), after), verified(new.reveal(), after)) == (False, True)


def test_one_job_carries_for_a_subscription_and_one_that_was_given_up_does_nothing(
    hooks: Hooks, receiver: Receiver
) -> None:
    webhook, _ = hooks.subscribe()
    alice = hooks.person("cust-1001")
    hooks.change(alice, "given")
    hooks.change(alice, "withdrawn")
    ((_, first),) = hooks.jobs()
    hooks.clock.advance(seconds=61)
    hooks.carriage.begin_due(millis(hooks.clock()))
    ((_, second),) = hooks.jobs()
    assert hooks.courier.round(TENANT, webhook.id, first) is None
    assert receiver.calls == []
    assert hooks.courier.round(TENANT, webhook.id, second) == 1


def test_a_carrier_does_not_leave_while_something_is_due_soon(hooks: Hooks) -> None:
    webhook, _ = hooks.subscribe()
    hooks.change(hooks.person("cust-1001"), "given")
    ((_, carrier),) = hooks.jobs()
    at = millis(hooks.clock())
    assert not hooks.carriage.leave(TENANT, webhook.id, carrier, at)
    hooks.courier.round(TENANT, webhook.id, carrier)
    assert hooks.carriage.leave(TENANT, webhook.id, carrier, at)
    hooks.change(hooks.person("cust-1002"), "given")
    assert len(hooks.jobs()) == 1


def test_subscriptions_and_deliveries_of_another_tenant_are_out_of_reach(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = hooks.subscribe()
    hooks.change(hooks.person("cust-1001", tenant=OTHER_TENANT), "given", tenant=OTHER_TENANT)
    assert hooks.carry(tenant=OTHER_TENANT) == 0
    for act in (
        lambda: hooks.desk.get(OTHER_TENANT, webhook.id),
        lambda: hooks.desk.pause(OTHER_TENANT, webhook.id, hooks.by()),
        lambda: hooks.desk.end(OTHER_TENANT, webhook.id, hooks.by()),
        lambda: hooks.desk.renew_secret(OTHER_TENANT, webhook.id, 0, hooks.by()),
        lambda: hooks.deliveries.replay(OTHER_TENANT, webhook.id, None, hooks.by()),
    ):
        with pytest.raises(WebhookNotFoundError):
            act()
    assert receiver.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/hook",
        "http://127.0.0.1:1/hook",
        "ORIGIN/hook?phone=13812345678",
        "ORIGIN/hook#x",
        "http://user:pass@127.0.0.1/",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_addresses_of_origins_that_the_operator_allows_can_be_subscribed(hooks: Hooks, url: str) -> None:
    with pytest.raises(OriginRefusedError):
        hooks.desk.subscribe(TENANT, url.replace("ORIGIN", hooks.receiver.origin), list(Topic), hooks.by())


def test_a_tenant_has_a_bounded_number_of_subscriptions(hooks: Hooks) -> None:
    for _ in range(SUBSCRIPTIONS_AT_MOST):
        hooks.subscribe()
    with pytest.raises(TooManyWebhooksError):
        hooks.subscribe()


def test_a_repeated_subscription_is_the_first_one_with_its_secret(hooks: Hooks) -> None:
    def call(body: bytes = b"{}") -> tuple[int, str]:
        replay = Replay(TENANT, 7, "POST /v1/webhooks", "key-1", body)
        made, secret = hooks.desk.subscribe(TENANT, f"{hooks.receiver.origin}/hook", list(Topic), hooks.by(), replay)
        return made.id, secret.reveal()

    first = call()
    assert call() == first
    with pytest.raises(IdempotencyMismatchError):
        call(b'{"other": 1}')
    assert len(hooks.desk.page(TENANT, after=0, limit=10)) == 1


def test_jobs_that_ended_a_day_ago_are_forgotten(hooks: Hooks) -> None:
    hooks.subscribe()
    hooks.change(hooks.person("cust-1001"), "given")
    assert hooks.carry() == 1
    jobs = Statement("SELECT count(*) FROM job WHERE tenant = :tenant")
    for hours, left in ((23, 1), (2, 0)):
        hooks.clock.advance(hours=hours)
        hooks.carriage.forget(millis(hooks.clock()))
        assert hooks.database.read(TENANT, lambda tx: tx.one(jobs, tenant=TENANT)) == (left,)


def test_neither_secrets_nor_the_ids_of_people_are_in_the_database(hooks: Hooks) -> None:
    _, secret = hooks.subscribe()
    hooks.change(hooks.person("cust-1001-visible"), "given")
    hooks.carry()
    texts = []
    for name in metadata.tables:
        for row in hooks.database.read(None, partial(Transaction.all, statement=Statement(f"SELECT * FROM {name}"))):
            texts += [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in row]
    assert not [text for text in texts if b"cust-1001-visible" in text or secret.expose() in text]
    assert not [text for text in texts if secret.reveal().encode() in text]


def test_the_log_tells_of_whom_was_told_and_of_every_change_of_a_subscription(hooks: Hooks, receiver: Receiver) -> None:
    webhook, _ = hooks.subscribe()
    hooks.change(hooks.person("cust-1001"), "given")
    receiver.answer = lambda _: 500
    hooks.carry()
    receiver.answer = lambda _: 200
    hooks.clock.advance(seconds=3)
    hooks.carriage.begin_due(millis(hooks.clock()))
    hooks.carry()
    hooks.desk.end(TENANT, webhook.id, hooks.by())
    page = AuditReader(hooks.database).page(Selection(tenant=TENANT), after=None, limit=500)
    told = [one.fields for one in page.entries if one.fields["action"].startswith("webhook.")]
    assert sorted((one["action"], one["outcome"]) for one in told) == [
        ("webhook.create", "done"),
        ("webhook.delete", "done"),
        ("webhook.deliver", "done"),
        ("webhook.deliver", "failed"),
    ]
    assert all(len(one["subjects"]) == 1 for one in told if one["action"] == "webhook.deliver")


def test_what_was_delivered_a_week_ago_is_forgotten(hooks: Hooks) -> None:
    webhook, _ = hooks.subscribe()
    hooks.change(hooks.person("cust-1001"), "given")
    hooks.carry()
    for days, left in ((6, 1), (2, 0)):
        hooks.clock.advance(days=days)
        hooks.deliveries.forget(millis(hooks.clock()))
        assert len(hooks.pending(webhook, DeliveryState.DELIVERED)) == left
