"""The job that destroys one key version, once a second person has approved it."""

from vault.rotation.asking import DESTROY_KIND
from vault.rotation.ending import Ending
from vault.rotation.minting import KeyName
from work.job import Job, Progress


class KeyDestruction:
    """The task of jobs of the kind `destroy_key`."""

    kind = DESTROY_KIND

    def __init__(self, ending: Ending) -> None:
        self._ending = ending

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - there is one step
        """Destroy the version; doing it again changes nothing.

        Raises:
            KeyInUseError: something has come to need it since it was asked for.
        """
        self._ending.end(job.tenant, KeyName(*job.params["name"]))
        return Progress(1, 1, finished=True)

    def abandon(self, job: Job) -> None:
        """There is nothing to clear away."""
