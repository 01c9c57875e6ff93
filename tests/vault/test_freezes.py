"""Freezing a person, a courier or a credential by one call, and honey tokens. On both databases."""

import pytest

from tests.support.vault import TENANT, Vault, submitted
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.item import ItemError
from vault.policy import View
from vault.protection.errors import FreezeNotFoundError, SamePersonError
from vault.protection.freeze import FreezeReason, Frozen
from vault.protection.freezing import Asked
from vault.protection.honey import Honey
from vault.search import Probe
from vault.shredding import ShredReason
from vault.token import parse_many
from work.replay import Replay

CUSTOMER = "cust-1001"
ABUSE = FreezeReason.SUSPECTED_ABUSE
SERVICE = "INSERT INTO credential (tenant, id, name, role, scopes, test, bootstrap, created_at) VALUES "


@pytest.fixture
def credential(vault: Vault) -> int:
    """The number of the service's credential, which the web edge stores."""
    number = vault.caller().credential
    vault.damage("INSERT INTO tenant (id, name, region, created_at) VALUES (1, 'default', 'CN', 0)")
    vault.damage(f"{SERVICE} (1, :id, 'orders', 'service', '', false, false, 0)", id=number)
    return number


def subject(name: str = CUSTOMER) -> Asked:
    return Asked(Frozen.SUBJECT, name, None, ABUSE)


def test_a_frozen_persons_data_is_used_by_nobody_in_any_process_until_another_person_lifts_it(vault: Vault) -> None:
    token, other = vault.token(), vault.another_process()
    assert other.seen(token) == ["13812345678"]
    frozen = vault.freezing.freeze(vault.caller("risk"), subject())
    assert other.seen(token) == ["frozen"]
    with pytest.raises(SamePersonError):
        other.freezing.lift(vault.caller("risk"), frozen.freeze.id)
    assert other.seen(token) == ["frozen"]
    assert other.freezing.lift(vault.caller("privacy_officer"), frozen.freeze.id).subject == CUSTOMER
    assert other.seen(token) == ["13812345678"]


def test_a_frozen_courier_sees_nothing_and_their_own_data_stays_usable(vault: Vault) -> None:
    own, token = vault.token(submitted(subject="rider-1")), vault.token()
    vault.assign("o-1", "rider-1")
    vault.freezing.freeze(vault.caller("risk"), Asked(Frozen.COURIER, "rider-1", None, FreezeReason.LOST_DEVICE))
    courier = vault.caller(courier="rider-1")
    assert vault.another_process().seen(token, view=View.MASKED, caller=courier) == ["frozen"]
    assert vault.seen(own) == ["13812345678"]


def test_a_frozen_credential_is_shown_nothing_even_by_a_call_that_is_under_way(vault: Vault, credential: int) -> None:
    token = vault.token()
    vault.freezing.freeze(
        vault.caller("risk"), Asked(Frozen.CREDENTIAL, None, credential, FreezeReason.LEAKED_CREDENTIAL)
    )
    assert vault.another_process().seen(token) == ["frozen"]
    (found,) = vault.searching.search(
        vault.caller(), [Probe("phone", "13812345678")], purpose="delivery", ref="", limit=1
    )
    assert isinstance(found, ItemError)
    assert found.reason == "frozen"
    assert vault.sql("SELECT count(*) FROM credential WHERE frozen_at IS NOT NULL") == [(1,)]


def test_freezing_what_is_frozen_gives_the_freeze_there_is(vault: Vault, credential: int) -> None:
    vault.token()
    for asked in (subject(), Asked(Frozen.CREDENTIAL, None, credential, ABUSE)):
        first, again = (vault.freezing.freeze(vault.caller(role), asked) for role in ("risk", "privacy_officer"))
        assert again == first
    assert [one.freeze.id for one in vault.freezing.page(vault.caller("risk"), after=0, limit=1)] == [1]


def test_nobody_who_is_not_there_is_frozen_and_nothing_lifted_twice(vault: Vault) -> None:
    vault.token()
    officer, risk = vault.caller("privacy_officer"), vault.caller("risk")
    for asked in (
        subject("cust-9"),
        Asked(Frozen.CREDENTIAL, None, 99, ABUSE),
        Asked(Frozen.COURIER, "r-9", None, ABUSE),
    ):
        with pytest.raises(NotFoundError):
            vault.freezing.freeze(risk, asked)
    frozen = vault.freezing.freeze(risk, subject()).freeze.id
    vault.freezing.lift(officer, frozen)
    for number in (frozen, 99):
        with pytest.raises(FreezeNotFoundError):
            vault.freezing.lift(officer, number)


@pytest.mark.parametrize("role", ["service", "support", "courier", "merchant", "auditor", "admin"])
def test_a_role_that_may_not_freeze_is_refused_and_recorded(vault: Vault, role: str) -> None:
    caller = vault.caller(role)
    with pytest.raises(DeniedError):
        vault.freezing.freeze(caller, subject())
    assert [(e["outcome"], e["reason"]) for e in vault.entries(request=caller.request)] == [("denied", "policy")]


