"""The calls about packages for people, which ``Moat`` has as ``moat.packages``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class Package:
    """What is known of a package, never what is in it. ``whole`` is all that was answered."""

    id: str
    state: str
    expires_at: str
    downloads: int
    whole: Mapping[str, object] = field(repr=False)


class PackageCalls(Calls):
    """What officers and the platform do with packages. Nothing here gives a link, a passphrase or data."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, request: str) -> Package:
        """Return what is known of the package of a request; MoatError ``package_not_made`` while there is none."""
        answer = self._transport.json("GET", path_of("requests", request, "package"))
        named = {name: str(answer.get(name, "")) for name in ("state", "expires_at")}
        return Package(id=str(answer["package"]), downloads=int(str(answer.get("downloads", 0))), whole=answer, **named)

    def make_again(self, request: str, *, idempotency_key: str | None = None) -> str:
        """Have the package of a completed request made anew, with other keys; returns the job."""
        return str(self._post(path_of("requests", request, "package"), {}, idempotency_key)["job"])

    def send_link(self, request: str) -> str | None:
        """Send the person another link; returns the channel by which it left, None where they cannot be reached."""
        sent = self._post(path_of("requests", request, "package", "link"), {}).get("sent_by")
        return None if sent is None else str(sent)

    def choose(self, request: str, *, recipient: str | None = None, receiver: str | None = None) -> None:
        """Have the package sealed to a public key of age, or have data that are to move sent to a receiver."""
        body = {"recipient": recipient, "receiver": receiver}
        self._transport.json("PUT", path_of("requests", request, "package", "choice"), body=body)
