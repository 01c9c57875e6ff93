"""HTTP operations on the log."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from audit import messages as m
from audit.asking import Asking
from audit.merkle import leaf_hash
from audit.published import Access, NotPublishedError, Place, PublishedLogs
from audit.reading import LogReading, PersonNotFoundError, Question
from database.columns import millis
from web.auth import caller, occasion, require
from web.edge_problems import NOT_FOUND
from web.openapi import blueprint
from web.principal import Scope
from web.problems import Problem

PROBLEMS: Mapping[type[Exception], Problem] = {NotPublishedError: NOT_FOUND, PersonNotFoundError: NOT_FOUND}

_SHOWN_OF_ACCESS = ("at", "action", "outcome", "actor", "reason", "purpose", "view", "kind")


class AuditApi:
    """The log over HTTP. Reading what it says of people leaves an entry, too."""

    def __init__(self, reading: LogReading, published: PublishedLogs) -> None:
        self._reading = reading
        self._published = published

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("audit", about="The log of every act, disclosure and refusal.")
        read = require(Scope.AUDIT_READ)
        proof: dict[Any, Any] = {200: m.ProofAnswer}
        api.get("/audit/entries", responses={200: m.EntriesPage})(read(self.list_audit_entries))
        api.get("/audit/entries/<int:index>/proof", responses=proof)(read(self.prove_audit_entry))
        api.get("/audit/consistency", responses={200: m.ConsistencyAnswer})(read(self.prove_audit_consistency))
        api.get("/subjects/<subject>/access-log", responses={200: m.AccessPage})(read(self.get_access_log))
        return api

    def list_audit_entries(self, query: m.EntriesQuery) -> Response:
        """List the tenant's log entries, by page"""
        question = Question(
            since=_millis(query.since),
            until=_millis(query.until),
            actor=query.actor,
            action=query.action,
            outcome=query.outcome,
            subject=query.subject,
            newest_first=query.order == "newest",
        )
        page = self._reading.entries(asking(), question, after=query.cursor, limit=query.limit)
        items = [
            {"number": found.number, "log": found.log, "index": found.leaf, "entry": found.fields}
            for found in page.entries
        ]
        return jsonify({"items": items, "next_cursor": None if page.next is None else str(page.next)})

    def prove_audit_entry(self, path: m.ProofPath, query: m.ProofQuery) -> Response:
        """Prove that an entry of the tenant is in the published log"""
        whole = caller().may(Scope.AUDIT_LOG)
        log, entry, proof = self._reading.prove(asking(), path.index, query.log, every_tenant=whole)
        if query.format == "tlog-proof":
            named = {"Content-Disposition": f'attachment; filename="{path.index}.tlog-proof"'}
            return Response(bytes(proof), content_type="text/plain; charset=utf-8", headers=named)
        return jsonify(
            log=log.number,
            index=path.index,
            size=log.checkpoint.size,
            entry=entry.decode(),
            leaf=_base64(leaf_hash(entry)),
            hashes=[_base64(one) for one in proof.hashes],
            root=_base64(log.checkpoint.root),
            checkpoint=log.note.decode(),
        )

    def prove_audit_consistency(self, query: m.ConsistencyQuery) -> Response:
        """Prove that the log begins with what it was at an older size"""
        log = self._published.log(query.log)
        found = log.consistency(query.old, log.checkpoint.size if query.size is None else query.size)
        return jsonify(
            log=log.number,
            old_size=found.old,
            size=found.size,
            old_root=_base64(found.old_root),
            root=_base64(found.root),
            hashes=[_base64(one) for one in found.hashes],
            checkpoint=log.note.decode(),
        )

    def get_access_log(self, path: m.AccessPath, query: m.AccessQuery) -> Response:
        """List every recorded act that concerned a person"""
        after = None if query.cursor is None else Place(*map(int, query.cursor.split(".")))
        newest_first = query.order == "newest"
        page = self._reading.accesses(asking(), path.subject, after=after, newest_first=newest_first, limit=query.limit)
        more = None if page.next is None else f"{page.next.log}.{page.next.leaf}"
        return jsonify({"items": [_access(one) for one in page.entries], "next_cursor": more})


def asking() -> Asking:
    """Whoever makes this request, as the use cases know them."""
    now = occasion()
    return Asking(tenant=caller().tenant, actor=now.actor, request=now.request, at=now.at)


def _access(one: Access) -> dict[str, Any]:
    shown = {name: one.fields[name] for name in _SHOWN_OF_ACCESS if name in one.fields}
    behalf = {"behalf": one.fields["behalf"]["role"]} if "behalf" in one.fields else {}
    return {"log": one.place.log, "index": one.place.leaf, **shown, **behalf, "items": one.items}


def _millis(moment: datetime | None) -> int | None:
    return None if moment is None else millis(moment)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
