"""A system beside this one, in memory: it takes requests as OpenDSR has them, and misbehaves as a test tells it to."""

import base64
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from nacl.signing import SigningKey

from audit.entry import SubjectRef
from audit.log import AuditLog
from dsar.holders.book import Book
from dsar.holders.connector import RemoteHolder
from dsar.holders.holder import Act
from dsar.holders.ports import Answered, Known
from dsar.holders.processor import Line, Processor
from dsar.holders.register import Connector, IdentityFormat, IdentitySent, IdentityType
from dsar.holders.signature import HEADER, ProcessorKey
from tests.support.vault import Vault

DOMAIN = "orders.example.com"
URL = f"https://{DOMAIN}/opendsr/v2"
PLATFORM_ID, PHONE, EMAIL = "cust-1001", "+8613812345678", "wang@example.com"
REF = SubjectRef("A" * 22)


def connector(**declared: Any) -> Connector:
    """The declared system, unless told otherwise."""
    stated: dict[str, Any] = {
        "name": "order_service",
        "url": URL,
        "domain": DOMAIN,
        "certificate": "orders.pem",
        "credential": "env:ORDERS",
        "acts": frozenset(Act),
        "categories": frozenset({"order", "note"}),
        "identities": (
            IdentitySent(IdentityType.PLATFORM_ID),
            IdentitySent(IdentityType.EMAIL, IdentityFormat.SHA256),
            IdentitySent(IdentityType.PHONE),
        ),
        "answer_days": 10,
        "regulation": "gdpr",
        "tenants": frozenset({1}),
    }
    return Connector(**{**stated, **declared})


class Certificate:
    """A key of P-256 and its certificate, good from a day before to ten days after a moment."""

    def __init__(self, now: datetime) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, DOMAIN)])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=10))
            .sign(self._key, SHA256())
        )
        self.pem = made.public_bytes(Encoding.PEM)

    def sign(self, body: bytes) -> str:
        return base64.b64encode(self._key.sign(body, ec.ECDSA(SHA256()))).decode()


class Signer:
    """A signing key of ours."""

    def __init__(self) -> None:
        self._key = SigningKey(sha256(b"the key of the tests of holders").digest())

    @property
    def public(self) -> bytes:
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature


@dataclass
class StandIn:
    """`meddle` changes what is answered, and may raise OSError; `done` says whether requests are carried out when asked about."""

    certificate: Certificate
    done: bool = True
    state: str = "pending"
    meddle: Callable[[str, Answered], Answered] = lambda _, answered: answered
    extension: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    pages: list[dict[str, Any]] = field(default_factory=list)
    requests: dict[str, bytes] = field(default_factory=dict)
    calls: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """As the way out has it."""
        assert HEADER in headers
        self.calls.append((method, url, headers, body))
        name, _, number = url.removeprefix(f"{URL}/").partition("/")
        return self.meddle(method, self._answer(method, name, number, body))

    def signed(self, told: Mapping[str, Any] | bytes, status: int = 200, **headers: str) -> Answered:
        """An answer with its signature."""
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        stated = {"x-opendsr-processor-domain": DOMAIN, "x-opendsr-signature": self.certificate.sign(body)}
        return Answered(status, {**stated, **headers}, body)

    @property
    def posted(self) -> list[dict[str, Any]]:
        """The bodies of what was posted, in order."""
        return [json.loads(body) for method, _, _, body in self.calls if method == "POST"]

    def _answer(self, method: str, name: str, number: str, body: bytes) -> Answered:
        if name == "discovery":
            types = ["access", "erasure"]
            return self.signed({"supported_subject_request_types": types, "supported_identities": []})
        if method == "POST":
            asked = json.loads(body)["subject_request_id"]
            self.requests.setdefault(asked, body)
            echoed = base64.b64encode(body).decode()
            return self.signed({"subject_request_id": asked, "encoded_request": echoed}, 201)
        number, _, page = number.partition("/results/")
        if number not in self.requests:
            return Answered(404, {}, b"")
        if method == "DELETE":
            return Answered(409 if self.done else 202, {}, b"")
        if page:
            return self.signed({"subject_request_id": number, **self.pages[int(page)]})
        state = "completed" if self.done else self.state
        status = {"subject_request_id": number, "request_status": state, "extensions": {DOMAIN: self.extension}}
        if self.pages:
            status["results_url"] = f"{URL}/requests/{number}/results/0"
        return self.signed({**status, **self.told})


class Identities:
    """What the vault knows; nothing of `erased` people."""

    def __init__(self) -> None:
        self.known: dict[IdentityType, str] = {
            IdentityType.PLATFORM_ID: PLATFORM_ID,
            IdentityType.EMAIL: EMAIL,
            IdentityType.PHONE: PHONE,
        }
        self.erased: set[int] = set()

    def of(self, tenant: int, number: int, wanted: Collection[IdentityType], request: UUID) -> Known | None:
        if number in self.erased:
            return None
        return Known(REF, {one: value for one, value in self.known.items() if one in wanted})


class Beside:
    """A declared system over a test's database, and the book of what it was asked."""

    def __init__(self, vault: Vault, **declared: Any) -> None:
        self.vault = vault
        self.system = StandIn(Certificate(vault.clock()))
        self.signer = Signer()
        self.identities = Identities()
        self.book = Book(vault.database, AuditLog(), vault.clock)
        line = Line(
            outside=self.system,
            credential=lambda: "bearer-of-the-test",
            key=ProcessorKey(self.system.certificate.pem),
            signer=lambda: self.signer,
            now=vault.clock,
        )
        self.processor = Processor(connector(**declared), line)
        self.holder = RemoteHolder(self.processor, self.book, self.identities)

    def tasks(self) -> list[tuple[str, str, int, str | None]]:
        """Act, state, failures and error of each task, in order."""
        return [tuple(row) for row in self.vault.sql("SELECT act, state, attempts, error FROM holder_task ORDER BY id")]
