"""Which problem each refusal of the book of calls ends as."""

from collections.abc import Mapping

from masking.relay.calls.errors import (
    CallNotFoundError,
    CaseClosedError,
    CaseNotFoundError,
    LegalError,
    NoLegalKeyError,
    RulesVersionError,
    SpanError,
)
from web.edge_problems import NOT_FOUND
from web.problems import Problem

CASE_CLOSED = Problem(
    "relay_case_closed",
    409,
    "The case was closed",
    "A case is closed once. What was seen later is another case.",
    "Look at the open cases.",
)
RULES_VERSION = Problem(
    "relay_rules_version",
    409,
    "The rules' version is not a higher one",
    "Rules are applied under a version above that in force, so that nobody puts back what somebody has changed meanwhile.",
    "Read the rules in force, make your change to them, and count their version up.",
)
RULES = Problem(
    "relay_rules",
    422,
    "The rules cannot be used",
    "Something in them is missing, unknown, out of bounds, or no strict YAML. Nothing was changed.",
    "Correct the place that the problem names; the shipped rules say what each name means.",
)
SPAN = Problem(
    "relay_span",
    422,
    "These days cannot be counted together",
    "Figures are for 1 to 31 days, the last of which is not before the first.",
    "Ask for fewer days at once.",
)
LEGAL = Problem(
    "relay_legal",
    409,
    "The sealed calls cannot be used so",
    "The key of the month is missing, another one, or not over; or what was taken is damaged.",
    "Look at the keys with moat relay legal-key list.",
)
NO_LEGAL_KEY = Problem(
    "relay_no_legal_key",
    503,
    "Calls must be sealed, and there is no key for this month",
    "The tenant's rules have calls sealed for a law. Without a key for the month none is connected.",
    "Have two persons make the key of the month: moat relay legal-key create.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    CallNotFoundError: NOT_FOUND,
    CaseNotFoundError: NOT_FOUND,
    CaseClosedError: CASE_CLOSED,
    RulesVersionError: RULES_VERSION,
    SpanError: SPAN,
    NoLegalKeyError: NO_LEGAL_KEY,
    LegalError: LEGAL,
}
FURTHER = (RULES,)
