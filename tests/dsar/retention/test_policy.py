"""Policies: the built-in one covers what the starter catalogue uses, and what is missing, contradictory or unsound is refused by
the name of its field. Pure."""

from copy import deepcopy
from typing import Any

import pytest

from consent.catalogue_text import starter_catalogue
from dsar.retention.errors import PolicyError
from dsar.retention.policy_text import (
    builtin_policy,
    builtin_source,
    parse_source,
    read_text,
    source_digest,
    source_text,
)
from dsar.retention.rule import Action


def edited(**edits: Any) -> dict[str, Any]:
    """The built-in policy with changes by their places, such as rules__marketing__period; None takes something away."""
    source = deepcopy(builtin_source())
    for place, value in edits.items():
        *path, last = place.split("__")
        here = source
        for name in path:
            here = here[name]
        if value is None:
            del here[last]
        else:
            here[last] = value
    return source


def test_the_built_in_policy_has_a_rule_for_each_kind_of_each_purpose_of_the_starter_catalogue() -> None:
    by_use = builtin_policy().by_use
    for purpose in starter_catalogue().by_id.values():
        for kind in purpose.kinds:
            assert (kind, purpose.id) in by_use


def test_every_rule_has_its_law_and_its_reason_in_three_languages() -> None:
    for rule in builtin_policy().rules:
        assert rule.law
        assert rule.article
        assert set(rule.reason) == {"zh-Hans", "zh-Hant", "en"}
        assert all(rule.reason.values())


def test_every_action_has_its_place_in_the_built_in_policy() -> None:
    assert {rule.action for rule in builtin_policy().rules} == set(Action)


def test_a_phone_of_an_order_goes_after_thirty_days_and_its_address_is_kept_for_the_law() -> None:
    by_use = builtin_policy().by_use
    phone, address = by_use["phone", "delivery"], by_use["address", "delivery"]
    assert (str(phone.period), phone.action, phone.minimums) == ("P30D", Action.DELETE, ())
    assert (str(address.period), address.action, str(address.minimums[0].period)) == ("P30D", Action.RESTRICT, "P3Y")


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ({"version": 0}, r"^version: "),
        ({"version": None}, r"^version: "),
        ({"time_zone": "Asia/Nowhere"}, r"^time_zone: "),
        ({"reviewed": "soon"}, r"^reviewed: "),
        ({"rules": {}}, r"^rules: "),
        ({"rules__marketing__period": "30 days"}, r"^rules\.marketing\.period: "),
        ({"rules__marketing__period": "P30D2H"}, r"^rules\.marketing\.period: "),
        ({"rules__marketing__action": "forget"}, r"^rules\.marketing\.action: "),
        ({"rules__marketing__start": "never"}, r"^rules\.marketing\.start: "),
        ({"rules__marketing__colour": "red"}, r"^rules\.marketing\.colour: "),
        ({"rules__marketing__basis": None}, r"^rules\.marketing\.basis: "),
        ({"rules__marketing__reason__zh-Hant": None}, r"^rules\.marketing\.reason\.zh-Hant: "),
        ({"rules__marketing__fallback": None}, r"^rules\.marketing\.fallback: missing; while consent\.withdrawn"),
        ({"rules__recommendation__fallback": "P1Y"}, r"^rules\.recommendation\.fallback: says nothing"),
        (
            {"rules__delivery_contact__fallback": "P10D", "rules__delivery_contact__expected": "P1D"},
            "shorter than the period",
        ),
        (
            {"rules__delivery_order__fallback": "P2Y"},
            r"^rules\.delivery_order\.fallback: shorter than a law's minimum, P3Y",
        ),
        ({"rules__delivery_order__minimum": []}, r"^rules\.delivery_order\.minimum: restrict keeps data for a law"),
        ({"rules__delivery_order__period": "P4Y"}, r"^rules\.delivery_order\.(minimum|fallback): "),
        ({"rules__delivery_contact__expected": "P1Y"}, r"^rules\.delivery_contact\.expected: longer than the fallback"),
        (
            {"rules__delivery_order__kinds": ["name", "phone"]},
            r"\.kinds: phone for delivery is covered by rules\.delivery_",
        ),
    ],
)
def test_what_is_missing_contradictory_or_unsound_is_refused_with_its_field(edits: dict[str, Any], why: str) -> None:
    with pytest.raises(PolicyError, match=why):
        parse_source(edited(**edits))


@pytest.mark.parametrize("text", ["[]", "a: 1\na: 2", "a: &b [*b", "1: 2", "", "\tx: 1"])
def test_a_text_that_is_no_mapping_of_names_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        read_text(text)


def test_the_same_policy_has_the_same_digest_and_another_one_has_not() -> None:
    first, again, other = (source_digest(source_text(one)) for one in (edited(), edited(), edited(version=2)))
    assert first == again != other
