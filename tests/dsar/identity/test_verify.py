"""Verification of requests by the platform and by officers, and the platform's keys."""

import re
from typing import Any
from uuid import uuid4

import orjson
import pytest

from dsar.identity.public_key import Algorithm
from dsar.identity.secret_text import SessionText
from tests.api.conftest import refused
from tests.dsar.identity.centre import Centre, Someone
from tests.dsar.identity.signing import Platform
from web.principal import Role


def request_of(centre: Centre, who: Someone, right: str = "erasure", **more: Any) -> str:
    asked = {"subject": who.account, "right": right, "regime": "gdpr", **more}
    return str(centre.ok("POST", "/v1/requests", asked, bearer=centre.service)["request"])


def verify(centre: Centre, request: str, body: object, *, bearer: str | None = None) -> Any:
    return centre.ok("POST", f"/v1/requests/{request}/verify", body, bearer=bearer or centre.service)


def test_a_request_is_verified_by_a_code_that_the_platform_hands_on(centre: Centre) -> None:
    ann = centre.person()
    request = request_of(centre, ann)
    asked = verify(centre, request, {"method": "code", "channels": ["sms"]})
    answer = {"method": "code", "challenge": asked["challenge"], "codes": centre.codes()}
    standing = verify(centre, request, answer)
    assert (standing["level"], standing["verified"], standing["state"]) == ("channel", True, "verifying")
    found = centre.ok("GET", f"/v1/requests/{request}", bearer=centre.officer)
    assert found["level"] in {"channel", 1}


def test_codes_by_two_channels_are_two_factors_and_both_are_needed(centre: Centre) -> None:
    ann = centre.person()
    request = request_of(centre, ann, "portability")
    asked = verify(centre, request, {"method": "code", "channels": ["sms", "email"]})
    codes = centre.codes()
    answer = {"method": "code", "challenge": asked["challenge"], "codes": codes[:1]}
    refused(centre.call("POST", f"/v1/requests/{request}/verify", answer, bearer=centre.service), 403, "not_verified")
    assert verify(centre, request, {**answer, "codes": codes})["level"] == "two_factors"


def test_a_session_and_then_a_code_are_two_factors(centre: Centre) -> None:
    ann = centre.person()
    request = request_of(centre, ann, "portability")
    session = centre.ok("POST", centre.link(ann))["session"]
    standing = verify(centre, request, {"method": "session", "session": session})
    assert (standing["level"], standing["verified"]) == ("channel", False)
    asked = verify(centre, request, {"method": "code"})
    answer = {"method": "code", "challenge": asked["challenge"], "codes": centre.codes()}
    assert verify(centre, request, answer)["verified"]


def test_documents_are_seen_by_officers_only_and_nothing_of_them_is_kept(centre: Centre) -> None:
    ann = centre.person()
    request = request_of(centre, ann, "portability")
    seen = {"method": "document", "proof": "identity", "document": "passport"}
    path = f"/v1/requests/{request}/verify"
    refused(centre.call("POST", path, seen, bearer=centre.service), 403, "forbidden")
    standing = verify(centre, request, seen, bearer=centre.officer)
    assert (standing["level"], standing["verified"]) == ("document", True)
    (entry,) = [one for one in centre.entries("identity.proof") if one["outcome"] == "done"][-1:]
    assert entry["actor"]["role"] == "privacy_officer"
    refused(centre.call("POST", path, {**seen, "image": "aGk="}, bearer=centre.officer), 422, "invalid_request")


@pytest.mark.parametrize(("requester", "proofs"), [("guardian", ["relation"]), ("kin", ["death", "kinship"])])
def test_who_asks_for_another_person_shows_everything_before_the_request_is_accepted(
    centre: Centre, requester: str, proofs: list[str]
) -> None:
    ann = centre.person()
    request = request_of(centre, ann, "erasure", requester=requester)
    identity = {"method": "document", "proof": "identity", "document": "id_card"}
    standing = verify(centre, request, identity, bearer=centre.officer)
    assert (standing["verified"], standing["missing"]) == (False, proofs)
    accept = f"/v1/requests/{request}/accept"
    for place, proof in enumerate(proofs):
        assert centre.call("POST", accept, {}, bearer=centre.officer).status_code == 409
        seen = {"method": "document", "proof": proof, "document": "other"}
        standing = verify(centre, request, seen, bearer=centre.officer)
        assert standing["missing"] == proofs[place + 1 :]
    assert standing["verified"]
    assert centre.call("POST", accept, {}, bearer=centre.officer).status_code == 200


