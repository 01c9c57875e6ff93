"""What a person sees of what is held: masked, one value plain when they ask for it, and never anybody else's."""

import re
from html import unescape

import orjson
import pytest

from pages.privacy.home import EACH_AT_FIRST
from tests.dsar.identity.centre import Centre, Someone
from tests.pages.privacy.guest import Guest, carry

PAGES = (
    "/",
    "/looked",
    "/looked?show=all",
    "/consents",
    "/consents/history",
    "/consents/marketing_sms",
    "/requests",
    "/requests/new/correct",
    "/requests/new/delete",
    "/requests/new/complain",
    "/notices",
    "/notices/delivery",
    "/settings",
)
CANARIES = {"name": "王海燕", "address.home": "上海市静安区南京西路1266号6601室"}


def canary(centre: Centre) -> Someone:
    """Somebody whose values appear nowhere else."""
    number = centre.nobody().fields["phone"]
    return centre.person(phone=number, email=f"canary{number}@example.com", **CANARIES)


def token_of(guest: Guest, masked: str) -> str:
    """The token behind a masked value of the home page."""
    found = re.search(rf'name="what" value="([^"]+)" aria-label="Show [^"]*{re.escape(masked)}', guest.page)
    assert found is not None, guest.page
    return unescape(found[1])


def secret(who: Someone) -> list[str]:
    """What must not be seen: values, and the parts of them that masks hide."""
    phone = who.fields["phone"]
    return [phone, who.fields["email"], "王海燕", "海燕", "6601室"]


def test_no_page_holds_a_value_that_was_not_asked_for(centre: Centre) -> None:
    who = canary(centre)
    guest = Guest(centre).sign_in(who)
    for path in PAGES:
        answer = guest.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "no-store"
        assert not [one for one in secret(who) if one in guest.page], path
    guest.get("/")
    assert f"{who.fields['phone'][:3]}****{who.fields['phone'][7:]}" in guest.page
    assert "home" in guest.page


def test_a_value_is_shown_after_a_fresh_code_once_and_is_in_the_log(centre: Centre) -> None:
    who = canary(centre)
    guest = Guest(centre).sign_in(who)
    guest.get("/")
    token = token_of(guest, "王**")
    centre.clock.advance(minutes=1)
    before = len(centre.entries("vault.subject_read"))
    shown = guest.with_code("/reveal", what=token)
    assert shown.status_code == 200
    assert "王海燕" in guest.page
    assert shown.headers["Cache-Control"] == "no-store"
    (entry,) = centre.entries("vault.subject_read")[before:]
    assert (entry["actor"]["kind"], entry["view"], entry["kind"], entry["count"]) == ("person", "plain", "name", 1)
    guest.get("/")
    assert "王海燕" not in guest.page
    again = guest.post("/reveal", what=token_of(guest, f"{who.fields['phone'][:3]}****"))
    assert who.fields["phone"] in again.text  # the code was entered a moment ago
    centre.clock.advance(minutes=11)
    guest.get("/")
    guest.post("/reveal", what=token)
    assert "王海燕" not in guest.page
    assert 'name="challenge"' in guest.page
    assert guest.get("/reveal").status_code == 405


def test_a_code_that_is_wrong_shows_nothing(centre: Centre) -> None:
    guest = Guest(centre).sign_in(canary(centre))
    guest.get("/")
    guest.post("/reveal", what=token_of(guest, "王**"))
    given = {"challenge": guest.field("challenge"), "what": guest.field("what")}
    wrong = guest.post("/reveal/code", code="000000", **given)
    assert wrong.status_code == 422
    assert "王海燕" not in guest.page
    assert guest.post("/reveal/code", code="12", **given).status_code == 422
    centre.codes()


def test_what_is_anothers_is_not_there(centre: Centre) -> None:
    ann, ben = canary(centre), canary(centre)
    of_ann, of_ben = Guest(centre).sign_in(ann), Guest(centre).sign_in(ben)
    of_ann.get("/")
    token, number = token_of(of_ann, "王**"), of_ann.ask("delete")
    of_ben.get("/")
    refused = of_ben.with_code("/reveal", what=token)
    assert refused.status_code == 404
    assert "王海燕" not in of_ben.page
    for path in (f"/requests/{number}", f"/requests/{number}/withdraw", "/requests/nonsense", "/nowhere"):
        assert of_ben.get(path).status_code == 404
    of_ben.get("/")
    for path in ("withdraw", "confirm", "package"):
        assert of_ben.post(f"/requests/{number}/{path}").status_code == 404
        of_ben.get("/")
    failed = [one for one in centre.entries("vault.subject_read") if one["outcome"] == "failed"]
    assert failed


