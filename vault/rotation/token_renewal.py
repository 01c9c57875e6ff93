"""Rotating the token key and the keys of format-preserving tokens: new rows get tokens of the new versions.

Rows that are there keep their tokens, so a version decrypts as long as any row names it. If the job was asked to destroy, those
that no row names any more end with it.
"""

from vault.errors import KeyInUseError
from vault.keyring import FORMAT, TOKEN
from vault.preserving import last_version
from vault.rotation.ending import Ending
from vault.rotation.minting import KeyName, Minting
from work.job import Job, Progress


class TokenRenewal:
    """The task of jobs of the kind `rotate_token`."""

    kind = "rotate_token"

    def __init__(self, minting: Minting, ending: Ending) -> None:
        self._minting = minting
        self._ending = ending

    def step(self, job: Job, number: int) -> Progress:
        """Make the new versions, then end what may end. A kind whose versions are used up stays with its last."""
        if number == 0:
            named = [KeyName(*one) for one in job.params["after"]]
            made = [one for one in named if one.usage != FORMAT or one.version < last_version(one.scope)]
            self._minting.succeed(job.tenant, made)
            destroys = bool(job.params.get("destroy"))
            return Progress(0 if destroys else 1, 1, finished=not destroys)
        for name in self._ending.old(job.tenant, TOKEN, FORMAT):
            try:
                self._ending.end(job.tenant, name)
            except KeyInUseError:
                continue
        return Progress(1, 1, finished=True)

    def abandon(self, job: Job) -> None:
        """Nothing to clear away."""