def test_an_agent_also_needs_the_persons_own_confirmation(centre: Centre) -> None:
    ann = centre.person()
    request = request_of(centre, ann, "access", requester="agent")
    seen = {"method": "document", "proof": "authority", "document": "signed_authority"}
    verify(centre, request, {**seen, "proof": "identity", "document": "passport"}, bearer=centre.officer)
    standing = verify(centre, request, seen, bearer=centre.officer)
    assert (standing["verified"], standing["missing"], standing["required"]["level"]) == (False, [], "channel")
    assert centre.call("POST", f"/v1/requests/{request}/accept", {}, bearer=centre.officer).status_code == 409
    asked = verify(centre, request, {"method": "code"})
    answer = {"method": "code", "challenge": asked["challenge"], "codes": centre.codes()}
    assert verify(centre, request, answer)["verified"]


def test_a_request_of_nobody_asks_for_codes_like_any_other(centre: Centre) -> None:
    known, unknown = centre.person(), centre.nobody()
    answers = []
    for who in (known, unknown):
        request = request_of(centre, who)
        answer = centre.call("POST", f"/v1/requests/{request}/verify", {"method": "code"}, bearer=centre.service)
        told = dict(answer.json or {})
        assert told.pop("challenge")
        answers.append((answer.status_code, told))
    assert answers[0] == answers[1]
    assert len(centre.codes()) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"method": "code", "challenge": str(uuid4())},
        {"method": "code", "codes": ["123456"]},
        {"method": "code", "challenge": str(uuid4()), "codes": ["12345"]},
        {"method": "code", "session": "mps1_"},
        {"method": "session"},
        {"method": "document", "proof": "identity"},
        {"method": "document", "proof": "hearsay", "document": "passport"},
        {"method": "session", "session": "x", "channels": ["sms"]},
        {"method": "word"},
    ],
)
def test_a_body_fits_its_method(centre: Centre, body: dict[str, object]) -> None:
    path = f"/v1/requests/{uuid4()}/verify"
    refused(centre.call("POST", path, body, bearer=centre.service), 422, "invalid_request")


@pytest.mark.parametrize("algorithm", Algorithm)
def test_an_assertion_of_a_registered_key_begins_one_session(centre: Centre, algorithm: Algorithm) -> None:
    ann, platform = centre.person(), Platform(algorithm)
    made = centre.ok("POST", "/v1/session-keys", {"public_key": platform.pem}, bearer=centre.operator)
    assert made["key"] == platform.public.thumbprint
    again = centre.ok("POST", "/v1/session-keys", {"public_key": platform.pem}, bearer=centre.operator)
    assert made == again
    now = int(centre.clock().timestamp())
    claims = {"sub": ann.account, "aud": "urn:moat:privacy:default", "iat": now, "exp": now + 60, "jti": str(uuid4())}
    text = platform.signed(claims)
    session = centre.json("POST", "sessions", {"assertion": text})
    assert session["level"] == "channel"
    refused(centre.privacy("POST", "sessions", {"assertion": text}), 403, "not_verified")
    path = f"/v1/session-keys/{made['key']}"
    assert centre.call("DELETE", path, bearer=centre.operator).status_code == 204
    fresh = platform.signed({**claims, "jti": str(uuid4())})
    refused(centre.privacy("POST", "sessions", {"assertion": fresh}), 403, "not_verified")
    refused(centre.call("DELETE", path, bearer=centre.operator), 404, "not_found")
    assert made["key"] not in [
        one["key"] for one in centre.ok("GET", "/v1/session-keys", bearer=centre.operator)["items"]
    ]


def test_keys_are_the_operators_and_bounded(centre: Centre) -> None:
    refused(centre.call("GET", "/v1/session-keys", bearer=centre.service), 403, "forbidden")
    wrong = centre.call("POST", "/v1/session-keys", {"public_key": "no key at all"}, bearer=centre.operator)
    refused(wrong, 422, "public_key")
    there = len(centre.ok("GET", "/v1/session-keys", bearer=centre.operator)["items"])
    added = [
        centre.call("POST", "/v1/session-keys", {"public_key": Platform().pem}, bearer=centre.operator)
        for _ in range(9 - there)
    ]
    assert [one.status_code for one in added] == [201] * (8 - there) + [409]
    for one in added[:-1]:
        assert one.json is not None
        centre.call("DELETE", f"/v1/session-keys/{one.json['key']}", bearer=centre.operator)


