"""Rotating the root key: another one in the same provider, by which every wrapped key of the deployment is wrapped anew.

The steps are those of `vault.rewrapping`, which finds out from the database what there is to do. If the job was asked to destroy,
root keys that nothing names any more are destroyed in their provider at the end. `done` and `total` are numbers of keys.
"""

from vault.rewrapping import Decision, Rewrapping
from work.desk import JobDesk
from work.job import Job, Progress


class RootRotation:
    """The task of jobs of the kind `rotate_root`."""

    kind = "rotate_root"

    def __init__(self, rewrapping: Rewrapping, jobs: JobDesk) -> None:
        self._rewrapping = rewrapping
        self._jobs = jobs

    def step(self, job: Job, number: int) -> Progress:
        """Introduce the new root key, then wrap some keys with it, and destroy what is asked to be destroyed.

        Raises:
            KeysUnavailableError: the provider does not answer.
            IntegrityError: a wrapped key was damaged or moved.
        """
        decision = self._decision(job)
        if number == 0:
            self._rewrapping.introduce(decision, before=job.params["before"])
            return Progress(0, self._rewrapping.left(), finished=False)
        moved = self._rewrapping.step(decision)
        if moved:
            done = job.done + moved
            return Progress(done, max(done, job.total), finished=False)
        if job.params.get("destroy"):
            for row in self._rewrapping.all():
                if row.state == "decrypt-only" and self._rewrapping.wraps(row.id) == 0:
                    self._rewrapping.destroy(row.id, decision)
            self._rewrapping.finish()
        return Progress(job.total, job.total, finished=True)

    def abandon(self, job: Job) -> None:
        """Nothing to clear away: both root keys open what they have wrapped."""

    def _decision(self, job: Job) -> Decision:
        approvals = self._jobs.approvals(job.tenant, job.id)
        return Decision(job.asked_by, approvals[0].by if approvals else None)
