"""What retention refuses."""

from dsar.errors import DsarError


class PolicyError(DsarError):
    """The policy may not be used. The message names the field that is wrong and says why, and holds no personal data."""


class PolicyConflictError(PolicyError):
    """The policy contradicts what was applied before."""


class PolicyNotFoundError(DsarError):
    """The tenant has no such version of its policy."""


class PlanNotFoundError(DsarError):
    """The tenant has no such plan."""


class RunNotFoundError(DsarError):
    """The tenant has no such run."""


class PlanNotReadyError(DsarError):
    """The plan is still being made, or was given up."""


class PlanStaleError(DsarError):
    """The plan is too old, or another policy is in force by now."""


class PlanUsedError(DsarError):
    """The plan was carried out, or is being carried out."""


class RunUnderWayError(DsarError):
    """A run of this tenant has not ended."""
