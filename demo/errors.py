"""What can go wrong while a demo is made."""


class LoadingError(Exception):
    """The service refused an item of made-up data that it should take. Names the code and the kind."""


class DemoStuckError(Exception):
    """The service does not come to an end with what it was asked to do."""
