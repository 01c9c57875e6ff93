"""HTTP operations on what providers hold, and where their receipts come to.

The clouds sign no receipts. So the address that they push to bears a key of the account, which the answer that made the account
shows, and which goes with its secret; the simulator signs as well.
"""

from typing import Any

import orjson
from flask import Response, g, jsonify, request
from flask_openapi.blueprint import APIBlueprint

from audit.entry import Action, Reason
from database.columns import rfc3339
from masking.relay.accounts.account import PROVIDERS, AccountKind
from masking.relay.accounts.desk import AccountDesk, Opened
from masking.relay.accounts.errors import AccountNotFoundError
from masking.relay.providers import messages as m
from masking.relay.providers.errors import ForeignReceiptError
from masking.relay.providers.kinds import receipts_of
from masking.relay.providers.outward import Outward, OutwardDesk
from masking.relay.providers.receiving import Receiving
from masking.relay.providers.simulator import HEADER, is_signed
from web.auth import Access, caller, gate, marked, require
from web.context import BODY_READ, RequestContext, current
from web.edge_problems import TOO_LARGE
from web.openapi import blueprint, public_blueprint
from web.principal import Scope
from web.problems import ProblemError

BODY_BYTES = 1024 * 1024
_PUSHED = "relay_pushed"
_ACKNOWLEDGED: dict[Any, Any] = {
    200: {"description": "Taken", "content": {"application/json": {"schema": {"type": "object"}}}}
}


class ProviderApi:
    """What providers hold, over HTTP."""

    def __init__(self, outward: OutwardDesk) -> None:
        self._outward = outward

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("relay_providers", about="Bindings at number providers, which follow those of the relay.")
        manage = require(Scope.RELAY_ACCOUNTS)
        told: dict[Any, Any] = {204: None}
        api.get("/relay/carried", responses={200: m.CarriedPage})(manage(self.list_carried_bindings))
        api.post("/relay/carried/<int:binding>/retry", responses=told)(manage(self.retry_carried_binding))
        return api

    def list_carried_bindings(self, query: m.CarriedQuery) -> Response:
        """List bindings at providers in one state, by page"""
        found = self._outward.page(caller().tenant, query.state, after=query.cursor, limit=query.limit)
        more = str(found[-1].binding) if len(found) == query.limit else None
        return jsonify({"items": [_answer(one) for one in found], "next_cursor": more})

    def retry_carried_binding(self, path: m.BindingPath) -> tuple[str, int]:
        """Carry a binding again that failed"""
        self._outward.retry(caller().tenant, path.binding, current().at)
        return "", 204


class ReceiptApi:
    """Where receipts come to."""

    def __init__(self, desk: AccountDesk, receiving: Receiving) -> None:
        self._desk = desk
        self._receiving = receiving

    def blueprint(self) -> APIBlueprint:
        """The operation of this module."""
        api = public_blueprint("relay_receipts", about="Where number providers push receipts to.", prefix="/v1")
        access = Access(credential=False, body_bytes=BODY_BYTES, door=self.let_in, signed=True)
        view = marked(access)(self.receive_relay_receipts)
        api.post("/relay/provider/<int:account>/<key>", responses=_ACKNOWLEDGED)(view)
        return api

    def let_in(self, context: RequestContext) -> Response | None:
        """Make sure that who pushes knows the address, before anything is read but the body.

        Raises:
            ForeignReceiptError: they do not, or there is no such account.
        """
        try:
            g.setdefault(_PUSHED, self._pushed(context))
        except ForeignReceiptError:
            gate().receive(context)
            gate().count(Action.CREDENTIAL_REFUSED, Reason.INVALID, context)
            raise
        return None

    def receive_relay_receipts(self, path: m.ReceiptsPath) -> Response:  # noqa: ARG002 - the door has read it
        """Take receipts of calls and texts

        Each counts once. What they say of numbers, and of words in texts, is not read.
        """
        opened, body = g.get(_PUSHED)
        at = current().at
        for receipt in receipts_of(opened, body, at):
            self._receiving.take(opened, receipt, at)
        return Response(orjson.dumps({"code": 0, "msg": "success"}), content_type="application/json")

    def _pushed(self, context: RequestContext) -> tuple[Opened, bytes]:
        named = request.view_args or {}
        try:
            opened = self._desk.open(int(named["account"]), PROVIDERS)
        except AccountNotFoundError:
            raise ForeignReceiptError from None
        if not opened.secret.opens(str(named["key"])):
            raise ForeignReceiptError
        body = _body()
        if opened.account.kind is AccountKind.SIMULATOR:
            presented, now = request.headers.get(HEADER, ""), context.at // 1000
            secret = opened.secret.expose()
            if not is_signed(secret, presented, now, method="POST", path=request.path, body=body):
                raise ForeignReceiptError
        return opened, body


def _body() -> bytes:
    octets = request.get_data(cache=False, parse_form_data=False)
    request.environ[BODY_READ] = True
    if request.content_length is None and len(octets) >= BODY_BYTES:
        raise ProblemError(TOO_LARGE)
    return octets


def _answer(one: Outward) -> dict[str, Any]:
    return {
        "binding": one.binding,
        "account": one.account,
        "present": one.number,
        "state": one.state,
        "attempts": one.attempts,
        "fault": one.fault,
        "changed_at": rfc3339(one.changed_at),
    }
