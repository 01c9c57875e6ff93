"""What goes into a batch and what comes out of calls, as frozen values. No ``repr`` shows a personal value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from moat_client.errors import ItemError

View: TypeAlias = Literal["masked", "building", "plain"]


@dataclass(frozen=True, slots=True)
class Item:
    """One value to tokenize. ``purpose`` and ``ref`` override those of the call; ``expires_in`` is in seconds."""

    subject: str
    kind: str
    value: str = field(repr=False)
    mode: Literal["stable", "fresh"] | None = None
    format: Literal["preserving"] | None = None
    expires_in: int | None = None
    max_uses: int | None = None
    purpose: str | None = None
    ref: str | None = None

    def wire(self) -> dict[str, object]:
        """Return the JSON object that the service takes: only what was set."""
        members: dict[str, object] = {"subject": self.subject, "kind": self.kind, "value": self.value}
        for name in ("mode", "format", "expires_in", "max_uses", "purpose", "ref"):
            set_to = getattr(self, name)
            if set_to is not None:
                members[name] = set_to
        return members


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A token to detokenize. ``purpose`` and ``ref`` override those of the call."""

    token: str
    purpose: str | None = None
    ref: str | None = None

    def wire(self) -> dict[str, object]:
        """Return the JSON object that the service takes: only what was set."""
        members = {"token": self.token, "purpose": self.purpose, "ref": self.ref}
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Tokenized:
    """A value's token; ``created`` is false if the same value of the same subject had it already."""

    token: str
    created: bool

    @classmethod
    def of(cls, item: Mapping[str, object]) -> "Tokenized | ItemError":
        """Read one item of the answer to tokenize."""
        error = item.get("error")
        if isinstance(error, dict):
            return ItemError.of(error)
        return cls(token=str(item["token"]), created=bool(item.get("created")))


@dataclass(frozen=True, slots=True)
class Revealed:
    """A token's value in the view that was allowed. ``subject`` is empty on an anonymous order."""

    kind: str
    subject: str
    view: str
    value: str = field(repr=False)

    @classmethod
    def of(cls, item: Mapping[str, object]) -> "Revealed | ItemError":
        """Read one item of the answer to detokenize."""
        error = item.get("error")
        if isinstance(error, dict):
            return ItemError.of(error)
        return cls(
            kind=str(item.get("kind", "")),
            subject=str(item.get("subject") or ""),
            view=str(item.get("view", "")),
            value=str(item.get("value", "")),
        )


@dataclass(frozen=True, slots=True)
class Match:
    """One stored value that equals the one searched for."""

    token: str
    subject: str


@dataclass(frozen=True, slots=True)
class Found:
    """The matches of one search item; ``truncated`` if there are more than the limit."""

    matches: tuple[Match, ...]
    truncated: bool

    @classmethod
    def of(cls, item: Mapping[str, object]) -> "Found | ItemError":
        """Read one item of the answer to search."""
        error = item.get("error")
        if isinstance(error, dict):
            return ItemError.of(error)
        matches = item.get("matches")
        return cls(
            matches=tuple(
                Match(token=str(match["token"]), subject=str(match["subject"]))
                for match in (matches if isinstance(matches, list) else ())
            ),
            truncated=bool(item.get("truncated")),
        )


