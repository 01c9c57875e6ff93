"""What holders answer when they do not do what they are asked. No message carries a value of a person."""

from dsar.errors import DsarError


class HolderError(DsarError):
    """Base of every answer of a holder that is not what was asked for."""


class HolderAwayError(HolderError):
    """Not done yet: the holder does not answer, or is still at work. Ask again with the same errand, at `again_at` (milliseconds
    since the epoch) or later."""

    def __init__(self, again_at: int) -> None:
        super().__init__("away")
        self.again_at = again_at


class HolderRefusedError(HolderError):
    """Not to be had by asking again: what was asked for is not supported or not valid, or the attempts are used up. Once an
    officer has the task tried again, the same errand may be asked for again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class HolderHeldError(HolderError):
    """A legal hold keeps something that a disposal would have destroyed. Nothing was changed."""


class ConnectorFileError(DsarError):
    """A file of connectors that cannot be used. The message names the place, and not what stands there."""


class ProcessorError(DsarError):
    """A system beside this one did not answer as it should. `code` says how, `status` is the HTTP status where there was one."""

    def __init__(self, code: str, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class ProcessorAwayError(ProcessorError):
    """It may answer another time; `asked_ms` is for how long it wants to be left alone."""

    def __init__(self, code: str, status: int | None = None, asked_ms: int = 0) -> None:
        super().__init__(code, status)
        self.asked_ms = asked_ms


class ProcessorRefusedError(ProcessorError):
    """It will not, or its answer cannot be trusted."""


class TaskNotFoundError(DsarError):
    """The request has no such task."""


class TaskStateError(DsarError):
    """A task that has not been given up is not tried again, and one that has ended is not called back."""


class HolderNotFoundError(DsarError):
    """The tenant has no such holder beside this service."""
