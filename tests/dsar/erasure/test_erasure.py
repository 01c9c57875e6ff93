"""Erasures from the plan to the certificate: what goes, what stays and why, and that nothing is done twice or by halves."""

import itertools

import pytest

from tests.dsar.erasure.office import Office

NUMBERS = itertools.count(1)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"e{next(NUMBERS)}"


def test_an_erasure_destroys_everything_everywhere_and_is_certified(office: Office, name: str) -> None:
    number = office.person(name)
    office.beside.hold(number, ("visit", "account", ""), 3, since=1_000)
    request = office.ask(number)
    office.work()
    plan = office.plan(request)
    assert (plan["phase"], plan["dispose"], plan["keep"], office.state(request)) == ("planned", 5, 0, "review")
    assert [(line["holder"], line["category"], line["count"]) for line in plan["items"]] == [
        ("order_service", "visit", 3),
        ("vault", "account", 1),
        ("vault", "phone", 1),
    ]
    office.approve(request)
    office.work()
    assert (office.state(request), office.shredded(number), office.beside.held[number]) == ("completed", True, {})
    facts = office.facts(request)
    assert facts["outcome"] == "erased"
    assert [(one["system"], one["category"], one["count"], one["technique"]) for one in facts["erased"]] == [
        ("order_service", "visit", 3, "delete"),
        ("vault", "account", 1, "cryptographic_erase"),
        ("vault", "phone", 1, "cryptographic_erase"),
    ]
    assert facts["approvers"] == [11, 12]
    assert sum(one["count"] for one in facts["erased"]) == plan["dispose"]