@dataclass(frozen=True, slots=True)
class MaskedField:
    """A field of a subject: its token and its masked writing, or in ``denied`` why that is not shown. RFC 3339, UTC."""

    token: str
    masked: str | None = field(repr=False)
    updated_at: str
    denied: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A subject as its masked profile. ``state`` is ``active``, ``frozen`` and the like."""

    subject: str
    type: str | None
    state: str
    fields: Mapping[str, MaskedField]

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Profile":
        """Read the answer to GET /v1/subjects/{subject}."""
        listed = answer.get("fields")
        return cls(
            subject=str(answer["subject"]),
            type=_text_or_none(answer.get("type")),
            state=str(answer.get("state", "")),
            fields={
                name: MaskedField(
                    token=str(entry.get("token", "")),
                    masked=_text_or_none(entry.get("masked")),
                    updated_at=str(entry.get("updated_at", "")),
                    denied=_text_or_none(entry.get("denied")),
                )
                for name, entry in (listed.items() if isinstance(listed, dict) else ())
            },
        )


@dataclass(frozen=True, slots=True)
class Use:
    """Why a stored value is there: a purpose, and the business reference it serves, since when (RFC 3339)."""

    purpose: str
    ref: str | None
    since: str


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What is recorded of a token, without its value."""

    token: str
    kind: str
    subject: str
    created_at: str
    expires_at: str | None
    uses_left: int | None
    uses: tuple[Use, ...]
    found: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, token: str, answer: Mapping[str, object]) -> "TokenRecord":
        """Read the answer to GET /v1/tokens/{token}."""
        uses, left, found = answer.get("uses"), answer.get("uses_left"), answer.get("found")
        return cls(
            token=token,
            kind=str(answer.get("kind", "")),
            subject=str(answer.get("subject", "")),
            created_at=str(answer.get("created_at", "")),
            expires_at=_text_or_none(answer.get("expires_at")),
            uses_left=None if left is None else int(str(left)),
            uses=tuple(
                Use(purpose=str(use.get("purpose", "")), ref=use.get("ref"), since=str(use.get("since", "")))
                for use in (uses if isinstance(uses, list) else ())
            ),
            found={str(kind): int(str(count)) for kind, count in (found if isinstance(found, dict) else {}).items()},
        )


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential. ``text`` is what a caller presents: there on creation and rotation only, and in no ``repr``."""

    id: int
    name: str
    role: str
    scopes: tuple[str, ...]
    test: bool
    expires_at: str | None
    revoked_at: str | None
    text: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Credential":
        """Read a credential."""
        return cls(
            id=int(str(answer["id"])),
            name=str(answer.get("name", "")),
            role=str(answer.get("role", "")),
            scopes=_texts(answer.get("scopes")),
            test=bool(answer.get("test")),
            expires_at=_text_or_none(answer.get("expires_at")),
            revoked_at=_text_or_none(answer.get("revoked_at")),
            text=_text_or_none(answer.get("credential")),
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the service takes the caller for."""

    tenant: int
    credential: int
    name: str
    role: str
    scopes: tuple[str, ...]
    test: bool

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Caller":
        """Read the answer to GET /v1/whoami."""
        return cls(
            tenant=int(str(answer["tenant"])),
            credential=int(str(answer["credential"])),
            name=str(answer.get("name", "")),
            role=str(answer.get("role", "")),
            scopes=_texts(answer.get("scopes")),
            test=bool(answer.get("test")),
        )


@dataclass(frozen=True, slots=True)
class Job:
    """Work that goes on after its call: ``state`` is awaiting_approval, queued, running, paused, cancelling, cancelled, done or
    failed.

    ``asked_by`` and ``approved_by`` name people as ``credential:7 (operator)``; ``approvals`` is how many the job needs, and a
    list of jobs leaves out those given. The next step begins at ``wait_until``, if not at once. Times are RFC 3339, UTC.
    """

    id: str
    kind: str
    state: str
    done: int
    total: int
    error: str | None
    created_at: str
    updated_at: str = ""
    asked_by: str = ""
    approvals: int = 0
    approved_by: tuple[str, ...] = ()
    wait_until: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in {"cancelled", "done", "failed"}

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Job":
        """Read a job."""
        approvals = answer.get("approvals")
        approvals = approvals if isinstance(approvals, dict) else {}
        given = approvals.get("given")
        return cls(
            id=str(answer["job"]),
            kind=str(answer.get("kind", "")),
            state=str(answer.get("state", "")),
            done=int(str(answer.get("done", 0))),
            total=int(str(answer.get("total", 0))),
            error=_text_or_none(answer.get("error")),
            created_at=str(answer.get("created_at", "")),
            updated_at=str(answer.get("updated_at", "")),
            asked_by=_person(answer.get("asked_by")),
            approvals=int(str(approvals.get("needed", 0))),
            approved_by=tuple(map(_person, given)) if isinstance(given, list) else (),
            wait_until=_text_or_none(answer.get("wait_until")),
        )


def _person(named: object) -> str:
    """Write somebody in one word, with the role in brackets if there is one."""
    if not isinstance(named, dict):
        return ""
    who = str(named.get("kind", ""))
    who = f"{who}:{named['id']}" if named.get("id") else who
    return f"{who} ({named['role']})" if named.get("role") else who


def _texts(listed: object) -> tuple[str, ...]:
    return tuple(map(str, listed)) if isinstance(listed, list) else ()


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
