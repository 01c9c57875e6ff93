"""Which problem each refusal of erasures ends as."""

from collections.abc import Mapping

from dsar.erasure.errors import NoCertificateError, NoPlanError
from web.problems import Problem

NO_PLAN = Problem(
    "no_plan",
    409,
    "Nothing is planned for the request",
    "Only a request for erasure or for the closing of an account is planned, once it is accepted.",
    "Look at the right and the state of the request.",
)
NO_CERTIFICATE = Problem(
    "no_certificate",
    409,
    "There is nothing to certify yet",
    "A certificate says what an erasure came to. It is there as soon as everything is destroyed that may be.",
    "Look at the plan of the request: it says how far it is, and for whom it waits.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {NoPlanError: NO_PLAN, NoCertificateError: NO_CERTIFICATE}
