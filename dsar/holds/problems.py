"""Which problem each refusal of holds ends as."""

from collections.abc import Mapping

from dsar.holds.errors import HoldNotFoundError, HoldReleasedError, ReviewDateError
from web.edge_problems import NOT_FOUND
from web.problems import Problem

HOLD_RELEASED = Problem(
    "hold_released",
    409,
    "The hold was released",
    "A hold that was released holds nothing any more, and does not come back.",
    "Place a new hold if the case still needs the data.",
)
HOLD_SCOPE = Problem(
    "hold_scope",
    422,
    "This cannot be held",
    "A hold names a person whom the vault knows, a kind of value or a ref. Ids that read as personal data are not kept, and a "
    "person whose erasure has begun cannot be held any more.",
    "Correct the field that the problem names.",
)
REVIEW_DATE = Problem(
    "review_date",
    422,
    "The hold must be reviewed within a year",
    "A hold says when somebody looks again whether the case still needs the data: later than now, and at most 366 days away.",
    "Send a review_at within a year from now.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    HoldNotFoundError: NOT_FOUND,
    HoldReleasedError: HOLD_RELEASED,
    ReviewDateError: REVIEW_DATE,
}
FURTHER = (HOLD_SCOPE,)
