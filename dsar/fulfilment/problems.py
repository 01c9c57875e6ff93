"""Which problem each refusal of the lesser rights ends as."""

from collections.abc import Mapping

from dsar.fulfilment.errors import NotFulfillableError
from web.problems import Problem

CORRECTION_REFUSED = Problem(
    "correction_refused",
    422,
    "A correction does not fit its field",
    "A field that was to be corrected does not exist, or the value cannot be one of its kind. Nothing was kept.",
    "Correct the fields that the problem names, and send them all again.",
)
NOT_FULFILLABLE = Problem(
    "request_not_fulfillable",
    409,
    "The request does not ask for this, or not any more",
    "Corrections belong to a rectification that is not yet being carried out, and only a restriction that a request has brought "
    "about can be lifted.",
    "Look at the request: its right and its state say what can be done.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {NotFulfillableError: NOT_FULFILLABLE}
FURTHER = (CORRECTION_REFUSED,)
