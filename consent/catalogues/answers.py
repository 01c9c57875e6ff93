"""Catalogues in the words of the answers, in one language."""

from typing import Any

from consent.catalogue import Catalogue, Edition
from consent.locale import Locale
from consent.purpose import Purpose
from consent.recipient import Recipient


def purpose_answer(edition: Edition, purpose: Purpose, locale: Locale) -> dict[str, Any]:
    """One purpose."""
    notice = edition.catalogue.notice(purpose.id)
    return {
        "purpose": purpose.id,
        "parent": purpose.parent,
        "title": notice.texts[locale].title,
        "description": purpose.description[locale],
        "basis": {"pipl": purpose.pipl, "gdpr": purpose.gdpr},
        "rests_on_consent": purpose.rests_on_consent,
        "separate": purpose.separate,
        "kinds": ordered(edition.catalogue, purpose.kinds),
        "subjects": list(purpose.subjects),
        "recipients": [
            {"recipient": one.recipient, "kinds": ordered(edition.catalogue, one.kinds)} for one in purpose.sharing
        ],
        "retention": {"days": purpose.retention.days, "text": purpose.retention.text[locale]},
        "minors": purpose.minors,
        "validity_days": purpose.validity_days,
        "reask_days": purpose.reask_days,
        "default": purpose.default,
        "gpc": purpose.gpc,
        "notice_version": notice.version,
        "material_version": edition.material[purpose.id],
    }


def register_answer(catalogue: Catalogue, recipient: Recipient, locale: Locale) -> dict[str, Any]:
    """One recipient, with what it gets."""
    given = [(purpose.id, purpose.shared_with(recipient.id)) for purpose in catalogue.by_id.values()]
    return {
        **recipient_answer(catalogue, recipient, locale),
        "purposes": [{"purpose": name, "kinds": ordered(catalogue, kinds)} for name, kinds in given if kinds],
    }


def recipient_answer(catalogue: Catalogue, recipient: Recipient, locale: Locale) -> dict[str, Any]:
    """Who a recipient is."""
    return {
        "recipient": recipient.id,
        "name": recipient.name[locale],
        "kind": recipient.kind,
        "country": recipient.country,
        "abroad": recipient.country != catalogue.controller.country,
        "contact": recipient.contact,
        "safeguards": recipient.safeguards[locale],
        "contract": recipient.contract,
        "transfer": recipient.transfer,
    }


def catalogue_answer(edition: Edition, locale: Locale) -> dict[str, Any]:
    """All but the versions."""
    catalogue, controller = edition.catalogue, edition.catalogue.controller
    return {
        "version": catalogue.version,
        "sha256": edition.digest,
        "locales": list(catalogue.locales),
        "locale": locale,
        "controller": {
            "name": controller.name[locale],
            "contact": controller.contact[locale],
            "address": controller.address[locale],
            "country": controller.country,
            "email": controller.email,
            "phone": controller.phone,
            "url": controller.url,
        },
        "groups": {name: list(kinds) for name, kinds in catalogue.groups.items()},
        "kinds": dict(catalogue.names[locale].kinds),
        "sensitive": ordered(catalogue, catalogue.sensitive),
        "purposes": [purpose_answer(edition, one, locale) for one in catalogue.by_id.values()],
        "recipients": [register_answer(catalogue, one, locale) for one in catalogue.recipients.values()],
    }


def ordered(catalogue: Catalogue, kinds: frozenset[str]) -> list[str]:
    """Kinds in the order in which the catalogue's groups list them."""
    return [kind for group in catalogue.groups.values() for kind in group if kind in kinds]
