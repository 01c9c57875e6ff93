"""The calls about devices, and values sealed for them, which ``Moat`` has as ``moat.devices``."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from moat_client.batches import LARGEST_CHUNK, chunked, items_of
from moat_client.calls import Calls, path_of
from moat_client.errors import ItemError
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class Device:
    """The key of a device. ``tenant`` is the number that stands in everything sealed for it."""

    number: int
    tenant: int
    public_key: str
    state: str
    created_at: str
    expires_at: str

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Device":
        """Read one device of an answer."""
        texts = {name: str(answer[name]) for name in ("public_key", "state", "created_at", "expires_at")}
        return cls(number=int(str(answer["device"])), tenant=int(str(answer["tenant"])), **texts)


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A value in a box that one device opens, and the digest of what it was made for. ``subject`` is empty on an anonymous
    order."""

    kind: str
    subject: str
    view: str
    sealed: str
    context: str

    @classmethod
    def of(cls, item: Mapping[str, object]) -> "SealedValue | ItemError":
        """Read one item of the answer."""
        error = item.get("error")
        if isinstance(error, dict):
            return ItemError.of(error)
        texts = {name: str(item.get(name) or "") for name in ("kind", "subject", "view", "sealed", "context")}
        return cls(**texts)


class DeviceCalls(Calls):
    """Whose devices there are, and what is sealed for them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def register(
        self,
        subject: str,
        public_key: str,
        answered: Callable[[str], str],
        *,
        replaces: int | None = None,
        idempotency_key: str | None = None,
    ) -> Device:
        """Register the X25519 key of a person's device, in base64url; ``replaces`` is revoked. ``answered`` hands the device a
        sealed question and returns its answer; MoatError ``device_unproven`` where that is not the right one."""
        asked = self._post(path_of("subjects", subject, "devices", "challenges"), {"public_key": public_key})
        answer = answered(str(asked["sealed"]))
        body: dict[str, object] = {"public_key": public_key, "challenge": asked["challenge"], "answer": answer}
        body |= {} if replaces is None else {"replaces": replaces}
        return Device.of(self._post(path_of("subjects", subject, "devices"), body, idempotency_key))

    def all(self, subject: str) -> Iterator[Device]:
        """Yield a person's devices, revoked ones too as long as they are remembered."""
        return map(Device.of, self._pages(path_of("subjects", subject, "devices"), {}))

    def revoke(self, subject: str, device: int) -> None:
        """Have nothing more sealed for a device."""
        self._transport.json("DELETE", path_of("subjects", subject, "devices", str(device)))

    def sealed(
        self,
        tokens: Iterable[str],
        public_key: str,
        *,
        courier: str,
        order: str,
        purpose: str = "delivery",
        view: Literal["plain", "masked", "building"] = "plain",
    ) -> list[SealedValue | ItemError]:
        """Return the values behind tokens sealed for a device of the courier, one answer for each token in its place."""
        place = {"purpose": purpose, "ref": f"order:{order}", "view": view, "seal_to": public_key}
        acting = {"on_behalf_of": {"role": "courier", "subject": courier}}
        found: list[SealedValue | ItemError] = []
        for sent in chunked(tokens, LARGEST_CHUNK):
            body = {**place, **acting, "items": [{"token": token} for token in sent]}
            found.extend(map(SealedValue.of, items_of(self._post("/v1/detokenize", body), len(sent))))
        return found
