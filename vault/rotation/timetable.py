"""Rotations that are due by themselves: by the age of a key, and by how much it has sealed."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from database.transaction import Transaction
from vault.rotation import store
from vault.rotation.asking import SUCCEEDED, Rotated
from vault.rotation.due import DAY_MS, Ages
from work.timetable import DueJob

WORN_AT_ONCE = 100


class _Active(NamedTuple):
    tenant: int
    usage: str
    scope: str
    version: int
    created_at: int
    seals: int

    @property
    def code(self) -> str:
        return "_".join(str(part) for part in (self.usage, self.scope, self.version) if part)


class RotationTimetable:
    """Says which keys of which tenants are to be rotated now. It never asks for the destruction of old versions."""

    def __init__(self, ages: Ages) -> None:
        self._ages = ages

    def due(self, tx: Transaction, at: int) -> Sequence[DueJob]:
        """One job for the keys that rotate together, named by the first of them that is due."""
        active = sorted(_Active(*row) for row in tx.all(store.ACTIVE_KEYS))
        jobs: list[DueJob] = []
        for tenant, group in groupby(active, key=lambda one: one.tenant):
            keys = list(group)
            jobs += self._of_tenant(tenant, keys, at)
            jobs += self._old_deks(tenant, at)
        jobs += self._worn(tx, at)
        jobs += self._root(tx, active, at)
        return jobs

    def _of_tenant(self, tenant: int, keys: Sequence[_Active], at: int) -> Iterator[DueJob]:
        for rotated, usages in SUCCEEDED.items():
            together = [one for one in keys if one.usage in usages]
            due = [one for one in together if self._ages.why(usages[0], one.created_at, one.seals, at)]
            if due:
                after = [[one.usage, one.scope, one.version] for one in together]
                yield DueJob(tenant=tenant, kind=rotated.job_kind, occurrence=due[0].code, params={"after": after})

    def _old_deks(self, tenant: int, at: int) -> Iterator[DueJob]:
        """One job in as many days as a DEK is kept in use: it rotates those that have become too old since the last."""
        days = self._ages.days.get("dek", 0)
        if days:
            occurrence, before = f"dek_{at // (days * DAY_MS)}", at - days * DAY_MS
            yield DueJob(tenant=tenant, kind=Rotated.DEK.job_kind, occurrence=occurrence, params={"before": before})

    def _worn(self, tx: Transaction, at: int) -> Iterator[DueJob]:
        for tenant, subject, version in tx.all(store.WORN, limit=WORN_AT_ONCE):
            params = {"subject": subject, "before": at}
            yield DueJob(tenant=tenant, kind=Rotated.DEK.job_kind, occurrence=f"dek_{subject}_{version}", params=params)

    def _root(self, tx: Transaction, active: Sequence[_Active], at: int) -> Iterator[DueJob]:
        """The root is the deployment's; its job is the first tenant's."""
        for number, created_at in tx.all(store.ACTIVE_ROOT):
            if active and self._ages.why("root", created_at, 0, at):
                yield DueJob(
                    tenant=active[0].tenant,
                    kind=Rotated.ROOT.job_kind,
                    occurrence=f"root_{number}",
                    params={"before": number},
                )
