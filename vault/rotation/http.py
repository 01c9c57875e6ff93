"""HTTP operations on keys."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from vault.access import Caller
from vault.errors import KeyInUseError
from vault.identifier import KINDS
from vault.keyring import FORMAT, SEARCH
from vault.rotation import messages as m
from vault.rotation.asking import Rotated, RotationDesk, Wanted
from vault.rotation.minting import KeyName
from vault.rotation.problems import KEY_IN_USE
from vault.rotation.status import KeyStatus
from web.auth import caller, require
from web.context import current
from web.edge_problems import INVALID_REQUEST, NOT_FOUND
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError
from work.desk import JobDesk

_WORDS = {"data_keys": "data keys are wrapped by it", "records": "tokens were issued under it",
          "search_rows": "rows of the search index were made with it"}  # fmt: skip
_COUNTED_AT_MOST = 10_000


class RotationApi:
    """Rotation over HTTP."""

    def __init__(self, desk: RotationDesk, status: KeyStatus, jobs: JobDesk) -> None:
        self._desk = desk
        self._status = status
        self._jobs = jobs

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("keys", about="Look at keys, rotate them, and destroy versions that nothing needs any more.")
        admin = require(Scope.VAULT_ADMIN)
        accepted: dict[Any, Any] = {202: m.RotationAnswer}
        api.get("/keys", responses={200: m.KeyStatusAnswer})(admin(self.list_keys))
        api.post("/keys/<key>/rotate", responses=accepted)(admin(self.rotate_key))
        api.post("/keys/<usage>/versions/<version>/destroy", responses=accepted)(admin(self.destroy_key_version))
        return api

    def list_keys(self) -> Response:
        """Show the versions of the tenant's keys, what needs them, and what is due"""
        status = self._status.show(_caller())
        items = [line._asdict() for line in status.items]
        return jsonify(items=items, deks=asdict(status.deks), erasures=status.erasures)

    def rotate_key(self, path: m.RotatePath, body: m.RotateRequest) -> tuple[Response, int]:
        """Have keys rotated

        The job goes on by itself, through restarts. While it does, everything can be read and written.
        """
        if path.key is not Rotated.DEK:
            _refuse_given(subject=body.subject, older_than_days=body.older_than_days)
        wanted = Wanted(
            subject=body.subject,
            older_than_days=body.older_than_days or 0,
            throttle=body.throttle,
            destroy=body.destroy,
        )
        return self._accepted(self._desk.rotate(_caller(), path.key, wanted))

    def destroy_key_version(self, path: m.VersionPath, body: m.DestroyRequest) -> tuple[Response, int]:
        """Have a version of a key destroyed for good

        It is refused while anything needs the version. The job begins when a second person has approved it.
        """
        scoped = path.usage in {SEARCH, FORMAT}
        if scoped and body.kind is None:
            raise ProblemError(
                INVALID_REQUEST, errors=[FieldError("kind", "missing", "These keys are kept for each kind.")]
            )
        if not scoped:
            _refuse_given(kind=body.kind)
        if body.kind is not None and body.kind not in KINDS:
            raise ProblemError(NOT_FOUND)
        try:
            return self._accepted(self._desk.destroy(_caller(), KeyName(path.usage, body.kind or "", path.version)))
        except KeyInUseError as needed:
            many = f"{needed.count}{' or more' if needed.count >= _COUNTED_AT_MOST else ''}"
            raise ProblemError(KEY_IN_USE, detail=f"{many} {_WORDS[needed.what]}.") from None

    def _accepted(self, job: UUID) -> tuple[Response, int]:
        state = self._jobs.get(caller().tenant, job).state
        return jsonify(job=str(job), state=state.value), 202


def _caller() -> Caller:
    principal = caller()
    return Caller(principal.tenant, principal.credential, principal.role.value, current().request_id)


def _refuse_given(**fields: object) -> None:
    """Raises ProblemError for fields that say nothing of this key."""
    given = [name for name, value in fields.items() if value is not None]
    if given:
        errors = [FieldError(name, "not_applicable", "This key is not chosen by it.") for name in given]
        raise ProblemError(INVALID_REQUEST, errors=errors)
