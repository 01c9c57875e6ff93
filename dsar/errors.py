"""What dsar refuses."""


class DsarError(Exception):
    """Whatever the package refuses."""
