"""What people choose in the privacy centre: consents, wishes, and what was made for them."""

import io
import re
import zipfile
from html import unescape

import orjson
import pytest
from pyrage import passphrase

from pages.privacy.notices import changes
from tests.dsar.identity.centre import Centre
from tests.pages.privacy.guest import Guest, carry

SMS = "marketing_sms"


def standing(centre: Centre, account: str) -> dict[str, str]:
    """How a person stands to the messages of offers."""
    found = centre.ok("GET", f"/v1/subjects/{account}/consents", bearer=centre.service)
    (one,) = [item for item in found["items"] if item["purpose"] == SMS]
    return {"state": one["state"], "decision": one["decision"]}


def test_on_shows_the_notice_first_and_off_is_one_tap(centre: Centre) -> None:
    who = centre.person()
    guest = Guest(centre).sign_in(who)
    guest.get("/consents")
    notice = guest.follow(guest.post(f"/consents/{SMS}/switch", state="on"))
    assert notice.status_code == 200
    assert "Who else gets it" in guest.page
    guest.follow(guest.post(f"/consents/{SMS}", presentation=guest.field("presentation")))
    assert standing(centre, who.account) == {"state": "given", "decision": "allow"}
    assert "You said yes on" in guest.page
    receipt = guest.get(re.findall(r"/consents/receipts/con_\d+", guest.page)[0])
    told = orjson.loads(receipt.data)
    assert receipt.headers["Content-Disposition"].startswith('attachment; filename="con_')
    assert told
    guest.get("/consents")
    guest.follow(guest.post(f"/consents/{SMS}/switch", state="off"))
    assert standing(centre, who.account)["decision"] == "deny"
    assert "Withdrawn, as of now" in guest.page
    guest.get("/consents/history")
    assert guest.page.index("Withdrawn") < guest.page.index("Yes ·")
    event = centre.entries("consent.withdraw")[-1]
    assert event["actor"]["kind"] == "person"


def test_a_consent_counts_only_with_what_was_shown_to_this_person(centre: Centre) -> None:
    ann, ben = centre.person(), centre.person()
    of_ann, of_ben = Guest(centre).sign_in(ann), Guest(centre).sign_in(ben)
    of_ann.get(f"/consents/{SMS}")
    shown = of_ann.field("presentation")
    for presentation in (shown, "nonsense", ""):
        of_ben.get(f"/consents/{SMS}")
        assert of_ben.post(f"/consents/{SMS}", presentation=presentation).status_code == 422
    centre.clock.advance(minutes=25)
    assert of_ben.get("/consents/no_such_purpose").status_code == 404
    of_ann.get("/consents/history")
    assert "Nothing so far" in of_ann.page


def test_a_receipt_of_somebody_else_is_not_there(centre: Centre) -> None:
    guest = Guest(centre).sign_in(centre.person())
    guest.get(f"/consents/{SMS}")
    guest.follow(guest.post(f"/consents/{SMS}", presentation=guest.field("presentation")))
    path = re.findall(r"/consents/receipts/con_\d+", guest.page)[0]
    other = Guest(centre).sign_in(centre.person())
    assert other.get(path).status_code == 404
    assert other.get("/consents/receipts/nothing").status_code == 404


def test_notices_are_for_everybody_and_say_what_has_changed(centre: Centre) -> None:
    guest = Guest(centre)
    assert guest.get("/notices").status_code == 200
    assert "Bringing you your order" in guest.page
    assert guest.get("/notices/delivery").status_code == 200
    assert guest.get("/notices/delivery/1").status_code == 200
    for path in ("/notices/delivery/99", "/notices/nothing"):
        assert guest.get(path).status_code == 404
    assert [(one.added, one.text) for one in changes("a\n\nb\n", "a\n\nc\n")] == [(False, "b"), (True, "c")]


