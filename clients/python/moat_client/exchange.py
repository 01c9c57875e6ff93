"""The calls about what the parties of an order exchange: messages, positions, pictures; ``Moat`` has them: ``moat.exchange``."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, TypeAlias

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport

Party: TypeAlias = Literal["courier", "customer", "merchant"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that waits for a device. ``frank`` and ``hour`` are to be kept by whoever may want to report it."""

    number: int
    envelope: str
    sender_device: int
    sender_key: str
    recipient_key: str
    hour: int
    frank: str

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Message":
        """Read one message of an answer."""
        texts = {name: str(answer[name]) for name in ("envelope", "sender_key", "recipient_key", "frank")}
        numbers = {name: int(str(answer[name])) for name in ("sender_device", "hour")}
        return cls(number=int(str(answer["message"])), **numbers, **texts)  # type: ignore[arg-type]  # each by its name


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an order, without its octets."""

    number: int
    format: str
    size: int
    expires_at: str

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Picture":
        """Read one picture of an answer."""
        number, size = (int(str(answer[name])) for name in ("picture", "size"))
        return cls(number, str(answer["format"]), size, str(answer["expires_at"]))


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Positions, newest first, in the plain view, or cells in order in the masked one, each as the service tells them."""

    view: str
    places: list[Mapping[str, object]] = field(repr=False)

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Whereabouts":
        """Read an answer."""
        places = answer.get("positions") or answer.get("cells") or []
        return cls(str(answer["view"]), list(places) if isinstance(places, list) else [])


class ExchangeCalls(Calls):
    """What goes between the devices of an order's parties."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def keys(self, order: str, party: Party) -> dict[int, str]:
        """Return the keys of a party by the numbers of its devices, for another party's device to seal for."""
        answer = self._transport.json("GET", path_of("orders", order, "devices"), params={"party": party})
        items = answer.get("items")
        return {int(one["device"]): str(one["public_key"]) for one in items} if isinstance(items, list) else {}

    def send(
        self,
        order: str,
        envelope: str,
        *,
        sender: tuple[Party, int],
        recipient: tuple[Party, int],
        key: str | None = None,
    ) -> int:
        """Send a sealed message from a party's device to another's, and return its number."""
        parties = {
            "from_party": sender[0],
            "from_device": sender[1],
            "to_party": recipient[0],
            "to_device": recipient[1],
        }
        answer = self._post(path_of("orders", order, "messages"), {**parties, "envelope": envelope}, key)
        return int(str(answer["message"]))

    def messages(self, order: str, party: Party, device: int) -> Iterator[Message]:
        """Yield the messages that wait for a device."""
        return map(Message.of, self._pages(path_of("orders", order, "messages"), {"party": party, "device": device}))

    def acknowledge(self, order: str, party: Party, message: int) -> None:
        """Have a message deleted that its recipient has."""
        self._post(path_of("orders", order, "messages", str(message), "ack"), {"party": party})

    def report(self, order: str, evidence: Mapping[str, object]) -> str:
        """Hand over what the recipient's device reveals of a message, and return the token of the copy."""
        return str(self._post(path_of("orders", order, "messages", "report"), evidence)["token"])

    def record(
        self, order: str, courier: str, positions: Iterable[Mapping[str, object]], *, key: str | None = None
    ) -> None:
        """Store positions of the courier: ``latitude``, ``longitude``, ``at`` in RFC 3339 and perhaps ``accuracy``."""
        self._post(path_of("orders", order, "positions"), {"courier": courier, "positions": list(positions)}, key)

    def whereabouts(self, order: str, *, customer: str | None = None, limit: int = 1) -> Whereabouts:
        """Return where the courier is, exactly for the customer who is acted for, else as cells."""
        params: dict[str, str | int] = {"limit": limit} | ({} if customer is None else {"customer": customer})
        return Whereabouts.of(self._transport.json("GET", path_of("orders", order, "positions"), params=params))

    def put_picture(self, order: str, courier: str, octets: bytes, *, idempotency_key: str | None = None) -> Picture:
        """Store a picture; what is not the picture is taken out of it."""
        path = path_of("orders", order, "pictures")
        answer = self._transport.send(
            "POST",
            path,
            content=octets,
            headers={"Content-Type": "application/octet-stream"},
            params={"courier": courier},
            idempotency_key=idempotency_key,
        )
        return Picture.of(answer.json())

    def pictures(self, order: str) -> Iterator[Picture]:
        """Yield the pictures of an order."""
        return map(Picture.of, self._pages(path_of("orders", order, "pictures"), {}))

    def picture(
        self, order: str, picture: int, into: BinaryIO, progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> None:
        """Write a picture into a file."""
        self._transport.download(path_of("orders", order, "pictures", str(picture)), into, progress)

    def delete_picture(self, order: str, picture: int) -> None:
        """Have a picture destroyed."""
        self._transport.json("DELETE", path_of("orders", order, "pictures", str(picture)))
