"""Transferring a package to the handler that the person named (PIPL 45(3), Network Data Regulations art. 25, GDPR 20(2)).

The package is sealed to the receiver's own key and goes in parts, so that no call and no memory depends on its length:

    PUT  <url>/<package>/<part>   the octets of part 0 … n-1
    POST <url>/<package>          {"schema": "moat-transfer/v1", "package", "issuer", "parts", "bytes", "sha256"}

Any 2xx is success; each call can come again, and is then the same. What the receiver answers to the last call is its receipt, and
its SHA-256 is kept. Every call carries `moat-transfer: <base64 of an Ed25519 signature>` by the key named issuer "/disclosure"
over

    "moat-transfer/v1" LF issuer LF package LF part (decimal; "end" for the last call) LF SHA-256 of the body, hexadecimal LF
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import orjson

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.disclosure import store
from dsar.disclosure.errors import PackageNotReadyError, ReceiverAwayError, ReceiverRefusedError
from dsar.disclosure.ports import Desk, Outside, SigningKeys
from dsar.disclosure.receiver import Receiver, Receivers
from dsar.disclosure.shelf import Shelf
from dsar.disclosure.stored import PackageState, Stored
from dsar.request import RequestState, by_itself

SCHEMA = "moat-transfer/v1"
HEADER = "moat-transfer"
PART_BYTES = 1024 * 1024
END = "end"


@dataclass(frozen=True, slots=True)
class _Call:
    package: Stored
    receiver: Receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How packages reach receivers. `issuer` is the name of the deployment's log."""

    outside: Outside
    receivers: Receivers
    keys: SigningKeys
    issuer: str


class Transfer:
    """Carries packages to receivers, part by part."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        now: Callable[[], datetime],
        *,
        desk: Desk,
        shelf: Shelf,
        way: Way,
    ) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._desk = desk
        self._shelf = shelf
        self._way = way

    def send(self, package: Stored, part: int) -> None:
        """Send one part, or again.

        Raises:
            ReceiverAwayError: the receiver does not answer now.
            ReceiverRefusedError: it does not take it, or the operator does not allow the call.
            PackageNotReadyError: the package does not lie on this host any more.
        """
        body = _part(self._shelf.path(package.id), part)
        self._call("PUT", _Call(package, self._receiver(package)), str(part), body)

    def finish(self, package: Stored) -> None:
        """Say that all parts are there, keep the digest of the receipt, and complete the request. The file goes.

        Raises:
            ReceiverAwayError: the receiver does not answer now.
            ReceiverRefusedError: it has not got what was sent.
        """
        fields = {
            "schema": SCHEMA,
            "package": str(package.id),
            "issuer": self._way.issuer,
            "parts": parts_of(package),
            "bytes": package.size,
            "sha256": (package.digest or b"").hex(),
        }
        body = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
        receipt = self._call("POST", _Call(package, self._receiver(package)), END, body)
        by = by_itself(millis(self._now()))

        def work(tx: Transaction) -> None:
            kept = sha256(receipt).digest()
            if not tx.run(store.TRANSFERRED, tenant=package.tenant, id=package.id.bytes, receipt=kept):
                return
            request = self._desk.find(tx, package.tenant, package.request)
            group = Group(Outcome.DONE, kind=package.receiver, refs=[request.ref])
            act = Act(Action.PACKAGE_TRANSFER, by.actor, package.tenant, by.at, by.call, [group])
            self._log.append(tx, act)
            if request.state is not RequestState.COMPLETED:
                self._desk.completed(tx, request, by.at)

        self._database.write(package.tenant, work)

    def _receiver(self, package: Stored) -> Receiver:
        if package.receiver is None or package.state is not PackageState.READY:
            raise PackageNotReadyError
        return self._way.receivers.named(package.receiver)

    def _call(self, method: str, call: _Call, part: str, body: bytes) -> bytes:
        text = f"{SCHEMA}\n{self._way.issuer}\n{call.package.id}\n{part}\n{sha256(body).hexdigest()}\n"
        signature = self._way.keys.signers()[0].sign(text.encode())
        kind = "application/json" if part == END else "application/octet-stream"
        headers = {HEADER: b64encode(signature).decode(), "content-type": kind}
        url = f"{call.receiver.url}/{call.package.id}" + ("" if part == END else f"/{part}")
        answer = self._way.outside.call(method, url, headers, body)
        if answer.status >= 500 or answer.status in {408, 425, 429}:
            raise ReceiverAwayError
        if not 200 <= answer.status < 300:
            raise ReceiverRefusedError
        return answer.body


def parts_of(package: Stored) -> int:
    """In how many parts a package goes."""
    return -(-(package.size or 0) // PART_BYTES)


def _part(path: Path, part: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(part * PART_BYTES)
            return file.read(PART_BYTES)
    except FileNotFoundError:
        raise PackageNotReadyError from None
