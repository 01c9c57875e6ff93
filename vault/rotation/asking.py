"""Asking for rotations and for the destruction of key versions: each is a job, put there with its entry in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from audit.entry import Action, Group, Outcome, Reason
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.custody.store import ACTIVE_ROOT
from vault.errors import DeniedError, KeyInUseError, NotFoundError, RotationUnderWayError
from vault.keyring import FORMAT, KEK, RELAY_INDEX, SEARCH, TOKEN, TenantKeys
from vault.means import Means
from vault.rotation.due import DAY_MS
from vault.rotation.ending import refuse_needed, require_old
from vault.rotation.minting import KeyName, Minting
from work.desk import JobDesk

APPROVALS = 1
"""People beside the one who asks that the destruction of a key takes."""


class Rotated(StrEnum):
    """What can be rotated."""

    ROOT = "root"
    KEK = "kek"
    DEK = "dek"
    INDEX = "index"
    TOKEN = "token"  # noqa: S105 - the name of a key
    RELAY = "relay"

    @property
    def job_kind(self) -> str:
        """The kind of job that does it."""
        return f"rotate_{self.value}"


SUCCEEDED: Mapping[Rotated, Sequence[str]] = {
    Rotated.KEK: (KEK,),
    Rotated.INDEX: (SEARCH,),
    Rotated.TOKEN: (TOKEN, FORMAT),
    Rotated.RELAY: (RELAY_INDEX,),
}
"""The usages of which a rotation makes new versions."""

DESTROY_KIND = "destroy_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a rotation is to go.

    `subject` and `older_than_days` choose DEKs. `throttle` is how many DEKs or records a second it may move. With `destroy`
    the versions that nothing needs afterwards are destroyed, which takes a second person before it begins.
    """

    subject: str | None = None
    older_than_days: int = 0
    throttle: int | None = None
    destroy: bool = False


class RotationDesk:
    """The use cases behind `POST /v1/keys/{key}/rotate` and `POST /v1/keys/{usage}/versions/{version}/destroy`."""

    def __init__(self, means: Means, jobs: JobDesk, minting: Minting) -> None:
        self._means = means
        self._jobs = jobs
        self._minting = minting

    def rotate(self, caller: Caller, key: Rotated, wanted: Wanted) -> UUID:
        """Ask for a rotation; gives its job.

        Raises:
            DeniedError: the role may not.
            NotFoundError: the vault knows no such person.
            RotationUnderWayError: these keys are being rotated.
        """
        action = policy.Action.KEYS_DESTROY if wanted.destroy else policy.Action.KEYS_ROTATE

        def submit(tx: Transaction, keys: TenantKeys, at: int) -> tuple[UUID, str]:
            if self._jobs.under_way(tx, caller.tenant, key.job_kind):
                raise RotationUnderWayError
            params = self._params(tx, keys, caller.tenant, key, wanted, at)
            approvals = APPROVALS if wanted.destroy else 0
            job = self._jobs.submit(
                tx, caller.tenant, key.job_kind, params, at, asked_by=caller.actor, approvals=approvals
            )
            return job, key.value

        return self._submit(caller, action, Action.KEYS_ROTATE, submit)

    def destroy(self, caller: Caller, name: KeyName) -> UUID:
        """Ask for the destruction of a version; gives the job, which waits for a second person.

        Raises:
            DeniedError: the role may not.
            NotFoundError: there is no such version, or not any more.
            KeyIsActiveError: it is in use.
            KeyInUseError: something needs it.
        """

        def submit(tx: Transaction, _keys: TenantKeys, at: int) -> tuple[UUID, str]:
            if require_old(tx, caller.tenant, name)[1] == "destroyed":
                raise NotFoundError
            refuse_needed(tx, caller.tenant, name)
            job = self._jobs.submit(
                tx, caller.tenant, DESTROY_KIND, {"name": list(name)}, at, asked_by=caller.actor, approvals=APPROVALS
            )
            return job, name.code

        return self._submit(caller, policy.Action.KEYS_DESTROY, Action.KEYS_DESTROY, submit)

    def needed(self, caller: Caller, name: KeyName) -> tuple[str, int] | None:
        """What needs a version, and how much of it, counted up to 10,000; None where nothing does.

        Raises:
            DeniedError: the role may not destroy keys.
            NotFoundError: there is no such version, or not any more.
            KeyIsActiveError: it is in use.
        """
        if not self._means.access.may_administer(caller, policy.Action.KEYS_DESTROY):
            raise DeniedError(Reason.POLICY)

        def work(tx: Transaction) -> None:
            if require_old(tx, caller.tenant, name)[1] == "destroyed":
                raise NotFoundError
            refuse_needed(tx, caller.tenant, name)

        try:
            self._means.database.write(caller.tenant, work)  # the row is held against changes
        except KeyInUseError as error:
            return error.what, error.count
        return None

    def _submit(
        self,
        caller: Caller,
        asked: policy.Action,
        action: Action,
        submit: Callable[[Transaction, TenantKeys, int], tuple[UUID, str]],
    ) -> UUID:
        at = self._means.at()
        allowed = self._means.access.may_administer(caller, asked)

        def work(tx: Transaction, keys: TenantKeys) -> UUID | None:
            if not allowed:
                self._means.append(tx, caller, action, at, [Group(Outcome.DENIED, Reason.POLICY)])
                return None
            job, named = submit(tx, keys, at)
            self._means.append(tx, caller, action, at, [Group(Outcome.DONE, kind=named)])
            return job

        job = self._means.write(caller.tenant, work)
        if job is None:
            raise DeniedError(Reason.POLICY)
        self._jobs.nudge()
        return job

    def _params(
        self, tx: Transaction, keys: TenantKeys, tenant: int, key: Rotated, wanted: Wanted, at: int
    ) -> dict[str, Any]:
        params: dict[str, Any] = {}
        if wanted.throttle is not None:
            params["throttle"] = wanted.throttle
        if wanted.destroy:
            params["destroy"] = True
        if key is Rotated.ROOT:
            active = tx.one(ACTIVE_ROOT)
            params["before"] = active[0] if active else 0
        elif key in SUCCEEDED:
            params["after"] = [list(one) for one in self._minting.active(tx, tenant) if one.usage in SUCCEEDED[key]]
        elif key is Rotated.DEK and wanted.subject is not None:
            row = self._means.subjects.find(tx, keys, tenant, wanted.subject)
            if row is None:
                raise NotFoundError
            params |= {"subject": row.number, "before": at}
        elif key is Rotated.DEK:
            params["before"] = at - wanted.older_than_days * DAY_MS
        return params