def test_the_older_call_does_not_lift_a_freeze_that_takes_another_person(vault: Vault) -> None:
    vault.token()
    vault.freezing.freeze(vault.caller("risk"), subject())
    with pytest.raises(DeniedError):
        vault.shredding.unfreeze(vault.caller("risk"), CUSTOMER)
    assert vault.sql("SELECT state FROM subject") == [("frozen",)]


def test_erasing_lets_go_of_whom_a_freeze_named_and_opens_nothing(vault: Vault) -> None:
    token = vault.token()
    frozen = vault.freezing.freeze(vault.caller("risk"), subject()).freeze.id
    vault.shredding.shred(vault.caller("privacy_officer"), CUSTOMER, ShredReason.TEST)
    assert vault.sql("SELECT target FROM access_freeze") == [(-1,)]
    with pytest.raises(FreezeNotFoundError):
        vault.freezing.lift(vault.caller("privacy_officer"), frozen)
    assert vault.seen(token) == ["not_found"]
    with pytest.raises((NotFoundError, SubjectErasedError)):
        vault.freezing.freeze(vault.caller("risk"), subject())


def test_freezes_are_recorded_by_pseudonym_and_number(vault: Vault) -> None:
    vault.token()
    frozen = vault.freezing.freeze(vault.caller("risk"), subject()).freeze.id
    vault.freezing.lift(vault.caller("privacy_officer"), frozen)
    entries = [entry for name in ("vault.freeze", "vault.unfreeze") for entry in vault.entries(action=name)]
    assert [(entry["outcome"], entry["rows"], len(entry["subjects"])) for entry in entries] == [
        ("done", [frozen], 1)
    ] * 2


def honey(vault: Vault, *, freezes: bool = False) -> str:
    return vault.honey.make(vault.caller("privacy_officer"), "phone", "crm_export", freezes=freezes)


def listed(vault: Vault) -> list[Honey]:
    return vault.honey.page(vault.caller("privacy_officer"), after=0, limit=10)


def test_a_honey_token_has_the_form_of_every_other(vault: Vault) -> None:
    keys = vault.keyring.of(TENANT)
    real, trap, again = vault.token(), honey(vault), vault.token(submitted("13987654321"))
    parsed = [one for one in parse_many(keys.tokens, tenant=TENANT, texts=[real, trap, again]) if one is not None]
    assert [(one.kind, one.version) for one in parsed] == [(parsed[0].kind, parsed[0].version)] * 3
    assert [one.row for one in parsed] == sorted(one.row for one in parsed)


def test_a_honey_token_answers_like_one_whose_record_is_gone_and_raises_the_alarm(vault: Vault) -> None:
    gone, trap = vault.token(), honey(vault)
    vault.tokens.revoke(vault.caller(), gone)
    caller = vault.caller()
    answers = vault.another_process().detokenize(gone, trap, caller=caller)
    assert answers[0] == answers[1]
    alarms = [entry for entry in vault.entries(request=caller.request) if entry["action"] == "vault.honey_trip"]
    assert [(alarm["count"], alarm["actor"]["id"]) for alarm in alarms] == [(1, caller.credential)]
    assert vault.gates.alarms == [1]
    assert [(one.place, one.trips) for one in listed(vault)] == [("crm_export", 1)]
    with pytest.raises(NotFoundError):
        vault.tokens.get(vault.caller(), trap)
    assert listed(vault)[0].trips == 2


def test_tokens_that_are_no_honey_raise_no_alarm(vault: Vault) -> None:
    token, gone = vault.token(), vault.token(submitted("13987654321"))
    honey(vault)
    vault.tokens.revoke(vault.caller(), gone)
    vault.seen(token, gone, "tok_nothing")
    assert (vault.gates.alarms, listed(vault)[0].trips) == ([], 0)


def test_who_presents_a_honey_token_that_freezes_is_frozen_in_the_same_moment(vault: Vault, credential: int) -> None:
    token, trap = vault.token(), honey(vault, freezes=True)
    vault.seen(trap)
    assert vault.another_process().seen(token) == ["frozen"]
    (frozen,) = vault.freezing.page(vault.caller("risk"), after=0, limit=10)
    assert (frozen.freeze.kind, frozen.freeze.target, frozen.freeze.frozen_by) == (Frozen.CREDENTIAL, credential, 0)
    vault.freezing.lift(vault.caller("risk"), frozen.freeze.id)
    assert vault.seen(token) == ["13812345678"]


def test_a_repeated_call_gives_the_honey_token_again_and_makes_no_second(vault: Vault) -> None:
    officer = vault.caller("privacy_officer")
    replay = Replay(TENANT, officer.credential, "/v1/honey-tokens", "k-1", b"{}")
    first, again = (vault.honey.make(officer, "phone", "crm", freezes=False, replay=replay) for _ in range(2))
    assert first == again
    assert len(listed(vault)) == 1


def test_only_those_who_answer_for_it_make_honey_tokens(vault: Vault) -> None:
    for role in ("service", "support", "courier", "merchant", "admin"):
        with pytest.raises(DeniedError):
            vault.honey.make(vault.caller(role), "phone", "crm", freezes=False)
