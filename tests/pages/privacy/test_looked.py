"""Who looked at it: lines in plain words out of the log."""

from hypothesis import given
from hypothesis import strategies as st

from audit.entry import Action
from consent.locale import Locale
from dsar.desk.moves import Move
from dsar.desk.reasons import Category, Party
from dsar.disclosure.accesses import group_of
from dsar.disclosure.words import words_of
from dsar.request import RequestState
from dsar.retention.due import Fate
from pages.privacy.asking import OFFERED
from pages.privacy.looked import CLOSE_MS, Line, merged
from pages.shell.site import PAGES
from pages.shell.texts import shipped
from tests.dsar.identity.centre import Centre
from tests.pages.privacy.guest import Guest, publish


def line(who: str, at: int, *, kind: str = "phone", did: str = "read") -> Line:
    return Line(who, did, False, (kind,), None, (at,))


def test_what_is_alike_and_close_is_one_line() -> None:
    minute = 60_000
    lines = [line("courier", 40 * minute), line("courier", 20 * minute), line("courier", 0), line("support", 0)]
    found = list(merged(iter(lines)))
    assert [(one.who, len(one.times)) for one in found] == [("courier", 3), ("support", 1)]
    apart = [line("courier", CLOSE_MS + 1), line("courier", 0)]
    assert len(list(merged(iter(apart)))) == 2
    at_once = [line("courier", 5, kind="phone"), line("courier", 5, kind="address")]
    (one,) = merged(iter(at_once))
    assert (one.kinds, one.times) == (("phone", "address"), (5,))


@given(st.lists(st.tuples(st.sampled_from(["courier", "support"]), st.integers(0, 10**8)), max_size=30))
def test_merging_loses_no_moment_and_keeps_the_order(entries: list[tuple[str, int]]) -> None:
    newest_first = sorted(entries, key=lambda one: -one[1])
    found = list(merged(iter([line(who, at) for who, at in newest_first])))
    assert {(one.who, at) for one in found for at in one.times} == set(entries)
    starts = [one.times[0] for one in found]
    assert starts == sorted(starts, reverse=True)


def test_every_code_that_a_page_can_meet_has_words_in_every_language() -> None:
    texts = shipped((PAGES,))
    wanted = [f"privacy.moves.{move}" for move in Move if move not in {Move.ASSIGN, Move.ESCALATE, Move.RECKON}]
    wanted += [f"privacy.request_states.{state}.{form}" for state in RequestState for form in ("short", "long")]
    wanted += [f"privacy.who.{role}" for role in words_of("en").roles]
    wanted += [f"privacy.did.{did}" for did in {group_of(action) for action in Action}]
    wanted += [f"privacy.categories.{one}" for one in Category] + [f"privacy.parties.{one}" for one in Party]
    wanted += [f"privacy.ask.{what}.{part}" for what in OFFERED for part in ("title", "short", "about", "submit")]
    wanted += [f"privacy.fates.{fate}" for fate in Fate if fate is not Fate.NO_POLICY]
    for locale in Locale:
        assert not [key for key in wanted if not texts.has(locale, key)], locale


def test_a_look_of_the_platform_is_a_line_on_the_page(centre: Centre) -> None:
    who = centre.person(phone=centre.nobody().fields["phone"])
    item = {"subject": who.account, "kind": "phone", "value": who.fields["phone"]}
    used = {"purpose": "delivery", "ref": "order:o-1"}
    token = centre.ok("POST", "/v1/tokenize", {**used, "items": [item]}, bearer=centre.service)["items"][0]["token"]
    centre.ok("POST", "/v1/detokenize", {**used, "items": [{"token": token}]}, bearer=centre.service)
    guest = Guest(centre).sign_in(who)
    publish(centre)
    guest.get("/looked")
    assert "looked at: Mobile number" in guest.page
    assert "Bringing you your order" in guest.page
    assert "You confirmed who is there" not in guest.page
    guest.get("/looked?show=all&after=nonsense")
    assert guest.page.count("<li") > 3
    assert who.fields["phone"] not in guest.page
