"""The log's files over HTTP, as c2sp.org/tlog-tiles has them: a checkpoint that changes, and tiles that never do.

Tiles of hashes say nothing of anybody. Bundles hold the entries of every tenant, and need a scope of their own.
"""

from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from audit import messages as m
from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from audit.published import PublishedLogs
from database.engine import Database
from web.auth import caller, demand, occasion, require
from web.openapi import blueprint
from web.principal import Scope

_CHECKPOINT = {"Cache-Control": "private, max-age=1"}
_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_OCTETS: dict[Any, Any] = {200: {"description": "The file", "content": {"application/octet-stream": {}}}}
_TEXT: dict[Any, Any] = {200: {"description": "The signed note", "content": {"text/plain": {}}}}


class LogFilesApi:
    """Checkpoint and tiles of the present log at /audit/, those of each log at /audit/logs/<N>/."""

    def __init__(self, database: Database, log: AuditLog, published: PublishedLogs) -> None:
        self._database = database
        self._log = log
        self._published = published

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("audit_files", about="The log as files, for any tool that reads tiles.", prefix="")
        read = require(Scope.AUDIT_READ)
        api.get("/audit/checkpoint", responses=_TEXT)(read(self.get_checkpoint))
        api.get("/audit/tile/<path:path>", responses=_OCTETS)(read(self.get_tile))
        api.get("/audit/logs/<int:log>/checkpoint", responses=_TEXT)(read(self.get_checkpoint_of_log))
        api.get("/audit/logs/<int:log>/tile/<path:path>", responses=_OCTETS)(read(self.get_tile_of_log))
        return api

    def get_checkpoint(self) -> Response:
        """Get the published checkpoint"""
        return self._checkpoint(None)

    def get_checkpoint_of_log(self, path: m.LogPath) -> Response:
        """Get the last published checkpoint of a log"""
        return self._checkpoint(path.log)

    def get_tile(self, path: m.FilePath) -> Response:
        """Get a tile of hashes, or with audit:log a bundle of entries"""
        return self._tile(None, path.path)

    def get_tile_of_log(self, path: m.LogFilePath) -> Response:
        """Get a tile of hashes of a log, or with audit:log a bundle of its entries"""
        return self._tile(path.log, path.path)

    def _checkpoint(self, log: int | None) -> Response:
        note = self._published.log(log).note
        return Response(note, content_type="text/plain; charset=utf-8", headers=_CHECKPOINT)

    def _tile(self, log: int | None, path: str) -> Response:
        holds_entries = path.startswith("entries/")
        if holds_entries:
            demand(Scope.AUDIT_LOG)
        octets = self._published.tile(log, f"tile/{path}")
        if holds_entries:
            now, tenant = occasion(), caller().tenant
            act = Act(Action.AUDIT_READ, now.actor, tenant, now.at, now.request, [Group(Outcome.DONE)])
            self._database.write(tenant, lambda tx: self._log.append(tx, act))
        return Response(octets, content_type="application/octet-stream", headers=_FOREVER)
