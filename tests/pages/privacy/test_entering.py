"""Who comes in, who does not, and what nobody learns on the way."""

import re

import pytest

from tests.dsar.identity.centre import Centre
from tests.pages.privacy.guest import ORIGIN, Guest, link_of


def plain(page: str) -> str:
    """A page without what is drawn anew for each."""
    return re.sub(r'(name="(challenge|form_token)" value=|content=|<code>|enter/)"?[^"<]*', r"\1", page)


def test_a_known_number_and_one_of_nobody_get_the_same_pages(centre: Centre) -> None:
    seen = []
    for who in (centre.person(), centre.nobody()):
        guest = Guest(centre)
        pages = [guest.get("/sign-in")]
        pages.append(guest.post("/sign-in", name=who.fields["phone"]))
        given = {"challenge": guest.field("challenge"), "sent_to": guest.field("sent_to")}
        pages.append(guest.post("/sign-in/code", code="000000", **given))
        pages.append(guest.get("/"))
        seen.append([(one.status_code, plain(one.get_data(as_text=True)), sorted(dict(one.headers))) for one in pages])
    assert seen[0] == seen[1]
    assert seen[0][2][0] == 422


def test_a_code_begins_a_session_whose_cookie_no_script_reads(centre: Centre) -> None:
    guest = Guest(centre)
    guest.get("/sign-in")
    guest.post("/sign-in", name=centre.person().fields["phone"], next="/privacy/default/consents")
    given = {"challenge": guest.field("challenge"), "sent_to": "phone", "next": guest.field("next")}
    code = centre.codes()[-1]
    entered = guest.post("/sign-in/code", code=f"{code[:3]} {code[3:]}", **given)
    assert entered.headers["Location"] == "/privacy/default/consents"
    (cookie,) = [one for one in entered.headers.getlist("Set-Cookie") if one.startswith("__Host-moat_person=mps1_")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert guest.follow(entered).status_code == 200


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "/v1/keys", "/privacy/other/", "\\\\evil"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(centre: Centre, next_: str) -> None:
    guest = Guest(centre)
    guest.get("/sign-in")
    guest.post("/sign-in", name=centre.person().fields["phone"], next=next_)
    given = {"challenge": guest.field("challenge"), "sent_to": "phone", "next": next_}
    entered = guest.post("/sign-in/code", code=centre.codes()[-1], **given)
    assert entered.headers["Location"] == "/privacy/default/"


def test_what_is_no_number_is_said_so_and_too_often_too(centre: Centre) -> None:
    guest, who = Guest(centre), centre.person()
    guest.get("/sign-in")
    assert guest.post("/sign-in", name="").status_code == 422
    assert guest.post("/sign-in", name="not a number").status_code == 422
    assert guest.post("/sign-in", name=who.fields["phone"]).status_code == 200
    guest.get("/sign-in")
    early = guest.post("/sign-in", name=who.fields["phone"])
    assert early.status_code == 429
    assert "Try again in 60 seconds" in guest.page
    assert who.fields["phone"] not in guest.page
    centre.codes()


def test_a_link_is_used_by_a_tap_and_not_by_a_look(centre: Centre) -> None:
    who, guest, late = centre.person(), Guest(centre), Guest(centre)
    link = link_of(centre, who)
    for _ in range(3):
        assert guest.get(link).status_code == 200
    late.get(link)
    assert guest.client.post(f"/privacy/default{link}", base_url=ORIGIN).status_code == 403
    assert guest.follow(guest.post(link)).status_code == 200
    assert late.post(link).status_code == 410
    never = Guest(centre)
    never.get(f"/enter/mpl1_{'x' * 43}")
    refused = never.post(f"/enter/mpl1_{'x' * 43}")
    assert (refused.status_code, plain(refused.text)) == (410, plain(late.page))


def test_a_link_of_one_tenant_opens_nothing_at_another(centre: Centre) -> None:
    link = link_of(centre, centre.person())
    guest = Guest(centre, tenant="other")
    guest.get(link)
    assert guest.post(link).status_code == 410
    assert Guest(centre, tenant="nowhere").get("/sign-in").status_code == 404


def test_signing_out_ends_it_and_leaves_nothing_in_the_browser(centre: Centre) -> None:
    guest = Guest(centre).sign_in(centre.person())
    text = guest.client.get_cookie("__Host-moat_person", domain="localhost")
    assert text is not None
    left = guest.post("/sign-out")
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    away = guest.get("/requests")
    assert away.headers["Location"] == "/privacy/default/sign-in?next=/privacy/default/requests"
    guest.client.set_cookie("__Host-moat_person", text.value, domain="localhost")
    assert guest.get("/").status_code == 303
    assert centre.entries("identity.session_end")


def test_a_session_ends_by_itself_and_is_of_one_tenant(centre: Centre) -> None:
    guest = Guest(centre).sign_in(centre.person())
    assert guest.get("/privacy/other/").status_code == 303
    centre.clock.advance(minutes=29)
    assert guest.get("/").status_code == 200
    centre.clock.advance(minutes=2)
    assert guest.get("/").status_code == 303


def test_a_form_without_its_token_or_from_another_site_does_nothing(centre: Centre) -> None:
    guest = Guest(centre).sign_in(centre.person())
    guest.get("/requests/new/delete")
    assert guest.post("/requests/new/delete", token="").status_code == 403
    assert guest.post("/requests/new/delete", token="x" * 43).status_code == 403
    guest.get("/requests/new/delete")
    data = {"form_token": guest.field("form_token")}
    headers = {"Sec-Fetch-Site": "cross-site"}
    forged = guest.client.post("/privacy/default/requests/new/delete", data=data, base_url=ORIGIN, headers=headers)
    assert forged.status_code == 403
    guest.get("/requests")
    assert "No requests yet" in guest.page
