"""The privacy notice: what data are used for, by whom, and how the wording has changed. Anybody may read it, signed in or not."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response

from consent.catalogue import Edition
from consent.errors import NoticeNotFoundError
from consent.locale import Locale
from pages.privacy.around import Around
from pages.privacy.consents import sections
from pages.privacy.use_cases import Values
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError


@dataclass(frozen=True, slots=True)
class Change:
    """One line that a version has and the one before it had not, or the other way round."""

    added: bool
    text: str


class Notices:
    """The views of notices."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def add(self, pages: Blueprint) -> None:
        """Enter the views."""
        either = self._around.doors.either
        pages.add_url_rule("/notices", "notices", either(self.list), methods=["GET"])
        pages.add_url_rule("/notices/<purpose>", "notice", either(self.show), methods=["GET"])
        pages.add_url_rule("/notices/<purpose>/<int:version>", "notice_version", either(self.show), methods=["GET"])

    def list(self, tenant: str) -> Response:
        """Every purpose in force, and who answers for it."""
        edition = self._edition(tenant)
        locale, catalogue = self._spoken(edition), edition.catalogue
        controller = catalogue.controller
        return self._around.page(
            "notices",
            purposes=[
                (name, catalogue.notice(name).texts[locale].title, one.description[locale], one.rests_on_consent)
                for name, one in catalogue.by_id.items()
            ],
            recipients=[
                (one.name[locale], catalogue.names[locale].capacities[one.kind], one.country != controller.country)
                for one in catalogue.recipients.values()
            ],
            controller=controller.name[locale],
            contact=controller.contact[locale],
            address=controller.address[locale],
            email=controller.email,
            phone=controller.phone,
            security=controller.security[locale],
            version=edition.version,
            since=edition.applied_at,
        )

    def show(self, tenant: str, purpose: str, version: int | None = None) -> Response:
        """One notice, in force or of an earlier version, with every version and what it changed."""
        number, locale = self._around.tenants.number(tenant), self._spoken(self._edition(tenant))

        def seen() -> Values:
            return self._seen(number, locale, purpose, version)

        try:
            return self._around.page("notice", **self._around.use.together(number, seen))
        except NoticeNotFoundError:
            raise ProblemError(NOT_FOUND) from None

    def _seen(self, tenant: int, locale: Locale, purpose: str, version: int | None) -> Values:
        reader = self._around.use.catalogues
        versions = reader.notice_versions(tenant, purpose)
        wanted = versions[-1].version if version is None else version
        text = reader.notice(tenant, purpose, wanted, locale)
        before = [one.version for one in versions if one.version < wanted]
        old = reader.notice(tenant, purpose, before[-1], locale).text if before else None
        return {
            "purpose": purpose,
            "notice_title": text.title,
            "sections": sections(text.text),
            "wanted": wanted,
            "latest": versions[-1].version,
            "material": text.material,
            "published_at": text.published_at,
            "digest": text.digest,
            "changes": () if old is None else changes(old, text.text),
            "versions": [(one.version, one.published_at, one.material) for one in reversed(versions)],
        }

    def _edition(self, tenant: str) -> Edition:
        return self._around.use.catalogues.edition(self._around.tenants.number(tenant))

    def _spoken(self, edition: Edition) -> Locale:
        locale, offered = self._around.site.locale(), edition.catalogue.locales
        return locale if locale in offered else offered[0]


def changes(old: str, new: str) -> Sequence[Change]:
    """The lines that differ, in the order of the new text."""
    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return [Change(line[0] == "+", line[2:]) for line in lines if line[0] in "+-" and line[2:].strip()]
