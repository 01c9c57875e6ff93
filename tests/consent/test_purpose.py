"""The starter purposes, and what a catalogue refuses."""

from pathlib import Path
from typing import Any

import pytest

from consent.catalogue_text import parse_source, read_source, read_text, source_text, starter_catalogue
from consent.errors import CatalogueError, UnknownPurposeError
from consent.locale import Locale, closest
from consent.purpose import DefaultState, GdprBasis, PiplBasis, SeparateClass
from tests.support.catalogue import GONE, catalogue, source
from vault.identifier import Sensitivity
from vault.judged_kind import JUDGED

STARTER = starter_catalogue()


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
        "call_recording",
    )


def test_the_vaults_kinds_and_those_of_the_purposes_are_the_same() -> None:
    needed = frozenset().union(*(STARTER.purpose(purpose).kinds for purpose in STARTER.purposes()))
    assert needed == frozenset(JUDGED)
    assert {name for name, kind in JUDGED.items() if kind.sensitivity is Sensitivity.SENSITIVE} == STARTER.sensitive


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
        ("call_recording", "phone landline", "name address note"),
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


def test_what_is_not_needed_for_the_order_rests_on_consent_and_is_off_at_first() -> None:
    on_consent = {purpose for purpose in STARTER.purposes() if STARTER.purpose(purpose).rests_on_consent}
    assert on_consent == {
        "precise_location",
        "marketing_sms",
        "marketing_call",
        "recommendation",
        "merchant_sharing",
        "cross_border",
        "call_recording",
    }
    assert {STARTER.purpose(purpose).default for purpose in on_consent} == {DefaultState.OFF}


def test_fraud_control_has_a_ground_under_each_law() -> None:
    purpose = STARTER.purpose("fraud_control")
    assert (purpose.pipl, purpose.gdpr) == (PiplBasis.LEGAL_DUTY, GdprBasis.LEGITIMATE_INTERESTS)


def test_separate_consent_is_asked_where_the_law_names_it() -> None:
    separate = {purpose: STARTER.purpose(purpose).separate for purpose in STARTER.purposes()}
    assert {purpose: reason for purpose, reason in separate.items() if reason} == {
        "payment": SeparateClass.SENSITIVE,
        "precise_location": SeparateClass.SENSITIVE,
        "recommendation": SeparateClass.SENSITIVE,
        "merchant_sharing": SeparateClass.SHARING,
        "cross_border": SeparateClass.CROSS_BORDER,
        "courier_verification": SeparateClass.SENSITIVE,
    }


def test_a_kind_added_to_a_group_is_needed_by_the_purposes_of_the_group() -> None:
    names = {"zh-Hans": "QQ", "zh-Hant": "QQ", "en": "QQ"}
    wider = catalogue(groups__contact=["phone", "landline", "email", "wechat_id", "qq"], kinds__qq=names)
    assert wider.necessary("account", "qq")
    assert not STARTER.necessary("account", "qq")
    assert "- QQ\n" in wider.notice("account").texts[Locale.EN].text


def test_a_consent_covers_what_lies_below_but_for_what_is_asked_for_separately() -> None:
    tree = catalogue(
        purposes__marketing_call__parent="marketing_sms",
        purposes__recommendation__parent="marketing_call",
        purposes__merchant_sharing__parent="marketing_sms",
    )
    assert tree.covered_by("marketing_sms") == ("marketing_sms", "marketing_call")
    assert tree.covered_by("recommendation") == ("recommendation",)
    assert [one.id for one in tree.ancestors("recommendation")] == ["marketing_call", "marketing_sms"]


def test_what_a_recipient_gets_is_said_per_purpose() -> None:
    assert STARTER.purpose("delivery").shared_with("map_service") == {"address", "geo"}
    assert STARTER.purpose("delivery").shared_with("police") == frozenset()


DAYS = {"days": 30, "text": {"zh-Hans": "三十天", "zh-Hant": "三十天", "en": "Thirty days"}}


