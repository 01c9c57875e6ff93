"""The log's entries: a page of them by what is asked, and one with what proves that it is there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from flask import Blueprint, Response, request, url_for

from audit.asking import Asking
from audit.checkpoint import Note, VerifierKey
from audit.entry import Action, Outcome
from audit.errors import AuditError
from audit.merkle import inclusion_path, leaf_hash
from audit.published import NotPublishedError
from audit.reader import FoundEntry
from audit.reading import LogReading, Proved, Question
from database.columns import millis
from pages.auditor.days import day_of, moment_of
from pages.shell.site import Site
from pages.staff.door import StaffDoor
from web.auth import caller
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError

PAGE = 50
_ACTIONS = frozenset(one.value for one in Action)
_OUTCOMES = frozenset(one.value for one in Outcome)
_BESIDE = ("at", "action", "outcome", "actor", "tenant")


class _Row(NamedTuple):
    """A line of the list."""

    at: int
    action: str
    actor: str
    actor_id: int | None
    outcome: str
    reason: str | None
    log: int | None
    leaf: int | None


class EntryPages:
    """Entries and their proofs."""

    def __init__(
        self,
        site: Site,
        reading: LogReading,
        keys: Callable[[], Sequence[VerifierKey]],
        asking: Callable[[], Asking],
    ) -> None:
        self._site = site
        self._reading = reading
        self._keys = keys
        self._asking = asking

    def add(self, pages: Blueprint, door: StaffDoor) -> None:
        """Enter the routes."""
        read = Scope.AUDIT_READ
        pages.add_url_rule("/entries", "entries", door(self.entries, read))
        pages.add_url_rule("/entries/<int:log>/<int:index>", "entry", door(self.entry, read))
        pages.add_url_rule("/entries/<int:log>/<int:index>/proof", "proof", door(self.proof, read))
        pages.add_url_rule("/entries/<int:log>/<int:index>/octets", "octets", door(self.octets, read))

    def entries(self) -> Response:
        """A page of the tenant's entries, the newest first."""
        asked = {name: request.args.get(name, "").strip() for name in ("action", "outcome", "actor", "since", "until")}
        after = _number(request.args.get("after"))
        page = self._reading.entries(self._asking(), _question(asked), after=after, limit=PAGE)
        kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
        return self._site.page(
            "auditor/entries.html",
            entries=[_row(one) for one in page.entries],
            asked=asked,
            filtered=bool(kept),
            actions=[("", self._site.say("auditor.any")), *((one, one) for one in sorted(_ACTIONS))],
            outcomes=[
                ("", self._site.say("auditor.any")),
                *((one.value, self._site.say(f"auditor.outcome.{one.value}")) for one in Outcome),
            ],
            next=None if page.next is None else url_for("auditor.entries", after=page.next, **kept),
            first=url_for("auditor.entries", **kept) if "after" in request.args else None,
        )

    def entry(self, log: int, index: int) -> Response:
        """One entry, with its proof step by step."""
        proved = self._proved(log, index)
        fields: Mapping[str, Any] = orjson.loads(proved.entry)
        leaf = leaf_hash(proved.entry)
        steps = inclusion_path(leaf, index=index, size=proved.log.checkpoint.size, proof=proved.proof.hashes)
        return self._site.page(
            "auditor/entry.html",
            fields=fields,
            beside={name: _said(value) for name, value in fields.items() if name not in _BESIDE},
            at=_at(fields),
            octets=proved.entry.decode(),
            leaf=leaf,
            steps=list(steps),
            checkpoint=proved.log.checkpoint,
            note=proved.log.note.decode(),
            signers=[one.name for one in Note.parse(proved.log.note).signatures],
            held=self._holds(proved),
            keys=[str(key) for key in self._keys()],
            log=log,
            index=index,
        )

    def proof(self, log: int, index: int) -> Response:
        """The proof as a file (c2sp.org/tlog-proof)."""
        return _file(bytes(self._proved(log, index).proof), f"{index}.tlog-proof", "text/plain; charset=utf-8")

    def octets(self, log: int, index: int) -> Response:
        """The entry as a file, octet for octet."""
        return _file(self._proved(log, index).entry, f"{index}.json", "application/json")

    def _proved(self, log: int, index: int) -> Proved:
        try:
            return self._reading.prove(self._asking(), index, log, every_tenant=caller().may(Scope.AUDIT_LOG))
        except NotPublishedError:
            raise ProblemError(NOT_FOUND) from None

    def _holds(self, proved: Proved) -> bool:
        try:
            proved.proof.check(proved.entry, self._keys())
        except AuditError:
            return False
        return True


def _row(found: FoundEntry) -> _Row:
    fields, actor = found.fields, found.fields["actor"]
    return _Row(
        _at(fields),
        fields["action"],
        actor.get("role") or actor["kind"],
        actor.get("id"),
        fields["outcome"],
        fields.get("reason"),
        found.log,
        found.leaf,
    )


def _file(octets: bytes, name: str, media_type: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(octets, content_type=media_type, headers=named)


def _question(asked: Mapping[str, str]) -> Question:
    """What the form asks for; a field that cannot be meant asks for nothing."""
    action, outcome = asked["action"], asked["outcome"]
    until = day_of(asked["until"])
    return Question(
        since=moment_of(day_of(asked["since"])),
        until=None if until is None else moment_of(until + timedelta(days=1)),
        actor=_number(asked["actor"]),
        action=action if action in _ACTIONS else None,
        outcome=outcome if outcome in _OUTCOMES else None,
        newest_first=True,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def _at(fields: Mapping[str, Any]) -> int:
    return millis(datetime.fromisoformat(fields["at"]))


def _said(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
