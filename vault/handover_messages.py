"""What goes in and out of the handover of orders over HTTP."""

from typing import Annotated

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from vault.handover.stage import Stage
from vault.handover.table_text import TEXT_AT_MOST
from vault.messages import OneSubject
from vault.shifts.rules import TEXT_AT_MOST as RULES_AT_MOST
from web.json_body import Body

VERSION_AT_MOST = 2**53 - 1
"""What every reader of JSON takes for the same number (RFC 8259 section 6)."""


class AssignmentRequest(Body):
    """Who carries an order, and how far it is. People left out stay who they were."""

    courier: OneSubject
    stage: Stage
    version: int | None = Field(
        None,
        strict=True,
        ge=1,
        le=VERSION_AT_MOST,
        description="Orders statements about the order: an older one changes nothing. Without it the call is the newest.",
    )
    customer: OneSubject | None = Field(None, description="Whose order it is; without them there is no relay number.")
    merchant: OneSubject | None = None
    anonymous: StrictBool = Field(default=False, description="Hide the customer behind an alias, whatever they prefer.")


class RelayNumber(BaseModel):
    """The number by which courier and customer reach each other."""

    available: bool
    x: str | None = None


class AssignmentAnswer(BaseModel):
    """What stands. `applied` is false where a newer statement had been made, which stands instead."""

    order: str
    courier: str | None
    stage: Stage
    version: int
    applied: bool
    alias: str | None = Field(description="What the courier sees in the place of an anonymous customer's name.")
    pickup_code: str | None = Field(
        description="What the courier says where the order is picked up, instead of a name."
    )
    relay: RelayNumber | None = Field(description="Null where the customer is not known, or the order has ended.")


class PickupRequest(Body):
    """The code that a courier said."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class PickupAnswer(BaseModel):
    order: str
    stage: Stage
    alias: str | None


class PreferencesRequest(Body):
    """What a person wants; what is left out stays."""

    anonymous_orders: StrictBool | None = None


class PreferencesAnswer(BaseModel):
    subject: str
    anonymous_orders: bool


class TableRequest(Body):
    """A table as YAML."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=TEXT_AT_MOST)]


class RulesRequest(Body):
    """Rules of shifts as YAML."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=RULES_AT_MOST)]


class RulesAnswer(BaseModel):
    """The rules in force. Version 0 are those that Moat ships."""

    version: int
    source: str
    applied_at: str | None


class TableAnswer(BaseModel):
    """The table in force. Version 0 is the one that Moat ships."""

    version: int
    source: str
    applied_at: str | None
