"""HTTP operations on credentials, and who the caller is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, Field

from database.columns import rfc3339
from web.auth import authenticated, caller, occasion, require
from web.credential import Credential
from web.issuance import CredentialDesk, Grant
from web.json_body import Body
from web.openapi import blueprint
from web.principal import Role, Scope
from web.stored_name import NamesNobody

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
LONGEST_LIFETIME_SECONDS = 10 * 365 * 86_400
LONGEST_OVERLAP_SECONDS = 30 * 86_400
DEFAULT_OVERLAP_SECONDS = 3_600
PAGE_AT_MOST = 200
LARGEST_NUMBER = 2**63 - 1

Seconds = Annotated[int, Field(strict=True)]


class CredentialRequest(Body):
    """A credential to be made."""

    name: Annotated[str, NamesNobody] = Field(
        pattern=NAME_PATTERN, description="Unique among the tenant's credentials that are not revoked."
    )
    role: Role
    scopes: list[Scope] = Field(
        default=[], max_length=len(Scope), description="Scopes beside those that the role brings."
    )
    test: bool = Field(default=False, description="Make a test credential (moat_test_…).")
    expires_in: Seconds | None = Field(
        default=None, ge=60, le=LONGEST_LIFETIME_SECONDS, description="Seconds; null is never."
    )


class RotationRequest(Body):
    """How to rotate a credential."""

    overlap: Seconds = Field(
        default=DEFAULT_OVERLAP_SECONDS,
        ge=0,
        le=LONGEST_OVERLAP_SECONDS,
        description="Seconds for which the old text works.",
    )


class CredentialPath(Body):
    id: int = Field(ge=1, le=LARGEST_NUMBER, description="Number of the credential.")


class PageQuery(Body):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST_NUMBER, description="`next_cursor` of the page before.")


class CredentialAnswer(BaseModel):
    """A credential without its text."""

    id: int
    name: str
    role: Role
    scopes: list[Scope]
    test: bool
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class NewCredentialAnswer(CredentialAnswer):
    """A credential with its text, which is shown this once."""

    credential: str


class CredentialPage(BaseModel):
    """Credentials in the order they were made."""

    items: list[CredentialAnswer]
    next_cursor: str | None


class WhoAmI(BaseModel):
    """The credential that makes this call."""

    tenant: int
    credential: int
    name: str
    role: Role
    scopes: list[Scope]
    test: bool


class CredentialApi:
    """Credentials over HTTP."""

    def __init__(self, desk: CredentialDesk) -> None:
        self._desk = desk

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("credentials", about="Credentials of the tenant: make, list, rotate, revoke.")
        manage: Callable[..., Any] = require(Scope.CREDENTIALS_MANAGE)
        api.post("/credentials", responses={201: NewCredentialAnswer})(manage(self.create_credential))
        api.get("/credentials", responses={200: CredentialPage})(manage(self.list_credentials))
        api.delete("/credentials/<id>", responses={204: None})(manage(self.revoke_credential))
        api.post("/credentials/<id>/rotate", responses={200: NewCredentialAnswer})(manage(self.rotate_credential))
        api.get("/whoami", responses={200: WhoAmI})(authenticated(self.whoami))
        return api

    def create_credential(self, body: CredentialRequest) -> tuple[Response, int]:
        """Make a credential

        Its text is in this answer and nowhere else. An administrator's credential ends the one of the first start.
        """
        now = occasion()
        grant = Grant(
            name=body.name,
            role=body.role,
            extra=frozenset(body.scopes),
            test=body.test,
            expires_at=None if body.expires_in is None else now.at + body.expires_in * 1000,
        )
        credential, text = self._desk.create(caller().tenant, grant, now)
        return jsonify({**_answer(credential), "credential": text.reveal()}), 201

    def list_credentials(self, query: PageQuery) -> Response:
        """List the tenant's credentials, ended ones too"""
        found = self._desk.page(caller().tenant, occasion(), after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify({"items": [_answer(one) for one in found], "next_cursor": more})

    def revoke_credential(self, path: CredentialPath) -> tuple[str, int]:
        """End a credential from the next request on"""
        self._desk.revoke(caller().tenant, path.id, occasion())
        return "", 204

    def rotate_credential(self, path: CredentialPath, body: RotationRequest) -> Response:
        """Give a credential a new text; the old one keeps working for the overlap"""
        credential, text = self._desk.rotate(caller().tenant, path.id, timedelta(seconds=body.overlap), occasion())
        return jsonify({**_answer(credential), "credential": text.reveal()})

    def whoami(self) -> Response:
        """Tell whose credential this is and what it may do"""
        principal = caller()
        return jsonify(
            tenant=principal.tenant,
            credential=principal.credential,
            name=principal.name,
            role=principal.role.value,
            scopes=sorted(principal.scopes),
            test=principal.test,
        )


def _answer(credential: Credential) -> dict[str, Any]:
    return {
        "id": credential.id,
        "name": credential.name,
        "role": credential.role.value,
        "scopes": sorted(credential.scopes),
        "test": credential.test,
        "created_at": rfc3339(credential.created_at),
        "expires_at": None if credential.expires_at is None else rfc3339(credential.expires_at),
        "revoked_at": None if credential.revoked_at is None else rfc3339(credential.revoked_at),
    }
