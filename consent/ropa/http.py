"""The record of processing activities over HTTP."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from pydantic import Field

from consent.catalogues.reading import CatalogueReader
from consent.locale import Locale
from consent.ropa.record import record_of
from consent.ropa.writing import MEDIA_TYPES, file_name, written
from database.columns import millis
from web.auth import caller, require
from web.json_body import Body
from web.openapi import blueprint
from web.principal import Scope


class RecordQuery(Body):
    format: Literal["html", "json", "csv"] = "json"
    locale: Locale | None = Field(None, description="Language; the catalogue's first one by default.")


class RecordApi:
    """The operation that hands the record out."""

    def __init__(self, reader: CatalogueReader, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._now = now

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("records", about="The record of processing activities, made from the catalogue.")
        api.get("/ropa", responses={200: _FILES})(require(Scope.AUDIT_READ)(self.get_processing_record))
        return api

    def get_processing_record(self, query: RecordQuery) -> Response:
        """Get the record of processing activities as HTML, JSON or CSV"""
        edition = self._reader.edition(caller().tenant)
        offered = edition.catalogue.locales
        locale = query.locale if query.locale in offered else offered[0]
        record = record_of(edition, locale, millis(self._now()))
        headers = {"Content-Disposition": f'attachment; filename="{file_name(record, query.format)}"'}
        return Response(written(record, query.format), headers=headers, content_type=MEDIA_TYPES[query.format])


_FILES = {
    "description": "The record, for saving and printing.",
    "content": {
        media_type.split(";")[0]: {"schema": {"type": "string" if form != "json" else "object"}}
        for form, media_type in MEDIA_TYPES.items()
    },
}
