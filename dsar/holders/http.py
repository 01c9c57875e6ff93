"""HTTP operations on holders and on what they were asked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from dsar.holders import messages as m
from dsar.holders.holder import Holder, Holders
from dsar.holders.ports import SigningKeys
from dsar.holders.register import Connector
from dsar.holders.signature import jwk
from dsar.holders.task import OPEN, Task
from dsar.holders.tasks import TaskDesk
from dsar.request import By
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope


class HolderApi:
    """Holders over HTTP. `declared` are the systems beside this one."""

    def __init__(self, desk: TaskDesk, holders: Holders, declared: Sequence[Connector], keys: SigningKeys) -> None:
        self._desk = desk
        self._holders = holders
        self._declared = {one.name: one for one in declared}
        self._keys = keys

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("holders", about="Who holds data of people, and what they were asked for people's requests.")
        read, manage = require(Scope.DSAR_READ), require(Scope.DSAR_MANAGE)
        api.get("/requests/<request>/tasks", responses={200: m.TasksPage})(read(self.list_request_tasks))
        api.get("/holders", responses={200: m.HoldersAnswer})(read(self.list_holders))
        api.get("/holders/keys", responses={200: m.HolderKeysAnswer})(read(self.get_holder_keys))
        api.get("/holders/dead-tasks", responses={200: m.TasksPage})(read(self.list_dead_tasks))
        one = "/holders/tasks/<int:task>"
        api.post(f"{one}/replay", responses={200: m.TaskAnswer})(manage(self.replay_holder_task))
        api.post(f"{one}/cancel", responses={200: m.TaskAnswer})(manage(self.cancel_holder_task))
        api.post("/holders/<holder>/check", responses={200: m.CheckAnswer})(manage(self.check_holder))
        return api

    def list_request_tasks(self, path: m.RequestPath, query: m.PageQuery) -> Response:
        """List what holders were asked for a request, by page"""
        found = self._desk.page(caller().tenant, UUID(path.request), after=query.cursor, limit=query.limit)
        return _page(found, query.limit)

    def list_holders(self) -> Response:
        """List everybody who holds data of people, in the order in which a person is disposed of"""
        return jsonify(items=[_holder(one, self._declared.get(one.name)) for one in self._holders.of(caller().tenant)])

    def get_holder_keys(self) -> Response:
        """Get the public keys that sign what goes to systems beside this service, the newest first

        Whoever runs such a system pins one of them there.
        """
        return jsonify(keys=[jwk(one) for one in self._keys.publics()])

    def list_dead_tasks(self, query: m.PageQuery) -> Response:
        """List what was given up and waits for somebody to see to it, by page"""
        return _page(self._desk.dead(caller().tenant, after=query.cursor, limit=query.limit), query.limit)

    def replay_holder_task(self, path: m.TaskPath) -> Response:
        """Have a task that was given up tried again"""
        return jsonify(_task(self._desk.replay(caller().tenant, path.task, _by())))

    def cancel_holder_task(self, path: m.TaskPath) -> Response:
        """Call a task back that has not ended

        A system beside this service lets it be called back only while it has not begun.
        """
        return jsonify(_task(self._desk.cancel(caller().tenant, path.task, _by())))

    def check_holder(self, path: m.HolderPath) -> Response:
        """Ask a system beside this service what it can do, and compare it with what is declared"""
        missing = self._desk.check(caller().tenant, path.holder)
        return jsonify(missing_types=missing.types, missing_identities=missing.identities)


def _by() -> By:
    now = occasion()
    return By(now.actor, now.request, now.at)


def _page(found: Sequence[Task], limit: int) -> Response:
    more = str(found[-1].id) if len(found) == limit else None
    return jsonify({"items": [_task(one) for one in found], "next_cursor": more})


def _task(one: Task) -> dict[str, Any]:
    return {
        "task": one.id,
        "request": str(one.request),
        "holder": one.holder,
        "act": one.act.value,
        "key": one.key,
        "id": None if one.outside is None else str(one.outside),
        "state": one.state.value,
        "attempts": one.attempts,
        "next_attempt_at": rfc3339(one.next_at) if one.state in OPEN else None,
        "deadline_at": None if one.deadline_at is None else rfc3339(one.deadline_at),
        "status": one.status,
        "error": one.error,
        "method": one.method,
        "count": one.count,
        "evidence": None if one.evidence is None else one.evidence.hex(),
        "created_at": rfc3339(one.created_at),
        "ended_at": None if one.ended_at is None else rfc3339(one.ended_at),
    }


def _holder(holder: Holder, declared: Connector | None) -> dict[str, Any]:
    return {
        "holder": holder.name,
        "url": None if declared is None else declared.url,
        "acts": sorted(act.value for act in holder.acts),
        "categories": [] if declared is None else sorted(declared.categories),
        "identities": []
        if declared is None
        else [{"type": one.type.value, "format": one.format.value} for one in declared.identities],
        "answer_days": None if declared is None else declared.answer_days,
    }
