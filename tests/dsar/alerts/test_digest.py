"""Who saw my data: a summary for whoever wishes it, counted from the log."""

from functools import partial
from typing import Any

from database.columns import millis
from dsar.alerts.digest import EVERY_MS, KIND
from tests.dsar.identity.centre import Centre
from tests.pages.privacy.guest import Guest, carry, publish


def told(centre: Centre) -> list[dict[str, str]]:
    return [one for one in centre.sent() if one["template"] == "access_digest"]


def due(centre: Centre) -> None:
    """A month later: what is due is asked for and done."""
    centre.clock.advance(milliseconds=EVERY_MS)
    publish(centre)
    (timetable,) = [one for one in centre.moat.work.timetables if type(one).__name__ == "DigestTimetable"]
    at = millis(centre.clock())
    for one in centre.moat.database.read(None, lambda tx: timetable.due(tx, at)):
        assert (one.kind, one.occurrence) == (KIND, centre.clock().date().isoformat())
        submit = partial(centre.moat.jobs.submit, tenant=one.tenant, kind=one.kind, params=one.params, at=at)
        centre.moat.database.write(one.tenant, submit)
    carry(centre)


def test_a_summary_comes_to_whoever_wishes_it_and_only_where_somebody_looked(centre: Centre) -> None:
    seen, unseen, silent = (centre.person() for _ in range(3))
    for who in (seen, unseen):
        guest = Guest(centre).sign_in(who)
        guest.get("/settings")
        guest.follow(guest.post("/settings/digest", state="on"))
        centre.clock.advance(minutes=61)
    item: dict[str, Any] = {"purpose": "account", "items": []}
    for who in (seen, silent):
        token = centre.ok("GET", f"/v1/subjects/{who.account}", bearer=centre.service)["fields"]["phone"]["token"]
        item["items"] = [{"token": token}]
        for _ in range(2):
            centre.ok("POST", "/v1/detokenize", item, bearer=centre.service)
    due(centre)
    (message,) = told(centre)
    assert "our systems 4" in message["text"]  # the two kinds of the profile, and the number twice
    assert message["locale"] == "en"
    assert seen.fields["phone"] not in message["text"]
    due(centre)
    assert len(told(centre)) == 1
    guest = Guest(centre).sign_in(seen)
    guest.get("/settings")
    guest.follow(guest.post("/settings/digest", state="off"))
    due(centre)
    assert len(told(centre)) == 1
