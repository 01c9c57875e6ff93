"""Which problem each refusal of retention ends as."""

from collections.abc import Mapping

from dsar.retention.errors import (
    PlanNotFoundError,
    PlanNotReadyError,
    PlanStaleError,
    PlanUsedError,
    PolicyNotFoundError,
    RunNotFoundError,
    RunUnderWayError,
)
from web.edge_problems import NOT_FOUND
from web.problems import Problem

PLAN_NOT_READY = Problem(
    "plan_not_ready",
    409,
    "The plan is not made yet",
    "A plan is carried out when all records were looked at and what is due is frozen and hashed. One that was given up never is.",
    "Wait until GET /v1/retention/plans/{plan} says ready, or ask for another plan.",
)
PLAN_STALE = Problem(
    "plan_stale",
    409,
    "The plan is out of date",
    "A plan is carried out within seven days of being made, under the policy that it was made under.",
    "Ask for another plan.",
)
PLAN_USED = Problem(
    "plan_used",
    409,
    "The plan was carried out",
    "Each plan is carried out once. What has become due since is in the next one.",
    "Ask for another plan.",
)
RETENTION_UNDER_WAY = Problem(
    "retention_under_way",
    409,
    "Another plan or run has not ended",
    "A tenant has one plan in the making and one run at a time; it goes on, is paused, or waits for approval.",
    "Wait for it, or resume, approve or cancel it: GET /v1/jobs lists it.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    PolicyNotFoundError: NOT_FOUND,
    PlanNotFoundError: NOT_FOUND,
    RunNotFoundError: NOT_FOUND,
    PlanNotReadyError: PLAN_NOT_READY,
    PlanStaleError: PLAN_STALE,
    PlanUsedError: PLAN_USED,
    RunUnderWayError: RETENTION_UNDER_WAY,
}
