"""HTTP operations on the log."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from audit import messages as m
from audit.entry import Act, Action, Group, Outcome, Reason, SubjectRef
from audit.export_filter import Filter
from audit.log import AuditLog
from audit.merkle import leaf_hash
from audit.ports import SubjectDirectory
from audit.published import Access, NotPublishedError, Place, PublishedLogs
from audit.reader import AuditReader, Selection
from database.columns import millis
from database.engine import Database
from web.auth import caller, occasion, require
from web.edge_problems import NOT_FOUND
from web.openapi import blueprint
from web.principal import Scope
from web.problems import Problem, ProblemError

PROBLEMS: Mapping[type[Exception], Problem] = {NotPublishedError: NOT_FOUND}

_SHOWN_OF_ACCESS = ("at", "action", "outcome", "actor", "reason", "purpose", "view", "kind")


class AuditApi:
    """The log over HTTP. Reading what it says of people leaves an entry, too."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        reader: AuditReader,
        *,
        published: PublishedLogs,
        subjects: SubjectDirectory,
    ) -> None:
        self._database = database
        self._log = log
        self._reader = reader
        self._published = published
        self._subjects = subjects

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
        tenant = caller().tenant
        refs = None if query.subject is None else self._refs(query.subject, Action.AUDIT_READ)
        criteria: dict[str, Any] = {
            "actor.id": query.actor,
            "action": query.action,
            "outcome": query.outcome,
        }
        listed: dict[str, Any] = {name: [value] for name, value in criteria.items() if value is not None}
        if refs is not None:
            listed["subject"] = list(refs)
        selection = Selection(
            tenant=tenant,
            since=_millis(query.since),
            until=_millis(query.until),
            newest_first=query.order == "newest",
            meets=Filter(listed).predicate(),
        )
        page = self._reader.page(selection, after=query.cursor, limit=query.limit)
        self._record(Action.AUDIT_READ, len(page.entries), refs or ())
        items = [
            {"number": found.number, "log": found.log, "index": found.leaf, "entry": found.fields}
            for found in page.entries
        ]
        return jsonify({"items": items, "next_cursor": None if page.next is None else str(page.next)})

    def prove_audit_entry(self, path: m.ProofPath, query: m.ProofQuery) -> Response:
        """Prove that an entry of the tenant is in the published log"""
        log = self._published.log(query.log)
        entry, proof = log.proof(path.index)
        principal = caller()
        if orjson.loads(entry)["tenant"] != principal.tenant and not principal.may(Scope.AUDIT_LOG):
            raise NotPublishedError
        self._record(Action.AUDIT_READ, 1)
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
        refs = self._refs(path.subject, Action.AUDIT_ACCESS_LOG)
        after = None if query.cursor is None else Place(*map(int, query.cursor.split(".")))
        newest_first = query.order == "newest"
        page = self._published.accesses(
            refs, caller().tenant, after=after, newest_first=newest_first, limit=query.limit
        )
        self._record(Action.AUDIT_ACCESS_LOG, len(page.entries), refs)
        more = None if page.next is None else f"{page.next.log}.{page.next.leaf}"
        return jsonify({"items": [_access(one) for one in page.entries], "next_cursor": more})

    def _refs(self, subject: str, action: Action) -> Sequence[SubjectRef]:
        """The person's pseudonyms. Asking for somebody who is not there is recorded and answered by 404."""
        refs = self._subjects.pseudonyms(caller().tenant, subject)
        if not refs:
            self._append(action, Group(Outcome.FAILED, Reason.NOT_FOUND))
            raise ProblemError(NOT_FOUND)
        return refs

    def _record(self, action: Action, count: int, refs: Sequence[SubjectRef] = ()) -> None:
        self._append(action, Group(Outcome.DONE, subjects=refs, count=count))

    def _append(self, action: Action, group: Group) -> None:
        now, tenant = occasion(), caller().tenant
        act = Act(action, now.actor, tenant, now.at, now.request, [group])
        self._database.write(tenant, lambda tx: self._log.append(tx, act))


def _access(one: Access) -> dict[str, Any]:
    shown = {name: one.fields[name] for name in _SHOWN_OF_ACCESS if name in one.fields}
    behalf = {"behalf": one.fields["behalf"]["role"]} if "behalf" in one.fields else {}
    return {"log": one.place.log, "index": one.place.leaf, **shown, **behalf, "items": one.items}


def _millis(moment: datetime | None) -> int | None:
    return None if moment is None else millis(moment)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
