"""Which problem each refusal of a whole call ends as."""

from collections.abc import Mapping

from consent.errors import AtomicConsentsError, SubjectNotFoundError
from web.edge_problems import NOT_FOUND
from web.problems import Problem

RECENTLY_REFUSED = Problem(
    "recently_refused",
    409,
    "The person has refused and may not be asked again yet",
    "Who has refused is left alone for the time that the catalogue states. Nothing was presented, and each purpose that was "
    "refused is named with the time from which on the person may be asked.",
    "Wait until then. If the person has come back to the question by themselves, say so: asked_by person.",
)
UNKNOWN_PURPOSE = Problem(
    "unknown_purpose",
    422,
    "The catalogue has no such purpose",
    "The catalogue in force does not list the named purposes, so there is no notice to show.",
    "moat consent catalogue show lists the purposes.",
)
CONSENTS_NOT_RECORDED = Problem(
    "consents_not_recorded",
    422,
    "An item of the atomic batch failed",
    "The batch was to be recorded whole or not at all, and the items that the problem names could not be. Nothing was.",
    "Correct the named items, or send the batch without atomic.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    AtomicConsentsError: CONSENTS_NOT_RECORDED,
    SubjectNotFoundError: NOT_FOUND,
}
FURTHER = (RECENTLY_REFUSED, UNKNOWN_PURPOSE)
