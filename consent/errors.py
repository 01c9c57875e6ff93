"""What the consent package refuses. A message names purposes and fields of the catalogue, never a person or a value."""


class ConsentError(Exception):
    """The base of every refusal of the package."""


class UnknownPurposeError(ConsentError):
    """A purpose that the catalogue in force does not list."""


class CatalogueError(ConsentError):
    """A catalogue that may not be used; the message names the purpose and the field."""


class CatalogueConflictError(ConsentError):
    """A catalogue that contradicts what was published before; the message names the field and what to do."""


class NoticeNotFoundError(ConsentError):
    """No published notice of this purpose and version, or none in this language."""


class CatalogueNotFoundError(ConsentError):
    """The tenant has no catalogue of this version."""


class AtomicConsentsError(ConsentError):
    """An atomic batch of consents in which an item failed; nothing was recorded. `errors` pairs places with codes."""

    def __init__(self, errors: list[tuple[int, str]]) -> None:
        super().__init__("atomic_batch_failed")
        self.errors = errors


class RecentlyRefusedError(ConsentError):
    """The person has refused some of the purposes, and may not be asked again yet. `places` are those in the call, each with the
    time from which on, in milliseconds since the epoch."""

    def __init__(self, places: dict[int, int]) -> None:
        super().__init__("recently_refused")
        self.places = places


class UnknownPurposesError(ConsentError):
    """Purposes that the catalogue in force does not list, by their places in the call."""

    def __init__(self, places: list[int]) -> None:
        super().__init__("unknown_purpose")
        self.places = places


class SubjectNotFoundError(ConsentError):
    """Nobody is known by this id of the platform, or not any more."""
