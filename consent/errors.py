"""What the consent package refuses. A message names purposes and fields of the catalogue, never a person or a value."""


class ConsentError(Exception):
    """The base of every refusal of the package."""


class UnknownPurposeError(ConsentError):
    """A purpose that the catalogue in force does not list."""


class CatalogueError(ConsentError):
    """A catalogue that may not be used; the message names the purpose and the field."""
