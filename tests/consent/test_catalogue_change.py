"""What counts as a change, which changes are material, and what a catalogue has to announce."""

from typing import Any

import pytest

from consent.catalogue import Edition
from consent.catalogues.change import Facet, changes, material_versions, refuse_unannounced
from consent.errors import CatalogueConflictError
from tests.support.catalogue import GONE, catalogue

BEFORE = catalogue()
LATEST = dict.fromkeys(BEFORE.purposes(), 1)
SMS = "marketing_sms"
DAYS = {"days": 30, "text": {"zh-Hans": "三十天", "zh-Hant": "三十天", "en": "Thirty days"}}


@pytest.mark.parametrize(
    ("purpose", "edits", "facets"),
    [
        (SMS, {f"notices__{SMS}__en__why": "Another reason."}, {Facet.WORDING}),
        (SMS, {f"purposes__{SMS}__kinds": ["phone", "landline"]}, {Facet.KINDS_ADDED, Facet.WORDING}),
        ("marketing_call", {"purposes__marketing_call__kinds": ["phone"],
                            "purposes__marketing_call__recipients": {"call_centre": ["phone"]}},
         {Facet.KINDS_REMOVED, Facet.RECIPIENTS_REMOVED, Facet.WORDING}),
        (SMS, {f"purposes__{SMS}__recipients__call_centre": ["phone"]}, {Facet.RECIPIENTS_ADDED, Facet.WORDING}),
        (SMS, {f"purposes__{SMS}__parent": "marketing_call"}, {Facet.PARENT}),
        (SMS, {f"purposes__{SMS}__basis__gdpr": "legitimate_interests"}, {Facet.BASIS}),
        (SMS, {f"purposes__{SMS}__separate": "sharing"}, {Facet.SEPARATE, Facet.WORDING}),
        (SMS, {f"purposes__{SMS}__minors": "guardian"}, {Facet.MINORS, Facet.WORDING}),
        (SMS, {f"purposes__{SMS}__retention": DAYS}, {Facet.RETENTION, Facet.WORDING}),
        ("relay_call", {"purposes__relay_call__retention__days": 181}, {Facet.RETENTION}),
        (SMS, {"recipients__sms_gateway__name__en": "Other Ltd"}, {Facet.RECIPIENT_CHANGED, Facet.WORDING}),
        (SMS, {f"purposes__{SMS}__validity_days": 90}, {Facet.WORDING}),
    ],
)  # fmt: skip
def test_a_change_is_told_by_what_differs(purpose: str, edits: dict[str, Any], facets: set[Facet]) -> None:
    found = {change.purpose: set(change.facets) for change in changes(BEFORE, catalogue(**edits))}
    assert found[purpose] == facets


@pytest.mark.parametrize(
    "edits",
    [
        {},
        {f"purposes__{SMS}__reask_days": 200},
        {"purposes__relay_call__retention__days": 90},
        {f"purposes__{SMS}__assessment": {"reference": "PIA-7", "dated": "2026-11-01"}},
        {"controller__security__en": "Locks."},
    ],
)
def test_what_nobody_was_told_and_nobody_has_to_be_told_is_no_change_of_a_notice(edits: dict[str, Any]) -> None:
    after = catalogue(**edits)
    refuse_unannounced(BEFORE, after, LATEST)
    assert all(change.facets == () for change in changes(BEFORE, after))


MATERIAL: list[dict[str, Any]] = [
    {f"purposes__{SMS}__kinds": ["phone", "landline"]},
    {f"purposes__{SMS}__recipients__call_centre": ["phone"]},
    {f"purposes__{SMS}__retention": DAYS},
    {f"purposes__{SMS}__parent": "marketing_call"},
    {f"purposes__{SMS}__basis__gdpr": "legitimate_interests"},
    {f"purposes__{SMS}__separate": "sharing"},
    {"recipients__sms_gateway__country": "SG", "recipients__sms_gateway__transfer": "certification"},
]


@pytest.mark.parametrize("edits", MATERIAL)
@pytest.mark.parametrize("notice", [{"version": 1}, {"version": 2, "material": False}])
def test_a_material_change_takes_a_new_material_version(edits: dict[str, Any], notice: dict[str, Any]) -> None:
    with pytest.raises(CatalogueConflictError, match=rf"^purposes\.{SMS}\.notice"):
        refuse_unannounced(BEFORE, catalogue(**edits, **{f"purposes__{SMS}__notice": notice}), LATEST)
    refuse_unannounced(BEFORE, catalogue(**edits, **{f"purposes__{SMS}__notice": {"version": 2}}), LATEST)


def test_other_words_take_another_version_which_need_not_be_material() -> None:
    reworded = {f"notices__{SMS}__en__title": "Offers, by text message"}
    with pytest.raises(CatalogueConflictError, match="1 is published with other words; take 2"):
        refuse_unannounced(BEFORE, catalogue(**reworded), LATEST)
    again = catalogue(**reworded, **{f"purposes__{SMS}__notice": {"version": 2, "material": False}})
    refuse_unannounced(BEFORE, again, LATEST)
    (change,) = changes(BEFORE, again)
    assert (change.was, change.version, change.asks_again) == (1, 2, False)


def test_a_version_that_was_ever_published_is_not_taken_again() -> None:
    latest = {**LATEST, SMS: 4}
    three = catalogue(**{f"notices__{SMS}__en__why": "New.", f"purposes__{SMS}__notice": {"version": 3}})
    with pytest.raises(CatalogueConflictError, match="4 is published; take 5"):
        refuse_unannounced(BEFORE, three, latest)


def test_a_purpose_that_comes_back_goes_on_counting() -> None:
    without = catalogue(**{f"purposes__{SMS}": GONE, f"notices__{SMS}": GONE})
    (gone,) = changes(BEFORE, without)
    assert (gone.facets, gone.was, gone.version, gone.asks_again) == ((Facet.REMOVED,), 1, None, False)
    with pytest.raises(CatalogueConflictError, match="1 was published before; take 2"):
        refuse_unannounced(without, BEFORE, LATEST)
    back = catalogue(**{f"purposes__{SMS}__notice": {"version": 2}})
    refuse_unannounced(without, back, LATEST)
    (added,) = changes(without, back)
    assert (added.facets, added.was, added.version, added.asks_again) == ((Facet.ADDED,), None, 2, False)


def test_consents_are_stale_before_the_latest_material_version_and_only_then() -> None:
    reworded = {f"notices__{SMS}__en__why": "Second."}
    second = catalogue(**reworded, **{f"purposes__{SMS}__notice": {"version": 2, "material": False}})
    third = catalogue(**reworded, **{f"purposes__{SMS}__kinds": ["phone", "landline"],
                                     f"purposes__{SMS}__notice": {"version": 3}})  # fmt: skip
    first = material_versions({}, None, BEFORE)
    after_second = material_versions(first, BEFORE, second)
    after_third = material_versions(after_second, second, third)
    assert [versions[SMS] for versions in (first, after_second, after_third)] == [1, 1, 3]
    assert after_third["delivery"] == 1
    edition = Edition(catalogue=third, digest="", applied_at=0, material=after_third)
    assert [edition.stale(SMS, version) for version in (1, 2, 3)] == [True, True, False]
    assert edition.stale("curiosity", 9)
