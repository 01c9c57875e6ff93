"""HTTP operations on the log."""

from typing import Any, Literal

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, Field

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from audit.reader import AuditReader
from database.engine import Database
from web.auth import caller, occasion, require
from web.json_body import Body
from web.openapi import blueprint
from web.principal import Scope

PAGE_AT_MOST = 1_000


class EntriesQuery(Body):
    limit: int = Field(default=100, ge=1, le=PAGE_AT_MOST)
    cursor: int | None = Field(default=None, ge=0, le=2**63 - 1, description="`next_cursor` of the page before.")
    order: Literal["oldest", "newest"] = "oldest"


class EntryAnswer(BaseModel):
    """An entry of the log, as it was written."""

    number: int
    entry: dict[str, Any]


class EntriesPage(BaseModel):
    items: list[EntryAnswer]
    next_cursor: str | None


class AuditApi:
    """The log over HTTP. Reading it leaves an entry, too."""

    def __init__(self, database: Database, log: AuditLog, reader: AuditReader) -> None:
        self._database = database
        self._log = log
        self._reader = reader

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("audit", about="The log of every act, disclosure and refusal.")
        api.get("/audit/entries", responses={200: EntriesPage})(require(Scope.AUDIT_READ)(self.list_audit_entries))
        return api

    def list_audit_entries(self, query: EntriesQuery) -> Response:
        """List the tenant's log entries, by page"""
        tenant = caller().tenant
        if query.order == "oldest":
            found = self._reader.page(tenant, after=query.cursor or 0, limit=query.limit)
        else:
            found = self._reader.latest(tenant, before=query.cursor, limit=query.limit)
        now = occasion()
        act = Act(Action.AUDIT_READ, now.actor, tenant, now.at, now.request, [Group(Outcome.DONE, count=len(found))])
        self._database.write(tenant, lambda tx: self._log.append(tx, act))
        more = str(found[-1].number) if len(found) == query.limit else None
        items = [{"number": number, "entry": entry} for number, entry in found]
        return jsonify({"items": items, "next_cursor": more})
