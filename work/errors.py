"""What durable work refuses."""


class WorkError(Exception):
    """Base of every refusal of this package."""


class JobNotFoundError(WorkError):
    """No such job in this tenant."""


class IdempotencyMismatchError(WorkError):
    """The Idempotency-Key was used before with another body."""


class UnknownKindError(WorkError):
    """No task of this process carries out jobs of this kind: another version of the program asked for it."""


class JobEndedError(WorkError):
    """The job has ended, so it can be neither cancelled nor continued."""


class JobStateError(WorkError):
    """The job is in a state in which this cannot be asked of it."""


class OwnJobError(WorkError):
    """Who asked for a job cannot approve it."""


class AlreadyApprovedError(WorkError):
    """This person has approved the job already."""


class NotAnApproverError(WorkError):
    """The credential does not work, or does not carry the scope jobs:approve."""
