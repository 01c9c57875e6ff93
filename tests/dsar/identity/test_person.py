"""What people do themselves: begin a session, make it surer, ask, look, withdraw."""

from uuid import UUID, uuid4

import pytest

from dsar.identity.secret_text import LinkText
from tests.dsar.identity.centre import Centre
from web.refusals import NO_TENANT

ERASURE = {"right": "erasure", "regime": "gdpr"}
PORTABILITY = {"right": "portability", "regime": "gdpr"}


def test_whoever_gets_the_code_has_a_session_and_asks(centre: Centre) -> None:
    ann = centre.person()
    session = centre.session(ann, "phone")
    assert centre.json("GET", "session", bearer=session)["level"] == "channel"
    made = centre.json("POST", "requests", ERASURE, bearer=session)
    assert (made["level"], made["required"]["level"], made["verified"]) == ("channel", "channel", True)
    assert [one["request"] for one in centre.json("GET", "requests", bearer=session)["items"]] == [made["request"]]
    assert centre.json("GET", f"requests/{made['request']}", bearer=session)["state"] == made["state"]
    withdrawn = centre.json("POST", f"requests/{made['request']}/withdraw", bearer=session)
    assert withdrawn["state"] == "withdrawn"


def test_a_code_says_what_it_is_for_in_the_language_that_was_asked_for(centre: Centre) -> None:
    ann = centre.person()
    named = [{"kind": "email", "value": ann.name("email")}]
    centre.json("POST", "codes", {"identities": named, "locale": "en"})
    centre.run_jobs()
    message = centre.sent()[-1]
    assert (message["channel"], message["template"], message["locale"]) == ("email", "verification_code", "en")
    assert "10 minutes" in message["text"]


def test_a_name_may_be_written_in_any_of_its_forms(centre: Centre) -> None:
    ann = centre.person(phone="13700009999")
    named = [{"kind": "phone", "value": "+86 137-0000-9999"}]
    asked = centre.json("POST", "codes", {"identities": named})
    assert len(centre.codes()) == asked["codes"] == 1
    assert ann.account


def test_an_account_takes_one_code_by_whatever_channel_there_is(centre: Centre) -> None:
    for fields in ({"phone": "13700008888"}, {"email": "only@example.com"}):
        someone = centre.person(**fields)
        assert centre.session(someone, "account").startswith("mps1_")


def test_every_identity_that_is_named_must_be_shown(centre: Centre) -> None:
    ann = centre.person()
    asked = centre.ask("phone", "email", who=ann).json
    assert asked is not None
    assert asked["codes"] == 2
    phone, email = centre.codes()
    for codes in ((phone,), (email,)):
        assert centre.answer(asked["challenge"], *codes).status_code == 403
    made = centre.answer(asked["challenge"], phone, email).json
    assert made is not None
    assert made["level"] == "two_factors"


def test_identities_of_two_people_are_nobodys(centre: Centre) -> None:
    ann, ben = centre.person(), centre.person()
    named = [{"kind": "phone", "value": ann.name("phone")}, {"kind": "email", "value": ben.name("email")}]
    asked = centre.json("POST", "codes", {"identities": named})
    assert asked["codes"] == 2
    assert centre.codes() == []


def test_a_phone_of_two_people_is_nobodys_unless_something_tells_them_apart(centre: Centre) -> None:
    ann = centre.person(phone="13700007777", email="ann@example.com")
    centre.person(phone="13700007777", email="ben@example.com")
    assert centre.ask("phone", who=ann).status_code == 202
    assert centre.codes() == []
    centre.clock.advance(minutes=2)
    assert centre.session(ann, "phone", "account").startswith("mps1_")


def test_a_phone_in_an_order_or_of_a_former_profile_opens_nothing(centre: Centre) -> None:
    ann = centre.person(phone="13700006666", email="before@example.com")
    order = {"subject": ann.account, "kind": "phone", "value": "13700005555"}
    asked = {"purpose": "delivery", "ref": "order:o-1", "items": [order]}
    centre.ok("POST", "/v1/tokenize", asked, bearer=centre.service)
    changed = {"purpose": "account", "fields": {"phone": "13700004444"}}
    centre.ok("PUT", f"/v1/subjects/{ann.account}", changed, bearer=centre.service)
    for old in ("13700005555", "13700006666"):
        centre.json("POST", "codes", {"identities": [{"kind": "phone", "value": old}]})
        assert centre.codes() == []
    ann.fields["phone"] = "13700004444"
    assert centre.session(ann, "phone").startswith("mps1_")


def test_a_link_of_the_platform_and_a_fresh_code_make_two_factors_for_ten_minutes(centre: Centre) -> None:
    ann = centre.person()
    session = centre.ok("POST", centre.link(ann))["session"]
    assert centre.json("GET", "session", bearer=session)["level"] == "channel"
    asked = centre.json("POST", "session/codes", {"channels": ["sms"]}, bearer=session)
    answered = {"challenge": asked["challenge"], "codes": centre.codes()}
    assert centre.json("POST", "session/verify", answered, bearer=session)["level"] == "two_factors"
    centre.clock.advance(minutes=10)
    assert centre.json("GET", "session", bearer=session)["level"] == "channel"