@pytest.mark.parametrize(
    ("edits", "named"),
    [
        ({"purposes__delivery__groups": ["persons"]}, "purposes.delivery.groups: there is no group persons"),
        ({"purposes__delivery__kinds": ["phnoe"]}, "purposes.delivery.kinds: no group holds the kind phnoe"),
        ({"purposes__relay_call__kinds": []}, "purposes.relay_call: needs no kind"),
        ({"purposes__delivery__basis__pipl": "legitimate_interests"}, "purposes.delivery.basis.pipl: "),
        ({"purposes__delivery__basis__gdpr": GONE}, "purposes.delivery.basis.gdpr: "),
        ({"purposes__delivery__basis__gdpr": "consent"}, "purposes.delivery.validity_days: needed"),
        ({"purposes__delivery__description__en": GONE}, "purposes.delivery.description.en: missing"),
        ({"purposes__delivery__retention": "1y"}, "purposes.delivery.retention: "),
        ({"purposes__delivery__retention__text__zh-Hant": GONE}, "purposes.delivery.retention.text.zh-Hant: missing"),
        ({"purposes__delivery__keeps": 3}, "purposes.delivery.keeps: "),
        ({"purposes__delivery__separate": "maybe"}, "purposes.delivery.separate: "),
        ({"purposes__delivery__subjects": ["alien"]}, "frame.zh-Hans.subjects.alien: missing"),
        ({"purposes__delivery__parent": "orders"}, "purposes.delivery.parent: there is no purpose orders"),
        ({"purposes__delivery__parent": "relay_call"}, "purposes.delivery.parent: leads back to delivery"),
        ({"purposes__marketing_sms__default": "on"}, "purposes.marketing_sms.default: what rests on consent is off"),
        ({"purposes__recommendation__separate": GONE}, "purposes.recommendation.separate: needed, because geo"),
        ({"purposes__delivery__recipients": {"nasa": ["geo"]}}, "purposes.delivery.recipients: the register has no"),
        (
            {"purposes__delivery__recipients": {"map_service": ["email"]}},
            "recipients.map_service: the purpose does not",
        ),
        (
            {"purposes__delivery__recipients": {"merchant_club": ["name"]}},
            "purposes.delivery.separate: needed, because",
        ),
        ({"purposes__cross_border__recipients": {}}, "purposes.cross_border.recipients: cross_border needs"),
        ({"purposes__delivery!": {}}, "purposes.delivery!"),
        ({"recipients__overseas_service__transfer": GONE}, "recipients.overseas_service.transfer: needed, because"),
        ({"recipients__overseas_service__country": "XX"}, "frame.zh-Hans.countries.XX: missing"),
        ({"groups__other": ["phone"]}, "groups.other: phone is already in contact"),
        ({"sensitive": ["dna"]}, "sensitive: no group holds the kind dna"),
        ({"kinds__geo__en": GONE}, "kinds.geo.en: missing"),
        ({"controller__email": GONE}, "controller.email: "),
        ({"controller__name__zh-Hans": GONE}, "controller.name.zh-Hans: missing"),
        ({"notices__delivery": GONE}, "notices.delivery: missing"),
        ({"notices__delivery__en": GONE}, "notices.delivery.en: missing"),
        ({"notices__delivery__en__why": GONE}, "notices.delivery.en.why: "),
        ({"notices__payment__zh-Hant__necessity": GONE}, "notices.payment.zh-Hant.necessity: needed, because"),
        ({"notices__delivery__en__why": "Ask {boss}."}, "notices.delivery.en.why: nothing fills the place {boss}"),
        ({"notices__curiosity": {}}, "notices.curiosity: there is no purpose curiosity"),
        ({"frame__en__headings__contact": GONE}, "frame.en.headings.contact: missing"),
        ({"locales": ["zh-Hans", "en"]}, "controller.name.zh-Hant: not one of the catalogue's languages"),
        ({"version": 0}, "version: "),
        ({"version": True}, "version: "),
    ],
)
def test_a_faulty_catalogue_is_refused_with_the_field_named(edits: dict[str, Any], named: str) -> None:
    with pytest.raises(CatalogueError) as refusal:
        parse_source(source(**edits))
    assert named in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a: 1\nb: [", "not YAML, line"),
        ("a: 1\nb: 2\na: 3\n", "not YAML, line 3"),
        ("1: 2", "not YAML, line 1"),
        ("- a", "not a mapping"),
        ("!!python/object/apply:os.getcwd []", "not YAML"),
    ],
)
def test_what_is_not_a_mapping_of_yaml_is_refused_with_its_line(text: str, named: str) -> None:
    with pytest.raises(CatalogueError, match=named):
        read_text(text)


def test_on_off_and_norway_are_words() -> None:
    assert read_text("a: on\nb: off\nc: NO\nd: true") == {"a": "on", "b": "off", "c": "NO", "d": True}


def test_files_of_a_directory_add_up_and_may_not_say_one_thing_twice(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("purposes: {a: {x: 1}}")
    (tmp_path / "two.yaml").write_text("purposes: {a: {y: 2}, b: {}}\nversion: 3")
    assert read_source([tmp_path]) == {"purposes": {"a": {"x": 1, "y": 2}, "b": {}}, "version": 3}
    (tmp_path / "three.yaml").write_text("purposes: {a: {y: 2}}")
    with pytest.raises(CatalogueError, match=r"two\.yaml: purposes: a: y is said twice"):
        read_source([tmp_path])


def test_an_empty_directory_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="there is no"):
        read_source([tmp_path])


def test_a_catalogue_says_the_same_after_it_was_stored() -> None:
    stored = parse_source(read_text(source_text(source())))
    assert {name: stored.notice(name) for name in stored.purposes()} == dict(STARTER.notices)
    assert [stored.purpose(name) for name in stored.purposes()] == [STARTER.purpose(n) for n in STARTER.purposes()]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh-Hant-MO", "zh-Hant"),
        ("EN-gb", "en"),
        ("fr", "zh-Hans"),
        ("", "zh-Hans"),
    ],
)
def test_the_nearest_language_is_that_of_the_script(wanted: str, found: str) -> None:
    assert closest(wanted, STARTER.locales) == Locale(found)


def test_only_languages_that_are_offered_are_chosen() -> None:
    assert closest("zh-TW", [Locale.EN, Locale.ZH_HANS]) is Locale.ZH_HANS
    assert closest("zh-TW", [Locale.EN]) is Locale.EN
