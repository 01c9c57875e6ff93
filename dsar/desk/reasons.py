"""Why the desk denies, extends, and how it settles complaints: codes, each with words in `letters.yaml`."""

from enum import StrEnum


class Denial(StrEnum):
    """Why a request is denied: GDPR 11(2), 12(5), 15(4), 17(3), 20; PIPL 45 and 47; 11 CCR 7021(b) and 7060."""

    UNIDENTIFIED = "unidentified"
    NO_AUTHORITY = "no_authority"
    UNFOUNDED = "unfounded"
    EXCESSIVE = "excessive"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGAL_CLAIMS = "legal_claims"
    PUBLIC_INTEREST = "public_interest"
    OTHERS_RIGHTS = "others_rights"
    NOT_COVERED = "not_covered"
    NOTHING_HELD = "nothing_held"


class Extension(StrEnum):
    """Why an answer takes longer: GDPR 12(3), 11 CCR 7021(b)."""

    COMPLEX = "complex"
    MANY_REQUESTS = "many_requests"


class Category(StrEnum):
    """What a complaint is about."""

    RIGHTS_REFUSED = "rights_refused"
    RIGHTS_LATE = "rights_late"
    EXCESSIVE_COLLECTION = "excessive_collection"
    USE_WITHOUT_CONSENT = "use_without_consent"
    SHARED_WITH_OTHERS = "shared_with_others"
    UNWANTED_CONTACT = "unwanted_contact"
    WRONG_DATA = "wrong_data"
    LEAKED = "leaked"
    AUTOMATED_DECISION = "automated_decision"
    MINORS = "minors"
    OTHER = "other"


class Party(StrEnum):
    """Who has to answer for what a complaint is about."""

    PLATFORM = "platform"
    MERCHANT = "merchant"
    COURIER = "courier"
    PARTNER = "partner"


class Outcome(StrEnum):
    """How a complaint ends."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"


NO_ANSWER = "no_answer"
"""The person was waited for in vain."""
