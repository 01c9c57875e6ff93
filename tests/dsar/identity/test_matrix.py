"""Nobody reaches another person's data, and nobody learns who is known.

For each kind of thing that can be presented and each way in which it can be presented wrongly, two calls are made: one that is
about somebody whom the vault knows, one about somebody whom nobody knows or with something that was never issued. Status and body
are the same. Presented rightly, it opens what is the person's own, and only that.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from dsar.identity.secret_text import LinkText, SessionText
from tests.dsar.identity.centre import Centre, Someone, for_programs

SITUATIONS = ("own", "another's", "other tenant's", "expired", "reused")
ERASURE = {"right": "erasure", "regime": "gdpr"}
Said = tuple[int, dict[str, Any]]
Cell = Callable[[Centre, str], tuple[Said, Said]]


def said(answer: TestResponse) -> Said:
    """Status and body, but for what is random in each."""
    told = dict(answer.json) if isinstance(answer.json, dict) else {"body": answer.get_data(as_text=True)}
    for name in ("request_id", "challenge", "session", "url", "request"):
        if name in told:
            told[name] = "..."
    return answer.status_code, told


def code(centre: Centre, situation: str) -> tuple[Said, Said]:
    """Codes: the challenge is of a known person, or of nobody."""
    found = []
    for who in (centre.person(), centre.nobody()):
        asked = centre.ask("phone", who=who)
        codes = centre.codes() or ["000000"]
        if situation == "own":
            found.append(said(asked))
            continue
        assert asked.json is not None
        challenge, tenant = asked.json["challenge"], "default"
        if situation == "another's":
            other = centre.person()
            centre.ask("phone", who=other)
            codes = [one if one != codes[0] else f"{(int(one) + 1) % 10**6:06}" for one in centre.codes()]
        elif situation == "other tenant's":
            tenant = "other"
        elif situation == "expired":
            centre.clock.advance(minutes=10)
        elif situation == "reused":
            centre.answer(challenge, *codes)
        found.append(said(centre.answer(challenge, *codes, tenant=tenant)))
    return found[0], found[1]


def link(centre: Centre, situation: str) -> tuple[Said, Said]:
    """Hand-over links: made for a known person, or for nobody."""
    found = []
    for who in (centre.person(), centre.nobody()):
        path = f"/v1/subjects/{who.account}/sessions"
        made = centre.call("POST", path, bearer=centre.service)
        if situation == "own":
            found.append(said(made))
            continue
        assert made.json is not None
        target = for_programs(made.json["url"].removeprefix("http://localhost"))
        if situation == "another's":  # whoever it was given to has used it; whoever has seen it comes too late
            centre.call("POST", target)
        elif situation == "other tenant's":
            target = target.replace("/default/", "/other/")
        elif situation == "expired":
            centre.clock.advance(minutes=5)
        elif situation == "reused":
            centre.call("POST", target)
        found.append(said(centre.call("POST", target)))
    return found[0], found[1]


def session(centre: Centre, situation: str) -> tuple[Said, Said]:
    """Sessions: a known person's, against one that was never issued."""
    own, never = centre.session(centre.person()), SessionText.draw().reveal()
    if situation == "own":  # to a person's own session the platform's people and strangers are alike
        return tuple(said(centre.privacy("GET", "session", bearer=one)) for one in (never, centre.service))  # type: ignore[return-value]
    if situation == "another's":  # upon a request that is not theirs: it and one that is nowhere are alike
        theirs = centre.json("POST", "requests", ERASURE, bearer=centre.session(centre.person()))["request"]
        paths = [f"requests/{one}" for one in (theirs, uuid4())]
        return tuple(said(centre.privacy("GET", path, bearer=own)) for path in paths)  # type: ignore[return-value]
    tenant = "default"
    if situation == "other tenant's":
        tenant = "other"
    elif situation == "expired":
        centre.clock.advance(minutes=30)
    elif situation == "reused":
        centre.privacy("DELETE", "session", bearer=own)
    return tuple(said(centre.privacy("GET", "session", bearer=one, tenant=tenant)) for one in (own, never))  # type: ignore[return-value]


def token(centre: Centre, situation: str) -> tuple[Said, Said]:
    """Vault tokens: one of a known person, against one that was never issued."""
    ann = centre.person()
    item: dict[str, Any] = {
        "subject": ann.account,
        "kind": "address",
        "value": "上海市浦东新区测试路1号",
        "mode": "fresh",
    }
    if situation in {"expired", "reused"}:
        item |= {"expires_in": 60, "max_uses": 1}
    made = centre.ok(
        "POST", "/v1/tokenize", {"purpose": "delivery", "ref": "order:o-1", "items": [item]}, bearer=centre.service
    )
    issued, never = made["items"][0]["token"], "tok_AAGDX7ThIV2PWYb03fmGAot4CisY"
    asked: dict[str, Any] = {"purpose": "delivery", "ref": "order:o-1", "view": "plain"}
    bearer = centre.service
    if situation in {"own", "another's"}:  # presented by a person, in the place of what people have
        found = []
        for text in (issued, never):
            found.append(said(centre.privacy("GET", "session", bearer=text)))
            found.append(said(centre.privacy("POST", f"links/{text}")))
        assert found[0] == found[2]
        return found[1], found[3]
    if situation == "other tenant's":
        bearer = centre.foreign
    elif situation == "expired":
        centre.clock.advance(minutes=1)
    elif situation == "reused":
        centre.ok("POST", "/v1/detokenize", {**asked, "items": [{"token": issued}]}, bearer=bearer)
    return tuple(  # type: ignore[return-value]
        said(centre.call("POST", "/v1/detokenize", {**asked, "items": [{"token": one}]}, bearer=bearer))
        for one in (issued, never)
    )


