"""How a verification can end other than well."""


class VerificationError(Exception):
    """Base of what ends a verification."""


class TamperedError(VerificationError):
    """Something does not hold. `where` names the place, `index` the entry if there is one, `why` is a fixed sentence.

    No text of it repeats bytes from the log or the archive, other than a member's name that has passed its check.
    """

    def __init__(self, where: str, why: str, *, index: int | None = None) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why
        self.index = index


class CannotCheckError(VerificationError):
    """The question could not be answered: something is unreadable, unsupported, beyond a bound, or no key was pinned."""
