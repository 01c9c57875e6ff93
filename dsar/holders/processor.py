"""One system beside this one: calls that are signed, and answers that are verified before they are read.

What a status means:
    2xx with the pinned key's signature   an answer
    3xx                                    refused: nothing is followed
    400 405 410 413 415 422 501            refused: the same call would come to the same
    404 of a request that was accepted     the system has lost it, and is asked anew
    others, or no answer                   later again

An answer whose signature is not of the pinned key, that is about something else, or that cannot be read, counts as none: it may
be somebody else who answers, or a certificate that has been exchanged, which the operator has to see to before the attempts are
used up. Nothing of an answer is kept but its digest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from audit.ports import Signer
from dsar.holders import opendsr
from dsar.holders.errors import ConnectorFileError, ProcessorAwayError, ProcessorRefusedError
from dsar.holders.holder import Act
from dsar.holders.ports import Answered, Outside
from dsar.holders.register import Connector
from dsar.holders.signature import HEADER, ProcessorKey, signed

Read = TypeVar("Read")

_REFUSALS = frozenset({400, 405, 410, 413, 415, 422, 501})
_LOST = frozenset({404})
_THERE_ALREADY = 409
_SIGNATURE, _DOMAIN = "x-opendsr-signature", "x-opendsr-processor-domain"


class Missing(NamedTuple):
    """Request types and identity types that a system does not say it can do."""

    types: Sequence[str]
    identities: Sequence[str]


class LostError(ProcessorAwayError):
    """The system does not know a request that it had accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How a system is reached and known: the way out, what reads the bearer token now (None where it wants none,
    ConnectorFileError where it cannot be read), its pinned key, and what signs our calls now."""

    outside: Outside
    credential: Callable[[], str | None]
    key: ProcessorKey
    signer: Callable[[], Signer]
    now: Callable[[], datetime]


class Processor:
    """Speaks with one system. Every member raises ProcessorAwayError or ProcessorRefusedError where there is no good answer."""

    def __init__(self, connector: Connector, line: Line) -> None:
        self.connector = connector
        self._line = line

    def submit(self, asked: UUID, body: bytes) -> int:
        """Hand a request over; the HTTP status. One that it had already is handed over."""
        answered = self._call("POST", f"{self.connector.url}/requests", body)
        if answered.status == _THERE_ALREADY:
            return answered.status
        if answered.status != 201:
            raise self._fault(answered)
        self._verified(answered, lambda octets: opendsr.check_receipt(octets, asked, body))
        return answered.status

    def status(self, asked: UUID, act: Act) -> opendsr.Status:
        """How far it is with a request that it has accepted."""
        answered = self._call("GET", f"{self.connector.url}/requests/{asked}")
        if answered.status != 200:
            raise self._fault(answered)
        return self._verified(answered, lambda octets: opendsr.status(octets, asked, act, self.connector))

    def page(self, asked: UUID, url: str) -> opendsr.Page:
        """A page of results. It lies where the system itself does, and nowhere else."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.connector.origin:
            raise ProcessorRefusedError("other_origin")
        answered = self._call("GET", url)
        if answered.status != 200:
            raise self._fault(answered)
        return self._verified(answered, lambda octets: opendsr.page(octets, asked, self.connector))

    def cancel(self, asked: UUID) -> None:
        """Call a request back, which it lets itself be only while it is pending."""
        answered = self._call("DELETE", f"{self.connector.url}/requests/{asked}")
        if answered.status != 202:
            raise self._fault(answered)

    def missing(self) -> Missing:
        """What is declared of the system and it does not say of itself."""
        answered = self._call("GET", f"{self.connector.url}/discovery")
        if answered.status != 200:
            raise self._fault(answered)
        types, identities = self._verified(answered, opendsr.supported)
        declared = opendsr.declared(self.connector)
        return Missing(sorted(declared[0] - types), sorted(declared[1] - identities))

    def _call(self, method: str, url: str, body: bytes = b"") -> Answered:
        headers = {"accept": "application/json", "user-agent": "moat-holders"}
        if body:
            headers["content-type"] = "application/json"
        try:
            token = self._line.credential()
        except ConnectorFileError:
            raise ProcessorAwayError("no_credential") from None
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        at = int(self._line.now().timestamp())
        headers[HEADER] = signed(self._line.signer(), method=method, url=url, body=body, at=at)
        try:
            return self._line.outside.call(method, url, headers, body)
        except PermissionError:
            raise ProcessorAwayError("not_allowed") from None
        except OSError:
            raise ProcessorAwayError("no_answer") from None

    def _verified(self, answered: Answered, read: Callable[[bytes], Read]) -> Read:
        """What an answer says, once it is known whose it is. A bad one counts as none."""
        try:
            if answered.headers.get(_DOMAIN, self.connector.domain) != self.connector.domain:
                raise ProcessorRefusedError("other_domain")
            self._line.key.verify(answered.body, answered.headers.get(_SIGNATURE), self._line.now())
            return read(answered.body)
        except ProcessorRefusedError as bad:
            raise ProcessorAwayError(bad.code, answered.status) from None

    def _fault(self, answered: Answered) -> ProcessorAwayError | ProcessorRefusedError:
        if answered.status in _LOST:
            return LostError("lost", answered.status)
        if 300 <= answered.status < 400:
            return ProcessorRefusedError("redirect", answered.status)
        if answered.status in _REFUSALS:
            return ProcessorRefusedError("rejected", answered.status)
        return ProcessorAwayError("status", answered.status, _asked_ms(answered.headers))


def _asked_ms(headers: Mapping[str, str]) -> int:
    """What a Retry-After in seconds (RFC 9110, section 10.2.3) asks for; a date is not read."""
    text = headers.get("retry-after", "").strip()
    return int(text) * 1000 if text.isascii() and text.isdecimal() and len(text) < 7 else 0
