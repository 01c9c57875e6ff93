"""Who may post webhooks: a switch, by the signature that it makes with the secret of its account.

1. account    named by the path; of another kind, or none, is refused like a wrong signature
2. form       read, at most 64 KiB of it
3. signature  over the address as the switch called it, which behind a proxy only the operator's setting knows
4. login      the form's own name of the account is the account's
"""

from dataclasses import dataclass

from flask import Response, g, request

from audit.entry import Action, Actor, ActorKind, Reason
from masking.relay.accounts.account import Account, AccountKind
from masking.relay.accounts.desk import AccountDesk
from masking.relay.accounts.errors import AccountNotFoundError
from masking.relay.bound import By
from masking.relay.twiml.errors import MalformedFormError, UnsignedError
from masking.relay.twiml.form import Form
from masking.relay.twiml.signature import is_signed
from web.auth import Access, gate
from web.context import BODY_READ, RequestContext, current
from web.edge_problems import TOO_LARGE
from web.problems import ProblemError

BODY_BYTES = 64 * 1024
KINDS = frozenset({AccountKind.TWIML})
_POSTED = "relay_posted"


@dataclass(frozen=True, slots=True, repr=False)
class Posted:
    """A webhook whose signature is right."""

    account: Account
    form: Form

    def by(self) -> By:
        """Who acts, as use cases record it."""
        context = current()
        actor = Actor(ActorKind.SOURCE, role=gate().source_class())
        return By(self.account.tenant, actor, context.request_id, context.at)


class Entrance:
    """The door of the webhooks."""

    def __init__(self, desk: AccountDesk) -> None:
        self._desk = desk

    def access(self) -> Access:
        """What the views of webhooks ask of their callers."""
        return Access(credential=False, body_bytes=BODY_BYTES, door=self.let_in, signed=True)

    def let_in(self, context: RequestContext) -> Response | None:
        """Read the webhook and make sure of who posted it, before its view.

        Raises:
            UnsignedError: it bears no signature of the account, or there is no such account.
            MalformedFormError: it is signed, and no form as it should be.
        """
        try:
            g.setdefault(_POSTED, self._posted())
        except UnsignedError:
            gate().receive(context)
            gate().count(Action.CREDENTIAL_REFUSED, Reason.INVALID, context)
            raise
        return None

    def _posted(self) -> Posted:
        body = _body()
        try:
            opened = self._desk.open(int((request.view_args or {})["account"]), KINDS)
        except AccountNotFoundError:
            raise UnsignedError from None
        presented = request.headers.get("X-Twilio-Signature", "")
        try:
            form = Form.parse(body)
        except MalformedFormError:
            raise UnsignedError from None
        if not is_signed(opened.secret.expose(), self._address(), form.pairs(), presented):
            raise UnsignedError
        if form.get("AccountSid") != opened.account.login:
            raise UnsignedError
        return Posted(opened.account, form)

    def _address(self) -> str:
        query = request.query_string.decode("ascii", "replace")
        return f"{self._desk.public or ''}{request.path}" + (f"?{query}" if query else "")


def posted() -> Posted:
    """The webhook of this request."""
    found: Posted = g.get(_POSTED)
    return found


def _body() -> bytes:
    octets = request.get_data(cache=False, parse_form_data=False)
    request.environ[BODY_READ] = True
    if request.content_length is None and len(octets) >= BODY_BYTES:
        raise ProblemError(TOO_LARGE)
    return octets
