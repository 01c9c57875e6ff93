"""The calls about staff, which ``Moat`` has as ``moat.staff``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff. ``state`` is ``invited``, ``active`` or ``disabled``. ``url`` is the address at which somebody
    who was invited just now enrols: it works once, and stays out of every ``repr``."""

    id: int
    name: str
    role: str
    state: str
    url: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "StaffMember":
        """Read one member of an answer."""
        url = answer.get("url")
        return cls(
            id=int(str(answer["id"])),
            name=str(answer["name"]),
            role=str(answer["role"]),
            state=str(answer["state"]),
            url=None if url is None else str(url),
        )


class StaffCalls(Calls):
    """Who works on the pages."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def invite(self, name: str, *, role: str) -> StaffMember:
        """Invite somebody; the answer has the address at which they enrol."""
        return StaffMember.of(self._post("/v1/staff", {"name": name, "role": role}))

    def invite_again(self, number: int) -> StaffMember:
        """Give somebody who did not come in time another address."""
        return StaffMember.of(self._post(path_of("staff", str(number), "invite"), {}))

    def all(self) -> Iterator[StaffMember]:
        """Yield everybody, those who were let go too."""
        return map(StaffMember.of, self._pages("/v1/staff", {}))

    def disable(self, number: int) -> None:
        """Let somebody go, at once."""
        self._transport.json("DELETE", path_of("staff", str(number)))
