"""HTTP operations on accounts."""

from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from masking.relay.accounts import messages as m
from masking.relay.accounts.account import PROVIDERS, Account, SharedSecret
from masking.relay.accounts.desk import AccountDesk, By, Wished
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from work.http_replay import replay_of_call

TWIML = "/v1/relay/twiml"
PROVIDER = "/v1/relay/provider"


class AccountApi:
    """Accounts over HTTP."""

    def __init__(self, desk: AccountDesk) -> None:
        self._desk = desk

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("relay_accounts", about="Accounts at switches and number providers.")
        manage = require(Scope.RELAY_ACCOUNTS)
        one = "/relay/accounts/<int:account>"
        api.post("/relay/accounts", responses={201: m.AccountAnswer})(manage(self.create_relay_account))
        api.get("/relay/accounts", responses={200: m.AccountsPage})(manage(self.list_relay_accounts))
        api.delete(one, responses={204: None})(manage(self.delete_relay_account))
        api.post(f"{one}/secret", responses={204: None})(manage(self.change_relay_account_secret))
        return api

    def create_relay_account(self, body: m.AccountRequest) -> tuple[Response, int]:
        """Make an account at a switch or a provider

        The answer has the addresses to enter there. Those of a provider bear a key, and are in no other answer.
        """
        fields = body.model_dump(exclude={"secret"})
        secret = SharedSecret(body.secret.get_secret_value().encode())
        made = self._desk.make(_by(), Wished(**fields), secret, replay_of_call())
        return jsonify(self._answer(made, key=self._desk.receipts_key(made))), 201

    def list_relay_accounts(self, query: m.PageQuery) -> Response:
        """List the tenant's accounts"""
        found = self._desk.page(caller().tenant, after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify({"items": [self._answer(one, key=None) for one in found], "next_cursor": more})

    def delete_relay_account(self, path: m.AccountPath) -> tuple[str, int]:
        """End an account; what comes from it is refused from then on"""
        self._desk.end(_by(), path.account)
        return "", 204

    def change_relay_account_secret(self, path: m.AccountPath, body: m.AccountSecretRequest) -> tuple[str, int]:
        """Give an account a new secret

        The old one ends at once, and so does a provider's address for receipts, which is made of it.
        """
        self._desk.change_secret(_by(), path.account, SharedSecret(body.secret.get_secret_value().encode()))
        return "", 204

    def _answer(self, account: Account, *, key: str | None) -> dict[str, Any]:
        return {
            "account": account.id,
            "kind": account.kind.value,
            "name": account.name,
            "login": account.login,
            "url": account.url,
            "language": account.language,
            "webhooks": self._webhooks(account, key),
            "created_at": rfc3339(account.created_at),
        }

    def _webhooks(self, account: Account, key: str | None) -> dict[str, str]:
        base = self._desk.public or ""
        if account.kind in PROVIDERS:
            return {} if key is None else {"receipts": f"{base}{PROVIDER}/{account.id}/{key}"}
        return {name: f"{base}{TWIML}/{account.id}/{name}" for name in ("voice", "messages")}


def _by() -> By:
    now = occasion()
    return By(tenant=caller().tenant, actor=now.actor, request=now.request, at=now.at)
