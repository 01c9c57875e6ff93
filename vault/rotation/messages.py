"""What goes in and out of rotation over HTTP."""

from typing import Any, Literal

from pydantic import BaseModel, Field, StrictBool, model_validator

from vault.messages import KindName, OneSubject
from vault.rotation.asking import Rotated
from web.json_body import Body

EndableUsage = Literal["kek", "token", "format", "search"]


class RotatePath(Body):
    key: Rotated


class RotateRequest(Body):
    """How a rotation is to go."""

    subject: OneSubject | None = Field(None, description="Whose DEK to rotate; with dek only.")
    older_than_days: int | None = Field(
        None, strict=True, ge=0, le=36_500, description="Rotate the DEKs that are older; with dek only. 0 is all."
    )
    throttle: int | None = Field(
        None, strict=True, ge=1, le=1_000_000, description="Keys or records a second that it may move at most."
    )
    destroy: StrictBool = Field(
        default=False,
        strict=True,
        description="Destroy the versions that nothing needs afterwards. It takes a second person to approve the job.",
    )

    @model_validator(mode="after")
    def _one_choice(self) -> "RotateRequest":
        if self.subject is not None and self.older_than_days is not None:
            raise ValueError("subject and older_than_days exclude each other")
        return self


class VersionPath(Body):
    usage: EndableUsage
    version: int = Field(ge=1, le=1_000_000_000)


class DestroyRequest(Body):
    """Which key of a usage that has one for each kind."""

    kind: KindName | None = Field(None, description="With search and format.")


class RotationAnswer(BaseModel):
    """The job that does it, and its state: a destruction waits for approval."""

    job: str
    state: str


class KeyVersion(BaseModel):
    """A version of a key: what it is used for, how many keys it wraps, how often it has sealed, and whether it is due."""

    usage: str
    scope: str | None = Field(description="The kind that it serves, or a root key's provider.")
    version: int
    state: str = Field(description="active, decrypt-only or destroyed.")
    created_at: str
    age_days: int
    destroyed_at: str | None
    wraps: int | None
    seals: int | None
    due: str | None = Field(description="age or seals, where it is to be rotated now.")
    due_at: str | None


class Deks(BaseModel):
    """The data keys of all people together."""

    count: int
    oldest_created_at: str | None
    worn: int = Field(description="How many have sealed so much that they are due.")


class KeyStatusAnswer(BaseModel):
    """Every version of every key, and the data keys of people."""

    items: list[KeyVersion]
    deks: Deks
    erasures: dict[str, Any] | None = Field(description="When past erasures are complete, and by which rule.")
