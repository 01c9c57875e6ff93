"""Which problem each refusal of alerts ends as."""

from collections.abc import Mapping

from dsar.alerts.errors import BreachNotFoundError, NobodyConcernedError
from web.edge_problems import NOT_FOUND
from web.problems import Problem

NOBODY_CONCERNED = Problem(
    "nobody_concerned",
    422,
    "Nobody of these is known",
    "A report of a breach names people by the platform's ids; none of those that were sent is known, or not any more.",
    "Send the ids of the people whom the breach concerns.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    BreachNotFoundError: NOT_FOUND,
    NobodyConcernedError: NOBODY_CONCERNED,
}
