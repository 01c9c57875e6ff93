"""Rotations of a test's vault, carried out step by step in whichever process, with steps that are cut off and done again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from audit.event_id import uuid7
from tests.support.vault import TENANT, Vault
from vault.rewrapping import Rewrapping
from vault.rotation.asking import SUCCEEDED, Rotated
from vault.rotation.destroying import KeyDestruction
from vault.rotation.ending import Ending
from vault.rotation.kek_rotation import KekRotation
from vault.rotation.minting import KeyName, Minting
from vault.rotation.reencryption import DekRotation
from vault.rotation.reindexing import SearchRotation
from vault.rotation.root_rotation import RootRotation
from vault.rotation.token_renewal import TokenRenewal
from vault.search import Matches, Probe
from work.desk import JobDesk
from work.job import Job, JobState, Task

STEPS_AT_MOST = 200


@dataclass
class People:
    """Values that must always be readable, by their tokens."""

    tokens: dict[str, str]

    def unread(self, vault: Vault) -> dict[str, str]:
        """What does not answer as it should: the writings, and what was answered."""
        seen = vault.seen(*self.tokens.values(), caller=vault.caller(preserving=True))
        return {value: answer for value, answer in zip(self.tokens, seen, strict=True) if value != answer}

    def unfound(self, vault: Vault) -> list[str]:
        """Phones that a search does not find exactly once."""
        phones = [value for value in self.tokens if value.isdecimal()]
        caller, probes = vault.caller(), [Probe("phone", value) for value in phones]
        answers = vault.searching.search(caller, probes, purpose="delivery", ref="", limit=20)
        return [
            value
            for value, answer in zip(phones, answers, strict=True)
            if not isinstance(answer, Matches) or [match.token for match in answer.matches] != [self.tokens[value]]
        ]


ALL = tuple(key for key in Rotated if key is not Rotated.RELAY)
"""What the vault turns by itself; the relay has its own (tests/masking/relay/test_rekeying.py)."""


class Rotations:
    """What one process of a deployment can rotate."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.minting = Minting(vault.means, vault.roots)
        self.ending = Ending(vault.means)
        rewrapping = Rewrapping(vault.database, vault.roots, vault.means.log, vault.clock)
        tasks: list[Task] = [
            RootRotation(rewrapping, JobDesk(vault.database)),
            KekRotation(vault.means, self.minting, self.ending),
            DekRotation(vault.means),
            SearchRotation(vault.means, self.minting, self.ending, lambda _: "CN"),
            TokenRenewal(self.minting, self.ending),
            KeyDestruction(self.ending),
        ]
        self._tasks = {task.kind: task for task in tasks}

    def another_process(self) -> "Rotations":
        """The same deployment in a process that has nothing in memory yet."""
        return Rotations(self.vault.another_process())

    def job(self, key: Rotated, **params: Any) -> Job:
        """A job as it is when it has been asked for."""
        self.vault.clock.advance(seconds=1)
        made: dict[str, Any] = dict(params)
        if key is Rotated.ROOT:
            made["before"] = self.vault.sql("SELECT id FROM keyring_root WHERE state = 'active'")[0][0]
        elif key is Rotated.DEK:
            made = {"before": self.vault.means.at(), **params}
        else:
            active = self.vault.database.read(TENANT, lambda tx: self.minting.active(tx, TENANT))
            made["after"] = [list(one) for one in active if one.usage in SUCCEEDED[key]]
        return Job(TENANT, uuid7(1), key.job_kind, JobState.RUNNING, made, 0, 0, None, 1)

    def step(self, job: Job, number: int) -> Job | None:
        """Do a step here; the job as it is after it, None once it is done."""
        progress = self._tasks[job.kind].step(job, number)
        if progress.finished:
            assert progress.done == progress.total
            return None
        return Job(TENANT, job.id, job.kind, job.state, job.params, progress.done, progress.total, None, 1)

    def rotate(self, key: Rotated, **params: Any) -> None:
        """A rotation from its beginning to its end."""
        for _ in self.steps(self.job(key, **params)):
            pass

    def steps(self, job: Job, here: Callable[[], "Rotations"] | None = None) -> Iterator[Job]:
        """The steps of a job, each in the process that `here` gives: the job after each but the last."""
        for number in range(STEPS_AT_MOST):
            after = (here() if here else self).step(job, number)
            if after is None:
                return
            job = after
            yield job
        raise AssertionError("the job does not end")

    def states(self, usage: str) -> list[tuple[str, int, str]]:
        """(scope, version, state) of every version of a usage, in order."""
        if usage == "kek":
            return [
                ("", *row) for row in self.vault.sql("SELECT version, state FROM kek WHERE tenant = 1 ORDER BY version")
            ]
        return self.vault.sql(
            "SELECT scope, version, state FROM purpose_key WHERE tenant = 1 AND usage = :usage ORDER BY scope, version",
            usage=usage,
        )

    def number_of(self, subject: str) -> int:
        """The number of a person: a transaction that began again has used up some."""
        keys = self.vault.keyring.of(TENANT)
        row = self.vault.database.read(TENANT, lambda tx: self.vault.means.subjects.find(tx, keys, TENANT, subject))
        assert row is not None
        return row.number

    def end(self, usage: str, version: int, scope: str = "") -> bool:
        """Destroy a version."""
        return self.ending.end(TENANT, KeyName(usage, scope, version))
