"""The work of an answer is the same for known and unknown people: the same statements in the same order, and a job for each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.dsar.identity.centre import Centre, Someone


@contextmanager
def watched(centre: Centre) -> Iterator[list[str]]:
    """The statements that the database is asked meanwhile."""
    database, found = centre.moat.database, list[str]()
    before = database._observe
    database._observe = lambda text, _tenant: found.append(text)
    try:
        yield found
    finally:
        database._observe = before


def statements(centre: Centre, act: Callable[[Someone], object], *people: Someone) -> list[list[str]]:
    found = []
    for who in people:
        with watched(centre) as asked:
            act(who)
        found.append(asked)
    return found


@pytest.mark.parametrize("kinds", [("phone",), ("email",), ("account",), ("account", "phone", "email")])
def test_asking_takes_the_same_statements_and_one_job(centre: Centre, kinds: tuple[str, ...]) -> None:
    people = (centre.person(), centre.nobody())
    centre.run_jobs()
    known, unknown = statements(centre, lambda who: centre.ask(*kinds, who=who), *people)
    assert known == unknown
    assert len(known) > 5
    assert len(centre.waiting(centre.tenant)) == 2
    assert len(centre.codes()) == sum(kind != "account" for kind in kinds) or kinds == ("account",)


def test_a_wrong_answer_takes_the_same_statements(centre: Centre) -> None:
    people = (centre.person(), centre.nobody())
    challenges = {}
    for who in people:
        asked = centre.ask("phone", who=who).json
        assert asked is not None
        challenges[who] = asked["challenge"]
    wrong = {who: "000001" if codes == ["000000"] else "000000" for who, codes in ((people[0], centre.codes()),)}
    code = wrong[people[0]]
    known, unknown = statements(centre, lambda who: centre.answer(challenges[who], code), *people)
    assert known == unknown
    assert len(known) > 5


def test_a_code_asked_for_a_request_takes_the_same_statements(centre: Centre) -> None:
    requests = {}
    for who in (centre.person(), centre.nobody()):
        asked = {"subject": who.account, "right": "erasure", "regime": "gdpr"}
        requests[who] = centre.ok("POST", "/v1/requests", asked, bearer=centre.service)["request"]

    def ask(who: Someone) -> object:
        path = f"/v1/requests/{requests[who]}/verify"
        return centre.ok("POST", path, {"method": "code"}, bearer=centre.service)

    known, unknown = statements(centre, ask, *requests)
    assert known == unknown
