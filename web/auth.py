"""Who may call what: every view says which scope it needs, and no call reaches a view without it.

A view is marked by `require`, `authenticated`, `visitor` or `public`. The mark is read before the request body is touched, so
that nobody without a credential makes the service parse anything. A view without a mark stops the start of the application
(`refuse_unmarked`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from math import inf
from time import monotonic
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from web import store
from web.context import RequestContext, current
from web.credential import CredentialText, same_digest
from web.edge_problems import FORBIDDEN, RATE_LIMITED, UNAUTHENTICATED
from web.errors import MalformedCredentialError
from web.issuance import Occasion
from web.limits import TokenBuckets
from web.principal import Principal, Role, Scope, read_scopes
from web.problems import ProblemError
from web.recent_callers import Caller, RecentCallers
from web.refusals import NO_TENANT, Refusal, RefusalCounter
from web.source import Network, classify, client_address, site

View = TypeVar("View", bound=Callable[..., Any])

Door = Callable[[RequestContext], Response | None]
"""Lets somebody in before the view, or answers in its place."""

VISITOR_BODY_BYTES = 64 * 1024

_MARK = "moat_access"
_GATE = "moat_gate"


@dataclass(frozen=True, slots=True)
class Access:
    """What a view asks of its caller: a credential, a scope of it, and a body of at most `body_bytes` if not as usual.

    A `recent` look-up of the credential will do, one of the last `recent_callers.RECENT_SECONDS`; or it is only `remembered`,
    for a direct operation that asks again whether the credential works. A page has a door of its own, and so has a view that
    is `signed`: programs call it with a signature instead of a credential, and its problems are no pages.
    """

    credential: bool
    scope: Scope | None = None
    body_bytes: int | None = None
    recent: bool = False
    remembered: bool = False
    visitor: bool = False
    door: Door | None = None
    signed: bool = False


class _RefusedError(Exception):
    """A credential that does not work, and whose it is as far as that is known."""

    def __init__(self, reason: Reason, tenant: int = NO_TENANT, credential: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.tenant = tenant
        self.credential = credential


def require(
    scope: Scope, *, body_bytes: int | None = None, recent: bool = False, remembered: bool = False
) -> Callable[[View], View]:
    """Mark a view: only a credential with `scope` may call it. Stands below the route's decorator; takes bound methods too.

    `body_bytes` replaces the usual bound on the length of the body, for views that read it as a stream. `recent` is for views
    whose own answers may be a second old: for them, a credential that was revoked ends within that second. `remembered` is for
    views that are answered directly as well, by callers whom `standing` finds in force.
    """
    access = Access(credential=True, scope=scope, body_bytes=body_bytes, recent=recent, remembered=remembered)
    return marked(access)


def authenticated(view: View) -> View:
    """Mark a view that any working credential may call."""
    return marked(Access(credential=True))(view)


def public(view: View) -> View:
    """Mark a view that anybody may call without a credential."""
    return marked(Access(credential=False))(view)


def visitor(view: View) -> View:
    """Mark a view for people, who have no credential: as often as one source may call, with a small body, and among the calls
    that a process works on at once."""
    return marked(Access(credential=False, body_bytes=VISITOR_BODY_BYTES, visitor=True))(view)


def caller() -> Principal:
    """The authenticated principal of this request.

    Raises:
        LookupError: the view is public.
    """
    principal = current().principal
    if principal is None:
        raise LookupError("a public view has no caller")
    return principal


def demand(scope: Scope) -> None:
    """Ask for a further scope inside a view, where it depends on the body.

    Raises:
        ProblemError: 403, recorded, without it.
    """
    principal = caller()
    if not principal.may(scope):
        raise gate().forbidden(principal, scope, current())


def occasion() -> Occasion:
    """This request, as the use cases record it."""
    context, principal = current(), caller()
    actor = Actor(ActorKind.CREDENTIAL, principal.credential, principal.role.value)
    return Occasion(actor=actor, request=context.request_id, at=context.at, test=principal.test)


def visit() -> Occasion:
    """This request of a visitor, as the use cases record it: by the class of its source."""
    context = current()
    return Occasion(
        actor=Actor(ActorKind.SOURCE, role=gate().source_class()), request=context.request_id, at=context.at
    )


def count_refusal(action: Action, reason: Reason) -> None:
    """Count a refusal of this visitor, to be written with those of the same minute: whoever hammers the door must not be able to
    fill the disk."""
    gate().count(action, reason, current())


def gate() -> "Gate":
    """The gate of this application."""
    found: Gate = current_app.extensions[_GATE]
    return found


def access_of(view: Callable[..., Any]) -> Access:
    """The mark of a view.

    Raises:
        LookupError: it has none.
    """
    access = getattr(view, _MARK, None)
    if not isinstance(access, Access):
        raise LookupError(f"the view {view.__name__} is not marked with who may call it")
    return access


def refuse_unmarked(app: Flask) -> None:
    """Make sure that every view says who may call it.

    Raises:
        LookupError: one does not.
    """
    for view in app.view_functions.values():
        access_of(view)


class Gate:
    """Authenticates a request and decides whether it may go on, before its view and its body are looked at."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        *,
        refusals: RefusalCounter,
        calls: TokenBuckets,
        failures: TokenBuckets,
        visitors: TokenBuckets,
        proxies: tuple[Network, ...] = (),
    ) -> None:
        self._database = database
        self._log = log
        self._refusals = refusals
        self._calls = calls
        self._failures = failures
        self._visitors = visitors
        self._proxies = proxies
        self._recent = RecentCallers()

    def attach(self, app: Flask) -> None:
        """Let the views of `app` ask this gate for further scopes."""
        app.extensions[_GATE] = self

    def admit(self, access: Access, context: RequestContext) -> None:
        """Set the principal of the request of `context`, whose view asks for `access`.

        Raises:
            ProblemError: 401 without a working credential, 429 beyond the rate, 403 without the scope.
        """
        try:
            principal = self._authenticate(request.headers.get("Authorization", ""), context.at, access)
        except _RefusedError as refused:
            raise self._unauthenticated(refused, context) from None
        context.principal = principal
        if wait := self._calls.take(principal.credential, monotonic()):
            self._note(Action.RATE_LIMITED, Reason.RATE, context, principal.tenant, principal.credential)
            raise ProblemError(RATE_LIMITED, headers=_retry_after(wait))
        if access.scope is not None and not principal.may(access.scope):
            raise self.forbidden(principal, access.scope, context)

    def recall(self, header: str, scope: Scope, at: int) -> Caller | None:
        """The caller of an Authorization header, if it was looked up a moment ago and may call what takes `scope` now. None is no
        refusal: `admit` decides that, and records it."""
        now = monotonic()
        known = self._recent.recall(header, now=now, at=at)
        if known is None or not known.principal.may(scope) or self._calls.take(known.principal.credential, now):
            return None
        return known

    def receive(self, context: RequestContext) -> None:
        """Let in somebody who has no credential.

        Raises:
            ProblemError: 429 where their source comes too often.
        """
        if wait := self._visitors.take(site(self._source()), monotonic()):
            self._note(Action.RATE_LIMITED, Reason.RATE, context, NO_TENANT, 0)
            raise ProblemError(RATE_LIMITED, headers=_retry_after(wait))

    def _authenticate(self, header: str, at: int, access: Access) -> Principal:
        looked_up_at = monotonic()
        if access.recent and (known := self._recent.recall(header, now=looked_up_at, at=at)) is not None:
            return known.principal
        kind, _, presented = header.partition(" ")
        if kind.lower() != "bearer":
            raise _RefusedError(Reason.UNKNOWN)
        try:
            digest = CredentialText(presented.strip()).digest()
        except MalformedCredentialError:
            raise _RefusedError(Reason.INVALID) from None
        row = self._database.look(store.LOOK_UP, digest=digest)
        if row is None:
            raise _RefusedError(Reason.UNKNOWN)
        tenant, number, name, role, scopes, test, expires_at, revoked_at, frozen_at, stored, ends_at = row
        if not same_digest(bytes(stored), digest):
            raise _RefusedError(Reason.UNKNOWN)
        if revoked_at is not None:
            raise _RefusedError(Reason.REVOKED, tenant, number)
        if frozen_at is not None:
            raise _RefusedError(Reason.FROZEN, tenant, number)
        ends = min((end for end in (expires_at, ends_at) if end is not None), default=inf)
        if ends <= at:
            raise _RefusedError(Reason.EXPIRED, tenant, number)
        principal = Principal(tenant, number, name, Role(role), read_scopes(scopes), bool(test))
        if access.recent or access.remembered:
            self._recent.remember(header, Caller(principal, digest, looked_up_at, ends))
        return principal

    def _unauthenticated(self, refused: _RefusedError, context: RequestContext) -> ProblemError:
        """A source that fails too often hears so. Its calls with a working credential still pass: whoever shares an address
        with a broken client is not locked out, and guessing 256 bits needs no lock."""
        self._note(Action.CREDENTIAL_REFUSED, refused.reason, context, refused.tenant, refused.credential)
        if wait := self._failures.take(site(self._source()), monotonic()):
            return ProblemError(RATE_LIMITED, headers=_retry_after(wait))
        challenge = 'Bearer realm="moat"'
        if "Authorization" in request.headers:
            challenge += ', error="invalid_token"'
        return ProblemError(UNAUTHENTICATED, headers={"WWW-Authenticate": challenge})

    def forbidden(self, principal: Principal, scope: Scope, context: RequestContext) -> ProblemError:
        """The recorded refusal of a call that lacks `scope`."""
        actor = Actor(ActorKind.CREDENTIAL, principal.credential, principal.role.value)
        group = Group(Outcome.DENIED, reason=Reason.SCOPE)
        act = Act(Action.SCOPE_REFUSED, actor, principal.tenant, context.at, context.request_id, (group,))
        self._database.write(principal.tenant, lambda tx: self._log.append(tx, act))
        challenge = f'Bearer realm="moat", error="insufficient_scope", scope="{scope}"'
        return ProblemError(
            FORBIDDEN, detail=f"This operation needs the scope {scope}.", headers={"WWW-Authenticate": challenge}
        )

    def _note(self, action: Action, reason: Reason, context: RequestContext, tenant: int, credential: int) -> None:
        source = classify(self._source())
        self._refusals.note(Refusal(action, reason, source, tenant, credential), context.at)

    def count(self, action: Action, reason: Reason, context: RequestContext) -> None:
        """Count a refusal of somebody who is not known."""
        self._note(action, reason, context, NO_TENANT, 0)

    def source_class(self) -> str:
        """The class of the address that this request came from."""
        return classify(self._source()).value

    def _source(self) -> str:
        return client_address(request.environ, self._proxies)


def marked(access: Access) -> Callable[[View], View]:
    """Mark a view with what it asks of its caller."""

    def mark(view: View) -> View:
        @wraps(view)
        def named(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        setattr(named, _MARK, access)
        return named  # type: ignore[return-value]  # the wrapper has the signature of what it wraps

    return mark


def _retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(seconds + 0.5)))}
