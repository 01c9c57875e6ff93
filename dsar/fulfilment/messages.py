"""What the operations of the lesser rights take and give."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from web.json_body import Body

FIELDS_AT_MOST = 50
VALUE_AT_MOST = 8_000

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}(\.[a-z0-9_]{1,32})?$")]
Secret = Annotated[SecretStr, Field(max_length=VALUE_AT_MOST)]


class CorrectionsRequest(Body):
    """What fields are to say: names of fields of the profile, such as `address.home`, or kinds."""

    fields: dict[FieldName, Secret] = Field(min_length=1, max_length=FIELDS_AT_MOST)


class RequestPath(Body):
    request: UUID


class LiftAnswer(BaseModel):
    """The job that has every holder use the data again."""

    request: str
    job: str