def request_id(centre: Centre, situation: str) -> tuple[Said, Said]:
    """Ids of requests: of a request that there is, against one that there never was."""
    ann, ben = centre.person(), centre.person()
    own, tenant = centre.session(ann), "default"
    if situation == "other tenant's":
        cid = centre.person(tenant="other")
        link_of_cid = centre.link(cid, bearer=centre.foreign)
        there = centre.ok("POST", link_of_cid)["session"]
        made = centre.json("POST", "requests", ERASURE, bearer=there, tenant="other")["request"]
    elif situation == "own":  # handed in by the platform for a known person and for nobody
        found = []
        for who in (ann, centre.nobody()):
            asked = {"subject": who.account, **ERASURE}
            found.append(said(centre.call("POST", "/v1/requests", asked, bearer=centre.service)))
        return found[0], found[1]
    else:
        made = centre.json("POST", "requests", ERASURE, bearer=centre.session(ben))["request"]
    if situation == "expired":
        centre.clock.advance(minutes=30)
    elif situation == "reused":
        centre.json("POST", f"requests/{made}/withdraw", bearer=centre.ok("POST", centre.link(ben))["session"])
    answers = []
    for one in (made, str(uuid4())):
        for method, act in (("GET", ""), ("POST", "/verify"), ("POST", "/withdraw"), ("POST", "/package")):
            answers.append(said(centre.privacy(method, f"requests/{one}{act}", bearer=own, tenant=tenant)))
    half = len(answers) // 2
    assert answers[:half] == answers[half:]
    return answers[0], answers[half]


def package_link(centre: Centre, situation: str) -> tuple[Said, Said]:
    """Links to packages: somebody's hand-over in the place of one, against one that was never issued. Links of packages that
    there are go through the same in tests/dsar/disclosure/test_package_http.py."""
    own = centre.session(centre.person())
    bearer, tenant = own, "default"
    if situation == "other tenant's":
        tenant = "other"
    elif situation == "expired":
        centre.clock.advance(minutes=30)
    elif situation == "reused":
        centre.privacy("DELETE", "session", bearer=own)
    never = LinkText.draw().reveal()
    others = centre.link(centre.person()).rsplit("/", 1)[1]
    return tuple(  # type: ignore[return-value]
        said(centre.privacy("GET", f"packages/{one}", bearer=bearer, tenant=tenant)) for one in (others, never)
    )


CELLS: dict[str, Cell] = {
    "code": code,
    "link": link,
    "session": session,
    "token": token,
    "request id": request_id,
    "package link": package_link,
}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("presented", CELLS)
def test_known_and_unknown_people_get_the_same_answer(centre: Centre, presented: str, situation: str) -> None:
    known, unknown = CELLS[presented](centre, situation)
    assert known == unknown
    assert situation == "own" or known[0] >= 400 or all("error" in one for one in known[1]["items"])


def test_what_is_presented_rightly_opens_what_is_ones_own(centre: Centre) -> None:
    """So that the answers above are not the same because nothing works."""
    ann = centre.person()
    by_code, by_link = centre.session(ann), centre.ok("POST", centre.link(ann))["session"]
    made = centre.json("POST", "requests", ERASURE, bearer=by_code)["request"]
    for one in (by_code, by_link):
        assert centre.json("GET", "session", bearer=one)["level"] == "channel"
        assert centre.json("GET", f"requests/{made}", bearer=one)["request"] == made


@pytest.mark.parametrize("kinds", [("phone",), ("email",), ("account",), ("account", "phone"), ("phone", "email")])
def test_tries_and_locks_are_the_same_for_known_and_unknown_people(centre: Centre, kinds: tuple[str, ...]) -> None:
    """Asking again at once, guessing until it is locked, asking while it is locked, and once the lock has ended."""
    heard = [_all_that_can_be_heard(centre, who, kinds) for who in (centre.person(), centre.nobody())]
    assert heard[0] == heard[1]
    statuses = [status for status, _, _ in heard[0]]
    assert statuses == [202, 429, 403, 403, 403, 403, 429, 202, 403]


def _all_that_can_be_heard(centre: Centre, who: Someone, kinds: tuple[str, ...]) -> list[tuple[int, Any, Any]]:
    heard = []

    def hear(answer: TestResponse) -> TestResponse:
        heard.append((*said(answer), answer.headers.get("Retry-After")))
        return answer

    centre.clock.advance(hours=2)
    asked = hear(centre.ask(*kinds, who=who)).json
    hear(centre.ask(*kinds, who=who))
    sent = centre.codes()
    assert asked is not None
    wrong = [f"{(int(one) + 1) % 10**6:06}" for one in sent] or ["000000"] * asked["codes"]
    for _ in range(4):
        hear(centre.answer(asked["challenge"], *wrong))
    centre.clock.advance(minutes=2)
    hear(centre.ask(*kinds, who=who))
    centre.clock.advance(minutes=15)
    hear(centre.ask(*kinds, who=who))
    centre.run_jobs()
    hear(centre.answer(asked["challenge"], *wrong))
    for index, (status, told, wait) in enumerate(heard):
        if "expires_at" in told:
            heard[index] = status, {**told, "expires_at": "..."}, wait
    return heard
