"""What people are told: purposes and the versions of their notices, who gets data, and the record of processing activities."""

from flask import Blueprint, Response

from consent.catalogues.answers import register_answer
from consent.catalogues.reading import CatalogueReader
from consent.errors import NoticeNotFoundError
from consent.ropa.record import record_of
from consent.ropa.writing import MEDIA_TYPES, file_name, written
from pages.officer.around import Around
from pages.officer.naming import naming
from pages.privacy.consents import sections
from pages.privacy.notices import changes
from web.auth import caller
from web.context import current
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError


class CataloguePages:
    """The pages of the catalogue. Nothing in it is about a person, so that all staff may read it."""

    def __init__(self, around: Around, reader: CatalogueReader) -> None:
        self._around = around
        self._reader = reader

    def add(self, pages: Blueprint) -> None:
        """Enter the routes."""
        door, record = self._around.door, Scope.AUDIT_READ
        pages.add_url_rule("/catalogue", "catalogue", door(self.purposes))
        pages.add_url_rule("/catalogue/<purpose>", "purpose", door(self.purpose))
        pages.add_url_rule("/catalogue/<purpose>/<int:version>", "purpose_version", door(self.purpose))
        pages.add_url_rule("/recipients", "recipients", door(self.recipients))
        pages.add_url_rule("/records", "records", door(self.records, record))
        pages.add_url_rule("/records/<form>", "record", door(self.record, record))

    def purposes(self) -> Response:
        """The purposes in force, and which versions of the catalogue there have been."""
        names = naming(self._around.site, self._reader)
        return self._around.site.page(
            "officer/catalogue.html",
            record=record_of(names.edition, names.locale, current().at),
            edition=names.edition,
            versions=list(reversed(self._reader.versions(caller().tenant))),
        )

    def purpose(self, purpose: str, version: int | None = None) -> Response:
        """A purpose, and its notice as it is in force or was, with what that version changed."""
        tenant, reader, names = caller().tenant, self._reader, naming(self._around.site, self._reader)
        try:
            versions = reader.notice_versions(tenant, purpose)
            wanted = versions[-1].version if version is None else version
            text = reader.notice(tenant, purpose, wanted, names.locale)
            before = [one.version for one in versions if one.version < wanted]
            old = reader.notice(tenant, purpose, before[-1], names.locale).text if before else None
        except NoticeNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        activities = record_of(names.edition, names.locale, current().at).activities
        return self._around.site.page(
            "officer/purpose.html",
            purpose=purpose,
            activity=next((one for one in activities if one.id == purpose), None),
            text=text,
            sections=sections(text.text),
            wanted=wanted,
            versions=list(reversed(versions)),
            changes=() if old is None else changes(old, text.text),
            between=names.between,
        )

    def recipients(self) -> Response:
        """Who gets data, and which for what."""
        names = naming(self._around.site, self._reader)
        catalogue = names.edition.catalogue
        return self._around.site.page(
            "officer/recipients.html",
            recipients=[register_answer(catalogue, one, names.locale) for one in catalogue.recipients.values()],
            words=catalogue.names[names.locale],
            names=names,
        )

    def records(self) -> Response:
        """The record of processing activities, and in which forms it is taken away."""
        names = naming(self._around.site, self._reader)
        return self._around.site.page(
            "officer/records.html",
            record=record_of(names.edition, names.locale, current().at),
            edition=names.edition,
            forms=list(MEDIA_TYPES),
            between=names.between,
        )

    def record(self, form: str) -> Response:
        """The record as a file."""
        if form not in MEDIA_TYPES:
            raise ProblemError(NOT_FOUND)
        names = naming(self._around.site, self._reader)
        record = record_of(names.edition, names.locale, current().at)
        headers = {"Content-Disposition": f'attachment; filename="{file_name(record, form)}"'}
        answer = Response(written(record, form), headers=headers, content_type=MEDIA_TYPES[form])
        return self._around.site.sent(answer)
