"""Telling people of a breach: by two persons, each person once, in words and never with a value."""

from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from httpx import WSGITransport
from moat_client.client import Moat

import work.cli
from commands.dsar import dsar
from dsar.alerts.breach import Advice, Cause, Facts, Harm, Measure
from dsar.alerts.words import facts_told
from dsar.disclosure.words import LOCALES
from tests.dsar.identity.centre import Centre
from tests.pages.privacy.guest import carry
from web.messages.transports import FileTransport
from web.principal import Role

FACTS: dict[str, Any] = {
    "kinds": ["phone", "address"],
    "cause": "supplier",
    "harms": ["scam_calls", "exposed_home"],
    "measures": ["stopped", "reported"],
    "advice": ["distrust_calls"],
    "happened_at": "2026-11-01T00:00:00Z",
}


def told(centre: Centre) -> list[dict[str, str]]:
    return [one for one in centre.sent() if one["template"] == "breach"]


def report(centre: Centre, *subjects: str, **more: Any) -> Any:
    return centre.ok("POST", "/v1/breaches", {**FACTS, "subjects": list(subjects)}, bearer=centre.officer, **more)


def approve(centre: Centre, job: str) -> None:
    second = centre.credential(Role.PRIVACY_OFFICER)
    assert centre.call("POST", f"/v1/jobs/{job}/approve", bearer=centre.officer).status_code == 403
    centre.ok("POST", f"/v1/jobs/{job}/approve", bearer=second)


def test_nobody_is_told_before_another_person_agrees_and_then_everybody_once(centre: Centre) -> None:
    people = [centre.person() for _ in range(23)]
    nobody, before = centre.nobody(), len(told(centre))
    made = report(centre, *(one.account for one in people), people[0].account, nobody.account)
    assert (made["people"], made["unknown"]) == (23, 1)
    carry(centre)
    assert len(told(centre)) == before
    approve(centre, made["job"])
    carry(centre)
    messages = told(centre)[before:]
    assert len(messages) == 23
    assert "有人闯入" not in messages[0]["text"]
    assert "合作方发生安全事件" in messages[0]["text"]
    assert not [one for one in messages if people[0].fields["phone"] in one["text"]]
    shown = centre.ok("GET", f"/v1/breaches/{made['breach']}", bearer=centre.officer)
    assert (shown["people"], shown["told"], shown["unreachable"]) == (23, 23, 0)
    assert centre.entries("alert.breach_report")
    assert sum(one["count"] for one in centre.entries("alert.breach_tell")[-2:]) == 23


def test_what_did_not_leave_is_tried_again_and_what_did_is_not(centre: Centre) -> None:
    people = [centre.person() for _ in range(4)]
    made, before = report(centre, *(one.account for one in people)), len(told(centre))
    approve(centre, made["job"])
    deliver, calls = FileTransport.deliver, iter(range(100))

    def failing(self: FileTransport, contact: Any, message: Any) -> None:
        if next(calls) == 1:
            raise OSError("the gateway does not answer")
        deliver(self, contact, message)

    with patch.object(FileTransport, "deliver", failing):
        carry(centre)
    assert len(told(centre)) - before == 4


def test_whoever_cannot_be_reached_is_counted_so(centre: Centre) -> None:
    silent = centre.person(name="王明")
    made = report(centre, silent.account)
    approve(centre, made["job"])
    carry(centre)
    shown = centre.ok("GET", f"/v1/breaches/{made['breach']}", bearer=centre.officer)
    assert (shown["told"], shown["unreachable"]) == (0, 1)


def test_who_may_and_what_fits(centre: Centre) -> None:
    who = centre.person()
    body = {**FACTS, "subjects": [who.account]}
    for bearer in (centre.service, centre.operator, centre.foreign):
        assert centre.call("POST", "/v1/breaches", body, bearer=bearer).status_code == 403
    wrongs: list[dict[str, Any]] = [
        {"kinds": ["faces"]},
        {"cause": "magic"},
        {"subjects": []},
        {"harms": []},
        {"text": "138"},
    ]
    for wrong in wrongs:
        assert centre.call("POST", "/v1/breaches", {**body, **wrong}, bearer=centre.officer).status_code == 422
    nobody = centre.call("POST", "/v1/breaches", {**body, "subjects": ["nobody"]}, bearer=centre.officer)
    assert nobody.json["code"] == "nobody_concerned"  # type: ignore[index]  # an object
    headers = {"Idempotency-Key": "once"}
    first, second = (report(centre, who.account, headers=headers) for _ in range(2))
    assert first == second
    missing = "/v1/breaches/01a19000-0000-7000-8000-000000000000"
    assert centre.call("GET", missing, bearer=centre.officer).status_code == 404


def test_erasure_takes_whom_it_concerned(centre: Centre) -> None:
    who = centre.person()
    made = report(centre, who.account)
    shred = {"reason": "erasure_request"}
    centre.ok("POST", f"/v1/subjects/{who.account}/shred", shred, bearer=centre.officer)
    assert centre.ok("GET", f"/v1/breaches/{made['breach']}", bearer=centre.officer)["people"] == 0


def test_at_a_terminal(centre: Centre, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    def moat() -> Moat:
        return Moat("http://moat.test", centre.officer, transport=WSGITransport(centre.moat.app))

    monkeypatch.setattr(work.cli, "Moat", moat)
    people = tmp_path / "people.txt"
    people.write_text(f"{centre.person().account}\n\nnobody\n")
    options = "--kind phone --cause intrusion --harm spam --measure stopped --advice no_codes --happened 2026-11-01"
    done = CliRunner().invoke(dsar, ["breach", str(people), *options.split()])
    assert done.exit_code == 0, done.output
    assert "people 1  unknown 1" in done.output
    assert "intrusion" in CliRunner().invoke(dsar, ["breaches"]).output


@pytest.mark.parametrize("locale", LOCALES)
def test_every_fact_has_words(locale: str) -> None:
    for cause in Cause:
        facts = Facts(
            kinds=("phone",),
            cause=cause,
            harms=tuple(Harm),
            measures=tuple(Measure),
            advice=tuple(Advice),
            happened_at=1_795_000_000_000,
        )
        assert all(facts_told(facts, locale).values())