def test_the_same_phone_twice_is_one_factor(centre: Centre) -> None:
    ann = centre.person()
    session = centre.session(ann, "phone")
    asked = centre.json("POST", "session/codes", {"channels": ["sms"]}, bearer=session)
    answered = {"challenge": asked["challenge"], "codes": centre.codes()}
    assert centre.json("POST", "session/verify", answered, bearer=session)["level"] == "channel"


def test_a_request_that_takes_more_is_verified_once_the_session_is_surer(centre: Centre) -> None:
    ann = centre.person()
    session = centre.ok("POST", centre.link(ann))["session"]
    made = centre.json("POST", "requests", PORTABILITY, bearer=session)
    assert (made["required"]["level"], made["verified"]) == ("two_factors", False)
    asked = centre.json("POST", "session/codes", {}, bearer=session)
    answered = {"challenge": asked["challenge"], "codes": centre.codes()}
    centre.json("POST", "session/verify", answered, bearer=session)
    assert centre.json("POST", f"requests/{made['request']}/verify", bearer=session)["verified"]


def test_what_is_sensitive_takes_more(centre: Centre) -> None:
    ann = centre.person(phone="13700003333", birth_date="1990-01-02")
    made = centre.json("POST", "requests", ERASURE, bearer=centre.session(ann))
    assert (made["required"]["level"], made["verified"]) == ("two_factors", False)


def test_a_session_ends_after_half_an_hour_or_when_its_person_says_so(centre: Centre) -> None:
    ann = centre.person()
    session = centre.session(ann)
    centre.clock.advance(minutes=29)
    assert centre.privacy("GET", "session", bearer=session).status_code == 200
    centre.clock.advance(minutes=1)
    assert centre.privacy("GET", "session", bearer=session).status_code == 401
    again = centre.session(ann)
    assert centre.privacy("DELETE", "session", bearer=again).status_code == 204
    assert centre.privacy("GET", "session", bearer=again).status_code == 401


def test_a_repeated_request_is_one_request(centre: Centre) -> None:
    session = centre.session(centre.person())
    key = {"Idempotency-Key": "once"}
    explanation = {"right": "explanation", "regime": "gdpr"}
    made = [centre.json("POST", "requests", explanation, bearer=session, headers=key)["request"] for _ in range(2)]
    assert made[0] == made[1]
    assert centre.privacy("POST", "requests", ERASURE, bearer=session, headers=key).status_code == 409


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/whoami"),
        ("GET", "/v1/requests"),
        ("GET", "/v1/subjects/cust-1"),
        ("POST", "/v1/subjects/cust-1/sessions"),
        ("POST", "/v1/tokenize"),
        ("POST", f"/v1/requests/{UUID(int=1)}/verify"),
        ("GET", "/v1/session-keys"),
    ],
)
def test_a_session_opens_nothing_but_what_is_the_persons(centre: Centre, method: str, path: str) -> None:
    session = centre.session(centre.person())
    assert centre.call(method, path, {}, bearer=session).status_code == 401


def test_a_session_is_refused_by_every_operation_that_takes_a_credential(centre: Centre) -> None:
    session = centre.session(centre.person())
    document = centre.ok("GET", "/openapi.json")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation.get("security") == [{"credential": []}]:
                target = path.format_map(Anything())
                answer = centre.call(method.upper(), target, {}, bearer=session)
                assert answer.status_code in {401, 404}, (method, path)


def test_a_person_who_was_erased_has_no_session_and_gets_no_code(centre: Centre) -> None:
    ann = centre.person()
    session, link = centre.session(ann), centre.link(ann)
    centre.clock.advance(minutes=2)
    asked = centre.ask("phone", who=ann).json
    codes = centre.codes()
    centre.ok("POST", f"/v1/subjects/{ann.account}/shred", {"reason": "erasure_request"}, bearer=centre.officer)
    assert centre.privacy("GET", "session", bearer=session).status_code == 401
    assert asked is not None
    assert centre.answer(asked["challenge"], *codes).status_code == 403
    assert centre.call("POST", link).status_code == 403
    centre.clock.advance(minutes=2)
    assert centre.ask("phone", who=ann).status_code == 202
    assert centre.codes() == []


def test_what_was_never_issued_is_counted_by_the_minute_and_fills_nothing(centre: Centre) -> None:
    centre.person()  # makes the tenant's keys, if nobody else has
    centre.moat.edge.refusals.flush()
    centre.clock.advance(minutes=1)
    before = {name: len(rows) for name, rows in centre.rows().items()}
    for _ in range(3):
        for text in ("nonsense", LinkText.draw().reveal()):
            assert centre.privacy("POST", f"links/{text}").status_code == 403
        assert centre.answer(str(uuid4()), "123456").status_code == 403
        assert centre.privacy("POST", "sessions", {"assertion": "a.b.c"}).status_code == 403
    assert {name: len(rows) for name, rows in centre.rows().items()} == before
    centre.moat.edge.refusals.flush()
    actions = ("identity.link_verify", "identity.code_verify", "identity.assertion_verify")
    told = [centre.entries(action, tenant=NO_TENANT)[-1] for action in actions]
    assert [(one["reason"], one["count"]) for one in told] == [("unknown", 6), ("unknown", 3), ("unknown", 3)]


class Anything(dict[str, str]):
    """An id for every place of a path."""

    def __missing__(self, name: str) -> str:
        return "1"
