"""What the operations on packages take and give."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from dsar.disclosure.stored import PackageState
from web.json_body import Body

TenantName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class ChoiceBody(Body):
    """How a package is to be sealed, or where it is to go. Without either, a passphrase is drawn for it."""

    recipient: Annotated[str, StringConstraints(pattern=r"^age1[0-9a-z]{1,100}$")] | None = Field(
        default=None, description="A public key of age that is the person's own."
    )
    receiver: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")] | None = Field(
        default=None, description="A registered receiver; for a transfer."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.recipient is not None and self.receiver is not None:
            raise ValueError("either a recipient or a receiver")
        return self


class RequestPath(Body):
    request: UUID


class TenantPath(Body):
    tenant: TenantName


class OwnPath(TenantPath):
    request: UUID


class LinkPath(TenantPath):
    link: Annotated[str, StringConstraints(max_length=100)]


class PackageAnswer(BaseModel):
    """What is known of a package, never what is in it. `sha256` is of the sealed file, `receipt` of what a receiver answered."""

    package: str
    state: PackageState
    receiver: str | None
    made_at: str
    expires_at: str
    size: int | None
    sha256: str | None
    records: int
    downloads: int
    receipt: str | None


class MakingAnswer(BaseModel):
    """The job that makes the package."""

    job: str


class TellingAnswer(BaseModel):
    """The channel by which the link went to the person; null where they cannot be reached."""

    sent_by: str | None


class NewLinkAnswer(BaseModel):
    """A link, which is shown this once."""

    url: str
    expires_at: str


class PassphraseAnswer(BaseModel):
    """The passphrase of a package, which is shown this once."""

    passphrase: str


class ReceiverAnswer(BaseModel):
    """One who takes data that people move."""

    receiver: str
    name: str


class ReceiversAnswer(BaseModel):
    items: list[ReceiverAnswer]
    next_cursor: str | None
