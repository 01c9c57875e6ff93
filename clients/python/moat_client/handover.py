"""The calls about who has an order and what is seen of it, which ``Moat`` has as ``moat.handover``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class Assigned:
    """What stands of an order. ``applied`` is false where a newer statement had been made, which stands instead. ``relay`` is the
    number by which courier and customer reach each other, None where there is none for them."""

    order: str
    courier: str | None
    stage: str
    version: int
    applied: bool
    alias: str | None
    pickup_code: str | None = field(repr=False)
    relay: str | None

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Assigned":
        """Read one answer."""
        relay = answer.get("relay")
        texts = {name: _text_or_none(answer.get(name)) for name in ("courier", "alias", "pickup_code")}
        return cls(
            order=str(answer["order"]),
            stage=str(answer["stage"]),
            version=int(str(answer["version"])),
            applied=bool(answer["applied"]),
            relay=_text_or_none(relay.get("x")) if isinstance(relay, dict) else None,
            **texts,
        )


@dataclass(frozen=True, slots=True)
class TableInForce:
    """The table of what each role sees at each stage, or the rules of shifts, as YAML. Version 0 comes with the service."""

    version: int
    source: str
    applied_at: str | None

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "TableInForce":
        """Read one answer."""
        return cls(int(str(answer["version"])), str(answer["source"]), _text_or_none(answer.get("applied_at")))


@dataclass(frozen=True, slots=True)
class Freeze:
    """A freeze of a person's data, a courier or a credential. ``by`` is who asked for it: a credential, or 0, the service."""

    number: int
    kind: str
    subject: str | None
    credential: int | None
    reason: str
    by: int
    since: str

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Freeze":
        """Read one freeze of an answer."""
        credential = answer.get("credential")
        return cls(
            number=int(str(answer["freeze"])),
            kind=str(answer["kind"]),
            subject=_text_or_none(answer.get("subject")),
            credential=None if credential is None else int(str(credential)),
            reason=str(answer["reason"]),
            by=int(str(answer["by"])),
            since=str(answer["since"]),
        )


class HandoverCalls(Calls):
    """Orders between platform, courier and merchant; freezes and honey tokens."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def assign(
        self,
        order: str,
        *,
        courier: str,
        stage: str,
        version: int | None = None,
        customer: str | None = None,
        merchant: str | None = None,
        anonymous: bool = False,
    ) -> Assigned:
        """Record who has an order and its stage; an older ``version`` than the last one changes nothing."""
        told: dict[str, object] = {"courier": courier, "stage": stage, "anonymous": anonymous}
        named = {"version": version, "customer": customer, "merchant": merchant}
        told |= {name: value for name, value in named.items() if value is not None}
        return Assigned.of(self._transport.json("PUT", path_of("orders", order, "assignment"), body=told))

    def pick_up(self, order: str, code: str) -> dict[str, object]:
        """Take the code that a courier said; MoatError ``pickup_refused`` where it is wrong."""
        return self._post(path_of("orders", order, "pickup"), {"code": code})

    def preferences(self, subject: str) -> dict[str, bool]:
        """Return what a person has chosen for their orders."""
        return _choices(self._transport.json("GET", path_of("subjects", subject, "preferences")))

    def prefer(self, subject: str, *, anonymous_orders: bool) -> dict[str, bool]:
        """Store what a person chooses for their orders."""
        told = {"anonymous_orders": anonymous_orders}
        return _choices(self._transport.json("PUT", path_of("subjects", subject, "preferences"), body=told))

    def table(self) -> TableInForce:
        """Return the table in force."""
        return TableInForce.of(self._transport.json("GET", "/v1/handover/table"))

    def apply_table(self, source: str) -> TableInForce:
        """Put a table in force, at once and in every process; MoatError ``handover_table`` where it cannot be used."""
        return TableInForce.of(self._transport.json("PUT", "/v1/handover/table", body={"source": source}))

    def shift_rules(self) -> TableInForce:
        """Return the rules of couriers' shifts in force."""
        return TableInForce.of(self._transport.json("GET", "/v1/handover/shift-rules"))

    def apply_shift_rules(self, source: str) -> TableInForce:
        """Put rules of shifts in force; MoatError ``shift_rules`` where they cannot be used."""
        return TableInForce.of(self._transport.json("PUT", "/v1/handover/shift-rules", body={"source": source}))

    def freeze(self, kind: str, *, reason: str, subject: str | None = None, credential: int | None = None) -> Freeze:
        """Freeze a ``subject``, a ``courier`` or a ``credential`` at once."""
        told: dict[str, object] = {"kind": kind, "reason": reason}
        told |= {"subject": subject} if credential is None else {"credential": credential}
        return Freeze.of(self._post("/v1/freezes", told))

    def freezes(self) -> Iterator[Freeze]:
        """Yield the freezes in force."""
        return map(Freeze.of, self._pages("/v1/freezes", {}))

    def thaw(self, freeze: int) -> Freeze:
        """Lift a freeze that somebody else asked for."""
        return Freeze.of(self._transport.json("DELETE", path_of("freezes", str(freeze))))

    def honey_token(self, *, kind: str = "phone", place: str, freeze: bool = False, key: str | None = None) -> str:
        """Return a token that stands for nothing and tells when somebody presents it."""
        told: dict[str, object] = {"kind": kind, "place": place, "freeze": freeze}
        return str(self._post("/v1/honey-tokens", told, key)["token"])


def _choices(answer: Mapping[str, object]) -> dict[str, bool]:
    return {name: value for name, value in answer.items() if isinstance(value, bool)}


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
