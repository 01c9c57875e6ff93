"""The calls about who makes requests, which ``Moat`` has as ``identity``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a request is verified: its level, the level that it takes, and the proofs that nobody has seen yet."""

    request: str
    state: str
    level: str
    needed: str
    missing: tuple[str, ...]
    verified: bool

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Standing":
        """Read one of an answer."""
        required, missing = answer["required"], answer["missing"]
        return cls(
            request=str(answer["request"]),
            state=str(answer["state"]),
            level=str(answer["level"]),
            needed=str(required["level"]) if isinstance(required, dict) else "",
            missing=tuple(map(str, missing)) if isinstance(missing, list) else (),
            verified=answer["verified"] is True,
        )


class IdentityCalls(Calls):
    """Hand-overs, verification of requests, and the platform's keys. What does not show who somebody is raises ``MoatError`` with
    the code ``not_verified``, whatever is wrong with it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def hand_over(self, subject: str) -> str:
        """Return the address to which a signed-in person's client posts, once and soon, to begin a session."""
        return str(self._transport.json("POST", path_of("subjects", subject, "sessions"))["url"])

    def standing(self, request: str) -> Standing:
        """Return how far a request is verified."""
        return Standing.of(self._transport.json("GET", path_of("requests", request, "verify")))

    def send_code(self, request: str, channels: Iterable[str] = (), *, locale: str = "zh-Hans") -> str:
        """Have a code sent by each channel, ``sms`` or ``email``, or one by whichever there is; return the challenge."""
        body = {"method": "code", "channels": list(channels), "locale": locale}
        return str(self._post(path_of("requests", request, "verify"), body)["challenge"])

    def answer(self, request: str, challenge: str, *codes: str) -> Standing:
        """Hand on the codes that the person gives, in the order of the channels."""
        return self._verify(request, {"method": "code", "challenge": challenge, "codes": list(codes)})

    def session(self, request: str, text: str) -> Standing:
        """Let the person's own session show that the request is theirs."""
        return self._verify(request, {"method": "session", "session": text})

    def seen(self, request: str, proof: str, document: str) -> Standing:
        """Note that a document was seen which shows ``identity``, ``relation``, ``authority``, ``death`` or ``kinship``. No
        copy of it is sent."""
        return self._verify(request, {"method": "document", "proof": proof, "document": document})

    def add_session_key(self, pem: str) -> str:
        """Let assertions be signed by a further key, a public one in PEM; return its thumbprint."""
        return str(self._post("/v1/session-keys", {"public_key": pem})["key"])

    def session_keys(self) -> Iterator[dict[str, object]]:
        """Yield the keys by which assertions are verified."""
        return self._pages("/v1/session-keys", {})

    def revoke_session_key(self, key: str) -> None:
        """Accept nothing more that a key has signed."""
        self._transport.json("DELETE", path_of("session-keys", key))

    def _verify(self, request: str, body: Mapping[str, object]) -> Standing:
        return Standing.of(self._post(path_of("requests", request, "verify"), body))
