"""Which problem each refusal of holders ends as."""

from collections.abc import Mapping

from dsar.holders.errors import HolderNotFoundError, ProcessorError, TaskNotFoundError, TaskStateError
from web.edge_problems import NOT_FOUND
from web.problems import Problem

TASK_STATE = Problem(
    "holder_task_state",
    409,
    "The task's state does not let this happen",
    "Only what was given up is tried again, and only what has not ended is called back.",
    "Look at the request's tasks first.",
)
HOLDER_AWAY = Problem(
    "holder_away",
    424,
    "The system gives no good answer",
    "A system beside this one did not answer, did not do what it was asked, or answered with a signature that is not of its "
    "pinned key.",
    "Look after the system, its address and its certificate in the file of connectors, and ask again.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    TaskNotFoundError: NOT_FOUND,
    HolderNotFoundError: NOT_FOUND,
    TaskStateError: TASK_STATE,
    ProcessorError: HOLDER_AWAY,
}
