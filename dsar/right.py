"""What people may ask for, under which law, and who may ask for them."""

from enum import StrEnum


class Right(StrEnum):
    """Rights of a data subject (PIPL 44-50, GDPR 15-22, CCPA 1798.100-121), and the complaint."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    CONSENT_WITHDRAWAL = "consent_withdrawal"
    EXPLANATION = "explanation"
    ACCOUNT_CLOSURE = "account_closure"
    COMPLAINT = "complaint"


class Requester(StrEnum):
    """Who asks: the person, a guardian, somebody with their authority, or next of kin (PIPL 49)."""

    SELF = "self"
    GUARDIAN = "guardian"
    AGENT = "agent"
    KIN = "kin"
