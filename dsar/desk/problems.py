"""Which problem each refusal of the desk ends as."""

from collections.abc import Mapping

from dsar.desk.errors import (
    ExtensionError,
    NobodyError,
    NoCalendarError,
    NotByHandError,
    NotVerifiedError,
    RegimeNotKnownError,
    RequestNotFoundError,
    RequestStateError,
    RightNotKnownError,
    SamePersonError,
)
from web.edge_problems import NOT_FOUND
from web.problems import Problem

REQUEST_STATE = Problem(
    "request_state",
    409,
    "The request's state does not let this happen",
    "Requests go from state to state by fixed moves: what has ended stays so, and what is being executed is neither denied nor "
    "withdrawn.",
    "Look at the request first; its timeline tells what has happened.",
)
NOT_VERIFIED = Problem(
    "requester_not_verified",
    409,
    "The requester is not known surely enough",
    "Nobody gets, changes or erases data without having shown who they are, and what entitles them where they ask for "
    "somebody else. How surely depends on the right and on the data.",
    "Have the requester verified first, or deny the request as unidentified.",
)
NOBODY = Problem(
    "nobody_known",
    409,
    "Nobody is known by the name that was given",
    "The request was taken like any other, but the vault knows nobody by that name, or not any more.",
    "Deny the request: nothing_held, or unidentified.",
)
SAME_PERSON = Problem(
    "same_person",
    409,
    "It takes a second person",
    "Who has accepted a request may not approve it, too; nor who has asked for one that was accepted without an officer.",
    "Have somebody else approve it with a credential of their own.",
)
EXTENSION = Problem(
    "not_extendable",
    409,
    "The time cannot be extended",
    "A request is extended once, before its time is over, and only where its regime allows it.",
    "Answer in the time that there is.",
)
NOT_BY_HAND = Problem(
    "not_by_hand",
    409,
    "The request is not completed this way",
    "What a job executes, the job completes; a complaint is settled, and nothing else is.",
    "Look at the request's job, or settle the complaint.",
)
RIGHT_NOT_KNOWN = Problem(
    "right_not_known",
    422,
    "The regime does not know the right",
    "Each regime lists the rights that it gives; this one is not among them.",
    "Ask under the law that gives the right.",
)
REGIME_NOT_KNOWN = Problem(
    "regime_not_known",
    422,
    "There is no such regime",
    "Requests are made under a law whose time limits the service knows, such as pipl, gdpr or ccpa.",
    "GET /v1/complaints/standard lists the regimes.",
)
NO_CALENDAR = Problem(
    "no_calendar",
    422,
    "Nothing is known of the working days of that year",
    "A time limit reaches into a year of which no public holidays are known, and is not guessed.",
    "Update the service.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    RequestNotFoundError: NOT_FOUND,
    RequestStateError: REQUEST_STATE,
    NotVerifiedError: NOT_VERIFIED,
    NobodyError: NOBODY,
    SamePersonError: SAME_PERSON,
    ExtensionError: EXTENSION,
    NotByHandError: NOT_BY_HAND,
    RightNotKnownError: RIGHT_NOT_KNOWN,
    RegimeNotKnownError: REGIME_NOT_KNOWN,
    NoCalendarError: NO_CALENDAR,
}
