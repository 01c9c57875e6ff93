"""What the operations of the lesser rights take and give."""

from uuid import UUID

from pydantic import BaseModel

from web.json_body import Body


class RequestPath(Body):
    request: UUID


class LiftAnswer(BaseModel):
    """The job that has every holder use the data again."""

    request: str
    job: str