def test_sessions_are_handed_over_by_whoever_may(centre: Centre) -> None:
    ann = centre.person()
    path = f"/v1/subjects/{ann.account}/sessions"
    refused(centre.call("POST", path, bearer=centre.credential(Role.SUPPORT)), 403, "forbidden")
    assert centre.ok("POST", centre.link(ann))["level"] == "channel"


def test_a_request_that_has_ended_is_verified_no_more(centre: Centre) -> None:
    ann = centre.person()
    request = request_of(centre, ann)
    centre.ok("POST", f"/v1/requests/{request}/withdraw", {}, bearer=centre.service)
    seen = {"method": "document", "proof": "identity", "document": "passport"}
    assert centre.call("POST", f"/v1/requests/{request}/verify", seen, bearer=centre.officer).status_code == 409


def test_another_persons_session_or_one_that_never_was_verifies_nothing(centre: Centre) -> None:
    ann, ben = centre.person(), centre.person()
    path = f"/v1/requests/{request_of(centre, ann)}/verify"
    for text in (centre.session(ben), SessionText.draw().reveal(), "mps1_"):
        answer = centre.call("POST", path, {"method": "session", "session": text}, bearer=centre.service)
        refused(answer, 403, "not_verified")
    found = centre.entries("identity.session_verify")[-1]
    assert (found["outcome"], found["actor"]["kind"]) == ("denied", "credential")


def test_codes_count_for_nothing_but_what_they_were_asked_for(centre: Centre) -> None:
    ann = centre.person()
    session = centre.ok("POST", centre.link(ann))["session"]
    one, other = request_of(centre, ann), request_of(centre, ann, "access")
    for_request = verify(centre, one, {"method": "code", "channels": ["sms"]})["challenge"]
    sent = centre.codes()
    body = {"method": "code", "challenge": for_request, "codes": sent}
    refused(centre.call("POST", f"/v1/requests/{other}/verify", body, bearer=centre.service), 403, "not_verified")
    refused(centre.answer(for_request, *sent), 403, "not_verified")
    answer = {"challenge": for_request, "codes": sent}
    refused(centre.privacy("POST", "session/verify", answer, bearer=session), 403, "not_verified")
    assert verify(centre, one, body)["verified"]
    centre.clock.advance(minutes=1)
    for_session = centre.json("POST", "session/codes", {}, bearer=session)["challenge"]
    sent = centre.codes()
    refused(centre.answer(for_session, *sent), 403, "not_verified")
    body = {"method": "code", "challenge": for_session, "codes": sent}
    refused(centre.call("POST", f"/v1/requests/{other}/verify", body, bearer=centre.service), 403, "not_verified")
    again = centre.ok("POST", centre.link(ann))["session"]
    answer = {"challenge": for_session, "codes": sent}
    refused(centre.privacy("POST", "session/verify", answer, bearer=again), 403, "not_verified")
    assert centre.json("POST", "session/verify", answer, bearer=session)["level"] == "two_factors"


def test_another_tenants_request_is_not_found_by_whoever_verifies(centre: Centre) -> None:
    request = request_of(centre, centre.person())
    path = f"/v1/requests/{request}/verify"
    bodies: list[object] = [{"method": "code"}, {"method": "session", "session": SessionText.draw().reveal()}]
    for body in bodies:
        refused(centre.call("POST", path, body, bearer=centre.foreign), 404, "not_found")


def test_who_shows_who_they_are_is_in_the_log_and_what_they_showed_is_not(centre: Centre) -> None:
    ann = centre.person()
    asked = centre.ask("phone", who=ann).json
    (code,) = centre.codes()
    assert asked is not None
    began = centre.answer(asked["challenge"], code).json
    assert began is not None
    session = began["session"]
    sent, shown = centre.entries("identity.code_send")[-1], centre.entries("identity.code_verify")[-1]
    assert shown["actor"] == {"kind": "person", "id": 0, "role": ""}
    assert shown["subjects"] == sent["subjects"]
    written = orjson.dumps(centre.rows()).decode()
    for secret in (session, ann.name("phone"), ann.name("email"), ann.account):
        assert secret not in written
    assert re.search(rf"(?<![0-9a-f]){code}(?![0-9a-f])", written) is None
