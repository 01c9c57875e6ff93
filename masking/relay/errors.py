"""What the relay refuses."""


class RelayError(Exception):
    """Whatever the relay refuses."""


class UnconfirmedCallerError(RelayError):
    """The credential that asks was not found to work, for it does not any more or the call was answered before that was asked."""


class InvalidNumberError(RelayError):
    """A text that is no number of the kind that is asked for."""


class EmergencyNumberError(RelayError):
    """A number that saves lives: it is dialled directly and never relayed."""


class TakenNameError(RelayError):
    """There is a pool of this name."""


class BlockNotFoundError(RelayError):
    """No such block."""


class PoolNotFoundError(RelayError):
    """No such pool."""


class NumberNotFoundError(RelayError):
    """No such relay number."""


class BindingNotFoundError(RelayError):
    """No such binding."""


class BindingEndedError(RelayError):
    """The binding is over."""


class VersionConflictError(RelayError):
    """The binding was changed since the version that the caller has."""


class ModeFieldsError(RelayError):
    """The mode takes other fields: `field` is the first that is missing or too much."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class SelfBindingError(RelayError):
    """Both parties have one number."""


class DurationError(RelayError):
    """The binding would last longer than its pool allows, or no time at all."""


class PartyError(RelayError):
    """Somebody cannot be called. `field` says who, `reason` why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


class NumberTakenError(RelayError):
    """The wished number, or the binding's own, is one on which a party is bound already or was not long ago."""


class ExhaustedError(RelayError):
    """No number is left. `tiers` areas were tried; `free_at` is when one becomes free, if that is known (milliseconds)."""

    def __init__(self, tiers: int, free_at: int | None) -> None:
        super().__init__(tiers, free_at)
        self.tiers = tiers
        self.free_at = free_at


class PoolExhaustedError(ExhaustedError):
    """No number of the wanted areas has room for another binding. More numbers help; other people do not wait."""


class PartyExhaustedError(ExhaustedError):
    """There are numbers with room, but a party holds each of them. Other areas do not help; more numbers do."""


class ImportFileError(RelayError):
    """A file that is not what it should be. `line` is where, counted from 1, if that is known."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__(line)
        self.line = line


class StateChangeError(RelayError):
    """A number does not go from its state to that one."""
