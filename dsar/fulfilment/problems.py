"""Which problem each refusal of the lesser rights ends as."""

from collections.abc import Mapping

from dsar.fulfilment.errors import NotFulfillableError
from web.problems import Problem

NOT_RESTRICTING = Problem(
    "request_not_restricting",
    409,
    "The request restricts nothing",
    "Only what a completed request for restriction has brought about can be lifted.",
    "Look at the request: its right and its state say what it has done.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {NotFulfillableError: NOT_RESTRICTING}
