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
