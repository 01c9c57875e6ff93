"""Sending codes as a durable job of one step. What was sent stands in the claims, so that a repeated step sends only what was
not."""

from uuid import UUID

from dsar.identity.asking import KIND
from dsar.identity.sending import Sending
from work.job import Job, Progress


class CodeTask:
    """Sends the codes of one challenge. What no channel takes within the tries of a step is not sent: people ask again."""

    kind = KIND

    def __init__(self, sending: Sending) -> None:
        self._sending = sending

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - every step is alike
        """Send. Raises OSError where a message did not leave."""
        sent = self._sending.send(job.tenant, UUID(hex=job.params["challenge"]))
        return Progress(sent, sent, finished=True)

    def abandon(self, job: Job) -> None:
        """Nothing: a challenge whose codes were not sent expires."""
