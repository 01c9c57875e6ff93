"""Catalogues, purposes, notices and the register of recipients over HTTP: texts that anybody of the tenant may read."""

import base64
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response
from flask_openapi.blueprint import APIBlueprint

from consent.catalogue import Edition
from consent.catalogues import messages as m
from consent.catalogues.answers import catalogue_answer, purpose_answer, register_answer
from consent.catalogues.reading import CatalogueReader
from consent.errors import CatalogueNotFoundError, NoticeNotFoundError, UnknownPurposeError
from consent.locale import Locale
from database.columns import rfc3339
from web.auth import authenticated, caller
from web.edge_problems import NOT_FOUND
from web.openapi import blueprint
from web.problems import Problem

PROBLEMS: Mapping[type[Exception], Problem] = {
    CatalogueNotFoundError: NOT_FOUND,
    NoticeNotFoundError: NOT_FOUND,
    UnknownPurposeError: NOT_FOUND,
}


class CatalogueApi:
    """The operations on what people are told."""

    def __init__(self, reader: CatalogueReader) -> None:
        self._reader = reader

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("catalogue", about="Purposes, the notices that people read, and who gets what.")
        api.get("/catalogue", responses={200: m.CatalogueAnswer})(authenticated(self.get_catalogue))
        api.get("/purposes", responses={200: m.PurposesPage})(authenticated(self.list_purposes))
        api.get("/purposes/<purpose>", responses={200: m.PurposeAnswer})(authenticated(self.get_purpose))
        notices = "/notices/<purpose>"
        api.get(notices, responses={200: m.NoticeVersionsPage})(authenticated(self.list_notice_versions))
        api.get(f"{notices}/<int:version>", responses={200: m.NoticeAnswer})(authenticated(self.get_notice))
        api.get("/recipients", responses={200: m.RecipientsPage})(authenticated(self.list_recipients))
        return api

    def get_catalogue(self, query: m.CatalogueQuery) -> Response:
        """Show the catalogue in force, or another version of it"""
        tenant = caller().tenant
        edition = self._reader.edition(tenant, query.version)
        versions = self._reader.versions(tenant)
        applied = next((one.applied_at for one in versions if one.version == edition.version), edition.applied_at)
        listed = [
            {
                "version": one.version,
                "sha256": one.digest,
                "starter": one.starter,
                "applied_at": rfc3339(one.applied_at),
            }
            for one in versions
        ]
        shown = catalogue_answer(edition, _language(edition, query.locale))
        return _json({**shown, "applied_at": rfc3339(applied), "versions": listed})

    def list_purposes(self, query: m.LocaleQuery) -> Response:
        """List the purposes in force"""
        edition = self._reader.edition(caller().tenant)
        locale = _language(edition, query.locale)
        items = [purpose_answer(edition, one, locale) for one in edition.catalogue.by_id.values()]
        return _json({"locale": locale, "catalogue": edition.version, "items": items, "next_cursor": None})

    def get_purpose(self, path: m.PurposePath, query: m.LocaleQuery) -> Response:
        """Show a purpose in force"""
        edition = self._reader.edition(caller().tenant)
        purpose = edition.catalogue.purpose(path.purpose)
        return _json(purpose_answer(edition, purpose, _language(edition, query.locale)))

    def list_notice_versions(self, path: m.PurposePath) -> Response:
        """List the versions of a notice, those no longer in force too"""
        versions = self._reader.notice_versions(caller().tenant, path.purpose)
        items = [
            {
                "version": one.version,
                "material": one.material,
                "change": one.change,
                "published_at": rfc3339(one.published_at),
            }
            for one in versions
        ]
        return _json({"purpose": path.purpose, "items": items, "next_cursor": None})

    def get_notice(self, path: m.NoticePath, query: m.NoticeQuery) -> Response:
        """Get a notice exactly as it was published

        As JSON, or with `format=text` as the octets whose SHA-256 names it.
        """
        found = self._reader.notice(caller().tenant, path.purpose, path.version, query.locale)
        if query.format == "text":
            digest = base64.b64encode(bytes.fromhex(found.digest)).decode()
            headers = {"Repr-Digest": f"sha-256=:{digest}:", "Content-Language": found.locale}
            return Response(found.text.encode(), headers=headers, content_type="text/plain; charset=utf-8")
        return _json(
            {
                "purpose": path.purpose,
                "version": path.version,
                "locale": found.locale,
                "title": found.title,
                "text": found.text,
                "sha256": found.digest,
                "material": found.material,
                "published_at": rfc3339(found.published_at),
            }
        )

    def list_recipients(self, query: m.LocaleQuery) -> Response:
        """List who gets personal data, and which for what"""
        edition = self._reader.edition(caller().tenant)
        locale = _language(edition, query.locale)
        items = [register_answer(edition.catalogue, one, locale) for one in edition.catalogue.recipients.values()]
        return _json({"locale": locale, "catalogue": edition.version, "items": items, "next_cursor": None})


def _language(edition: Edition, wanted: Locale | None) -> Locale:
    """The wanted language, if the catalogue has it; else its first."""
    offered = edition.catalogue.locales
    return wanted if wanted in offered else offered[0]


def _json(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), content_type="application/json")