def test_why_for_whom_and_until_when_stand_beside_it(centre: Centre) -> None:
    who = centre.person(phone=centre.nobody().fields["phone"])
    order = {"purpose": "delivery", "ref": "order:o-77"}
    item = {"subject": who.account, "kind": "address", "value": "上海市静安区南京西路1266号6601室"}
    centre.ok("POST", "/v1/tokenize", {**order, "items": [item]}, bearer=centre.service)
    guest = Guest(centre, language="en").sign_in(who)
    guest.get("/")
    assert "Bringing you your order" in guest.page
    assert "Its time begins when the order is done" in guest.page
    done = {"event": "order.completed", "ref": "order:o-77", "at": centre.clock().isoformat()}
    centre.ok("POST", "/v1/retention/events", done, bearer=centre.service)
    guest.get("/")
    assert re.search(r"Kept until \d+ \w+ 202\d", guest.page)


def test_hostile_names_and_notes_stay_text(centre: Centre) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}'
    who = centre.person(phone=centre.nobody().fields["phone"], name=hostile[:60])
    guest = Guest(centre).sign_in(who)
    number = guest.ask("complain", category="other", party="platform", text=hostile)
    shown = guest.get(f"/requests/{number}")
    assert shown.status_code == 200
    guest.get("/")
    token = re.search(r'name="what" value="([^"]+)" aria-label="Show Name', guest.page)
    assert token is not None
    guest.with_code("/reveal", what=token[1])
    assert "<script>alert" not in guest.page
    assert "&lt;script&gt;alert(1)" in guest.page
    assert ">49<" not in guest.page


def test_a_correction_is_checked_sealed_and_carried_out(centre: Centre) -> None:
    who = canary(centre)
    guest = Guest(centre).sign_in(who)
    guest.get("/requests/new/correct")
    wrong = guest.post("/requests/new/correct", once="a", **{"field.phone": "12"})
    assert wrong.status_code == 422
    assert "does not have the right form" in guest.page
    assert guest.post("/requests/new/correct", once="b").status_code == 422
    number = guest.ask("correct", **{"field.name": "王海"})
    bearer = centre.officer
    carry(centre)
    if centre.ok("GET", f"/v1/requests/{number}", bearer=bearer)["state"] == "verifying":
        centre.ok("POST", f"/v1/requests/{number}/accept", bearer=bearer)
    carry(centre)
    guest.get(f"/requests/{number}")
    assert "It is done" in guest.page
    assert "王海" not in orjson.dumps(centre.rows()).decode()


@pytest.mark.parametrize("what", ["copy", "move", "restrict", "object", "explain", "close"])
def test_everything_that_is_offered_can_be_asked_for_and_taken_back(centre: Centre, what: str) -> None:
    guest = Guest(centre).sign_in(centre.person())
    number = guest.ask(what, text="canary words")
    assert guest.get(f"/requests/{number}").status_code == 200
    assert number in guest.page
    assert "canary words" not in guest.page
    guest.get(f"/requests/{number}/withdraw")
    guest.follow(guest.post(f"/requests/{number}/withdraw"))
    assert "You took this request back" in guest.page


def test_of_many_values_the_latest_are_shown_and_the_rest_is_a_tap_away(centre: Centre) -> None:
    who = canary(centre)
    for number in range(EACH_AT_FIRST + 2):
        item = {"subject": who.account, "kind": "address", "value": f"上海市徐汇区漕溪北路{number}号1室"}
        used = {"purpose": "delivery", "ref": f"order:o-{number}"}
        centre.ok("POST", "/v1/tokenize", {**used, "items": [item]}, bearer=centre.service)
    guest = Guest(centre).sign_in(who)
    guest.get("/")
    shown = guest.page.count("上海市徐汇区漕溪北路")
    assert guest.get("/held/address").status_code == 200
    everything = guest.page.count("上海市徐汇区漕溪北路")
    assert everything - shown == 2 * 2  # each stands on the page, and in the name of its button
    assert guest.get("/held/passport").status_code == 404
