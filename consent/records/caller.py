"""Who records or reads consents, as the use cases need to know it."""

from dataclasses import dataclass
from datetime import datetime

from audit.entry import Actor, SubjectRef
from consent.ports import Subject


@dataclass(frozen=True, slots=True)
class Caller:
    """A credential, an operator or the service itself. `request` is the id that the answer will carry."""

    tenant: int
    actor: Actor
    request: str


def micros(moment: datetime) -> int:
    """Microseconds since the epoch of an aware moment."""
    return round(moment.timestamp() * 1_000_000)


def pseudonyms(person: Subject | None) -> tuple[SubjectRef, ...]:
    """The person as the log names them, if it can."""
    return () if person is None or person.ref is None else (person.ref,)
