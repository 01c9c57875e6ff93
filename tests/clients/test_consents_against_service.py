"""The client's calls about consents against the real application, in this process, and what its operator imports."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moat_client.answers import Item, Revealed, Tokenized
from moat_client.client import Moat
from moat_client.consent_answers import Recorded, Said, Use
from moat_client.errors import ItemError, MoatError

from commands import DemoService, DemoStart

PHONE = "13800138000"
SMS = "marketing_sms"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[DemoService]:
    with DemoStart().opened(tmp_path / "data", tmp_path / "keys") as opened:
        yield opened


@pytest.fixture
def moat(service: DemoService) -> Moat:
    return Moat("http://moat.test", service.credential("service", "service", ()), transport=service.transport)


def test_from_the_notice_to_the_refused_use_after_the_withdrawal(moat: Moat) -> None:
    (issued,) = moat.tokenize([Item("cust-1", "phone", PHONE)], purpose="delivery", ref="order:o-1")
    assert isinstance(issued, Tokenized)
    shown = moat.present("cust-1", [SMS], locale="en")
    assert (shown.locale, [notice.default for notice in shown.notices]) == ("en", ["off"])
    given, refused = moat.consent(
        [Said("cust-1", SMS, "given", presentation=shown.token), Said("cust-1", "merchant_sharing", "given")]
    )
    assert isinstance(given, Recorded)
    assert (given.state, given.epoch, given.changed) == ("given", 1, True)
    assert refused == ItemError("proof_missing", detail=refused.detail if isinstance(refused, ItemError) else "")
    (decided,) = moat.decide([Use("cust-1", SMS, kind="phone")])
    assert (decided.allowed, decided.consent, decided.epoch) == (True, given.consent, 1)
    assert 0 < decided.ttl_s <= 1
    (revealed,) = moat.detokenize([issued.token], purpose=SMS, view="plain")
    assert isinstance(revealed, Revealed)
    assert revealed.value == PHONE
    assert moat.withdraw("cust-1", SMS).state == "withdrawn"
    now, then = moat.decide([Use("cust-1", SMS), Use("cust-1", SMS, kind="phone", at=decided.at)])
    assert (now.allowed, now.reason) == (False, "withdrawn")
    assert (then.allowed, then.consent, then.epoch) == (True, given.consent, 1)
    (denied,) = moat.detokenize([issued.token], purpose=SMS, view="plain")
    assert denied == ItemError("denied", reason="no_consent")
    assert [one["state"] for one in moat.consent_history("cust-1")] == ["given", "withdrawn"]
    items = moat.consents("cust-1", as_of=decided.at)["items"]
    assert isinstance(items, list)
    assert {one["purpose"]: one["state"] for one in items}[SMS] == "given"


def test_a_withdrawal_of_what_nobody_knows_is_an_error(moat: Moat) -> None:
    with pytest.raises(MoatError, match="unknown_purpose"):
        moat.withdraw("cust-1", "telepathy")


def test_who_has_refused_is_asked_again_only_where_they_wish(moat: Moat) -> None:
    moat.consent([Said("cust-1", SMS, "refused")])
    with pytest.raises(MoatError, match="recently_refused") as refused:
        moat.present("cust-1", ["precise_location", SMS])
    assert [field.field for field in refused.value.errors] == ["purposes.1"]
    assert moat.present("cust-1", [SMS], by_person=True).token


def test_a_presentation_of_unknown_purposes_is_refused_by_their_places(moat: Moat) -> None:
    with pytest.raises(MoatError, match="unknown_purpose") as refused:
        moat.present("cust-1", [SMS, "telepathy"])
    assert [field.field for field in refused.value.errors] == ["purposes.1"]


def test_an_atomic_batch_names_the_items_that_failed(moat: Moat) -> None:
    with pytest.raises(MoatError, match="consents_not_recorded") as failed:
        moat.consent([Said("cust-1", SMS, "withdrawn"), Said("cust-1", SMS, "given")], atomic=True)
    assert [(field.field, field.code) for field in failed.value.errors] == [("items.1", "proof_missing")]
    (decided,) = moat.decide([Use("cust-1", SMS)])
    assert (decided.reason, decided.epoch) == ("no_record", 0)


def test_the_consents_of_a_stranger_are_not_found(moat: Moat) -> None:
    with pytest.raises(MoatError, match="not_found"):
        moat.consents("cust-9")
