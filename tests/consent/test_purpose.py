"""The starter purposes, and what a catalogue refuses."""

import pytest

from consent.errors import CatalogueError, UnknownPurposeError
from consent.purpose import GdprBasis, PiplBasis, SeparateClass, parse_catalogue, starter_catalogue
from vault.identifier import KINDS

STARTER = starter_catalogue()

SMALL = """
groups:
  contact: [phone, email]
purposes:
  delivery:
    basis: {pipl: contract, gdpr: contract}
    groups: [contact]
    description: {zh-Hans: 送货, en: Delivery}
"""


def test_the_starter_purposes_are_those_of_the_http_contract() -> None:
    assert STARTER.purposes() == (
        "account",
        "delivery",
        "relay_call",
        "payment",
        "support",
        "fraud_control",
        "precise_location",
        "marketing_sms",
        "marketing_call",
        "recommendation",
        "merchant_sharing",
        "cross_border",
        "courier_verification",
    )


def test_the_vaults_kinds_and_those_of_the_purposes_are_the_same() -> None:
    needed = frozenset().union(*(STARTER.purpose(purpose).kinds for purpose in STARTER.purposes()))
    assert needed == frozenset(KINDS)


@pytest.mark.parametrize(
    ("purpose", "needed", "refused"),
    [
        ("delivery", "name phone address note", "id_card bank_card email birth_date"),
        ("relay_call", "phone", "name address"),
        ("payment", "bank_card name", "address note geo"),
        ("support", "name phone address note", "id_card bank_card geo"),
        ("fraud_control", "phone address geo", "id_card bank_card note"),
        ("marketing_sms", "phone", "name landline address"),
        ("precise_location", "geo", "address phone"),
        ("courier_verification", "id_card license_plate bank_card", "address geo note"),
    ],
)
def test_a_purpose_needs_its_own_kinds_and_no_other(purpose: str, needed: str, refused: str) -> None:
    assert [kind for kind in needed.split() if not STARTER.necessary(purpose, kind)] == []
    assert [kind for kind in refused.split() if STARTER.necessary(purpose, kind)] == []


def test_nothing_is_necessary_for_an_unknown_purpose_or_of_an_unknown_kind() -> None:
    assert not STARTER.necessary("curiosity", "phone")
    assert not STARTER.necessary("delivery", "shoe_size")
    assert not STARTER.knows("curiosity")


def test_asking_for_an_unknown_purpose_raises_without_repeating_it() -> None:
    with pytest.raises(UnknownPurposeError) as refusal:
        STARTER.purpose("13812345678")
    assert "138" not in str(refusal.value)


def test_what_is_not_needed_for_the_order_rests_on_consent() -> None:
    on_consent = {purpose for purpose in STARTER.purposes() if STARTER.purpose(purpose).rests_on_consent}
    assert on_consent == {
        "precise_location",
        "marketing_sms",
        "marketing_call",
        "recommendation",
        "merchant_sharing",
        "cross_border",
    }


def test_fraud_control_has_a_ground_under_each_law() -> None:
    purpose = STARTER.purpose("fraud_control")
    assert (purpose.pipl, purpose.gdpr) == (PiplBasis.LEGAL_DUTY, GdprBasis.LEGITIMATE_INTERESTS)


def test_separate_consent_is_asked_where_the_law_names_it() -> None:
    separate = {purpose: STARTER.purpose(purpose).separate for purpose in STARTER.purposes()}
    assert {purpose: reason for purpose, reason in separate.items() if reason} == {
        "payment": SeparateClass.SENSITIVE,
        "precise_location": SeparateClass.SENSITIVE,
        "merchant_sharing": SeparateClass.SHARING,
        "cross_border": SeparateClass.CROSS_BORDER,
        "courier_verification": SeparateClass.SENSITIVE,
    }


def test_a_kind_added_to_a_group_is_needed_by_the_purposes_of_the_group() -> None:
    wider = parse_catalogue(SMALL.replace("[phone, email]", "[phone, email, qq]"))
    assert wider.necessary("delivery", "qq")
    assert not parse_catalogue(SMALL).necessary("delivery", "qq")


@pytest.mark.parametrize(
    ("written", "instead", "named"),
    [
        ("groups: [contact]", "groups: [contacts]", "purposes.delivery.groups: there is no group contacts"),
        ("groups: [contact]", "kinds: [phnoe]", "purposes.delivery.kinds: no group holds the kind phnoe"),
        ("    groups: [contact]\n", "", "purposes.delivery: needs no kind"),
        ("pipl: contract", "pipl: legitimate_interests", "purposes.delivery.basis.pipl"),
        (", gdpr: contract", "", "purposes.delivery.basis.gdpr"),
        (", en: Delivery", "", "purposes.delivery.description.en"),
        ("groups: [contact]", "groups: [contact]\n    separate: maybe", "purposes.delivery.separate"),
        ("groups: [contact]", "groups: [contact]\n    retention: 1y", "purposes.delivery.retention"),
        ("[phone, email]", "[phone, email]\n  other: [phone]", "groups.other: phone is already in contact"),
        ("  delivery:", "  Delivery!:", "purposes.Delivery!"),
        ("purposes:", "purposes: [", "not YAML"),
    ],
)
def test_a_faulty_catalogue_is_refused_with_the_field_named(written: str, instead: str, named: str) -> None:
    assert written in SMALL
    with pytest.raises(CatalogueError) as refusal:
        parse_catalogue(SMALL.replace(written, instead))
    assert named in str(refusal.value)
