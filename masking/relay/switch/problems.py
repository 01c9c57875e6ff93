"""Problems that switches meet."""

from web.problems import Problem

UNKNOWN_LEG = Problem(
    "relay_unknown_leg",
    404,
    "No such call is known",
    "The leg is none that POST /v1/relay/route gave out to this tenant for a call that was put through, or its record has had "
    "its time.",
    "Tell of a call by the leg of its own answer, with the credential that asked for it, and send this event no more.",
)
