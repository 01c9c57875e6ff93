"""What each side of a call or a text would see, from what a switch is answered. Real numbers are masked: whoever looks at a
screen with both sides on it is neither of them."""

from collections.abc import Mapping
from typing import NamedTuple

from masking.telephone import mask_phone

NOTHING = "-"
_UNHEARD = "nothing: the telephone stays silent"


class Row(NamedTuple):
    """One line: what it is about, and what it is for the caller and for the other side."""

    about: str
    caller: str
    other: str


def call_screens(caller: str, dialled: str, answer: Mapping[str, object]) -> list[Row]:
    """What becomes of a call to `dialled`, by the answer of `POST /v1/relay/route`."""
    action = answer.get("action")
    if action == "connect":
        lasts = f"at most {answer.get('max_seconds')} seconds"
        recorded = "yes, both were told and agreed" if answer.get("record") else "no"
        return [
            Row("telephone", mask_phone(caller), mask_phone(str(answer.get("to")))),
            Row("dials", dialled, NOTHING),
            Row("screen", f"calling {dialled}", f"call from {answer.get('present')}"),
            Row("call", f"connected, {lasts}", f"connected, {lasts}"),
            Row("recorded", recorded, recorded),
        ]
    heard = f"asked for {answer.get('digits')} digits" if action == "collect" else f"refused: {answer.get('reason')}"
    return [
        Row("telephone", mask_phone(caller), NOTHING),
        Row("dials", dialled, NOTHING),
        Row("screen", f"calling {dialled}", NOTHING),
        Row("call", heard, _UNHEARD),
    ]


def text_screens(caller: str, dialled: str, sent: str, answer: Mapping[str, object]) -> list[Row]:
    """What becomes of a text to `dialled`, by the answer of `POST /v1/relay/messages`."""
    delivered = answer.get("action") == "deliver"
    other = mask_phone(str(answer.get("to"))) if delivered else NOTHING
    rows = [
        Row("telephone", mask_phone(caller), other),
        Row("writes to", dialled, NOTHING),
        Row("text", sent, f"from {answer.get('present')}: {answer.get('text')}" if delivered else NOTHING),
        Row("outcome", "delivered" if delivered else f"not passed on: {answer.get('reason')}", NOTHING),
    ]
    reply = answer.get("reply")
    if isinstance(reply, Mapping):
        rows.append(Row("reply", f"from {reply.get('present')}: {reply.get('text')}", NOTHING))
    return rows