@pytest.mark.parametrize("script", [False, True])
def test_wishes_are_switched_on_and_off(centre: Centre, script: bool) -> None:
    who = centre.person()
    guest = Guest(centre).sign_in(who)
    guest.get("/settings")
    assert guest.page.count('aria-checked="false"') == 2
    for name in ("digest", "anonymous"):
        guest.follow(guest.post(f"/settings/{name}", state="on"))
    assert guest.page.count('aria-checked="true"') == 2
    told = centre.ok("GET", f"/v1/subjects/{who.account}/preferences", bearer=centre.service)
    assert told["anonymous_orders"] is True
    guest.follow(guest.post("/settings/digest", state="off"))
    assert guest.page.count('aria-checked="true"') == 1
    assert [one["kind"] for one in centre.entries("alert.digest_choose")[-2:]] == ["on", "off"]


def test_a_copy_is_asked_for_confirmed_and_fetched(centre: Centre) -> None:
    who = centre.person()
    guest = Guest(centre).enter(who)
    number = guest.ask("copy")
    carry(centre)
    guest.get(f"/requests/{number}")
    assert "Your file is ready" in guest.page
    (message,) = [one for one in centre.sent() if one["template"] == "package_ready" and number in one["text"]]
    link = re.search(r"privacy\.example\.com/privacy/default(/packages/mpk1_[A-Za-z0-9_-]{43})", message["text"])
    assert link is not None
    assert guest.get(f"{link[1]}/file").status_code == 404  # the platform's word alone is one factor
    guest.get(f"/requests/{number}")
    assert guest.follow(guest.with_code(f"/requests/{number}/package")).status_code == 200
    path = re.search(r'href="(/privacy/default/packages/mpk1_[^"]+)/file"', guest.page)
    assert path is not None
    told = guest.post(f"{path[1]}/passphrase")
    words = re.search(r'<code class="secret">([^<]+)</code>', told.text)
    assert words is not None
    assert told.headers["Cache-Control"] == "no-store"
    file = guest.get(f"{path[1]}/file")
    octets = passphrase.decrypt(file.data, unescape(words[1]))
    assert "index.html" in zipfile.ZipFile(io.BytesIO(octets)).namelist()
    guest.get(path[1])
    assert guest.post(f"{path[1]}/passphrase").status_code == 404
    assert guest.get(f"{path[1]}/file").status_code == 404
    stranger = Guest(centre).sign_in(centre.person())
    assert stranger.get(f"{path[1]}/file").status_code == 404


def test_one_more_code_confirms_what_takes_two_factors(centre: Centre) -> None:
    who = centre.person()
    guest = Guest(centre).sign_in(who)
    number = guest.ask("close")
    guest.get(f"/requests/{number}")
    assert "One more step" in guest.page
    guest.follow(guest.with_code(f"/requests/{number}/confirm"))
    assert centre.sent()[-1]["channel"] == "email"
    assert "One more step" not in guest.page
    assert "We know that it is you" in guest.page or "preparing" in guest.page


def test_a_finger_that_is_too_quick_makes_one_request(centre: Centre) -> None:
    guest = Guest(centre).sign_in(centre.person())
    guest.get("/requests/new/complain")
    fields = {"category": "leaked", "party": "courier", "text": "words", "once": guest.field("once")}
    fields["token"] = guest.field("form_token")
    made = [guest.post("/requests/new/complain", **fields).headers["Location"] for _ in range(2)]
    assert made[0] == made[1]
    guest.get("/requests/new/delete")
    first = guest.post("/requests/new/delete", once="a")
    guest.get("/requests/new/delete")
    second = guest.post("/requests/new/delete", once="b")
    assert "/requests/" in first.headers["Location"]
    assert second.headers["Location"] == "/privacy/default/requests"
    guest.follow(second)
    assert "You need not ask twice" in guest.page
    assert guest.page.count("Twice") == 1


def test_a_late_answer_is_said_and_told(centre: Centre) -> None:
    who = centre.person()
    number = Guest(centre).sign_in(who).ask("delete")
    centre.clock.advance(days=40)
    (look,) = [part for part in centre.moat.work.rounds.items() if part[0] == "requests"][:1]
    look[1](int(centre.clock().timestamp() * 1000))
    carry(centre)
    assert [one for one in centre.sent() if one["template"] == "request_due"]
    guest = Guest(centre).sign_in(who)
    guest.get(f"/requests/{number}")
    assert "Our answer is late" in guest.page
    assert "should have answered your request" in guest.page
