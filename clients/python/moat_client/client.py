"""``Moat``: the service's calls as typed, synchronous methods. One instance serves many threads."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import BinaryIO, Final, Literal, Self

import httpx

from moat_client.answers import (
    Caller,
    Credential,
    Found,
    Item,
    Job,
    Profile,
    Revealed,
    Tokenized,
    TokenRecord,
    TokenUse,
    View,
)
from moat_client.batches import DEFAULT_CHUNK, LARGEST_CHUNK, LARGEST_SEARCH, chunked, items_of, nth_key
from moat_client.breaches import BreachCalls
from moat_client.calls import path_of
from moat_client.consents import ConsentCalls
from moat_client.devices import DeviceCalls
from moat_client.erasures import ErasureCalls
from moat_client.errors import ItemError, MoatError
from moat_client.exchange import ExchangeCalls
from moat_client.handover import HandoverCalls
from moat_client.holders import HolderCalls
from moat_client.holds import HoldCalls
from moat_client.identity import IdentityCalls
from moat_client.key_answers import KeyStatus, RotatedKey
from moat_client.packages import PackageCalls
from moat_client.relay import RelayCalls
from moat_client.relay_calls import RelayCallCalls
from moat_client.requests import RequestCalls
from moat_client.retention import RetentionCalls
from moat_client.staff import StaffCalls
from moat_client.switching import SwitchingCalls
from moat_client.transport import Retries, Transport
from moat_client.webhooks import WebhookCalls

TIMEOUT_S: Final = 60.0


class Moat(ConsentCalls, WebhookCalls, ErasureCalls):
    """A connection to one service under one credential, from ``MOAT_URL`` and ``MOAT_TOKEN`` unless given.

    Every unsafe call carries an Idempotency-Key, made here unless given, and is repeated with the same key on a lost
    connection and on 429, 502, 503 and 504. Raises ``MoatError`` for a call that was refused or did not come through;
    an item that was refused within a batch stands in its place as an ``ItemError``. Proxy variables of the environment
    are not followed: personal values go to the address given and nowhere else.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = TIMEOUT_S,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Connect lazily. ``timeout`` is in seconds for each wait on the network. Raises ValueError if nothing names
        the service or the credential."""
        self.url = _setting(url, "MOAT_URL").rstrip("/")
        http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {_setting(token, 'MOAT_TOKEN')}", "User-Agent": "moat-client"},
            timeout=timeout,
            transport=transport,
            trust_env=False,
        )
        self._transport = Transport(http, retries or Retries(), sleep)
        self.breaches = BreachCalls(self._transport)
        self.devices = DeviceCalls(self._transport)
        self.exchange = ExchangeCalls(self._transport)
        self.identity = IdentityCalls(self._transport)
        self.requests = RequestCalls(self._transport)
        self.handover = HandoverCalls(self._transport)
        self.holders = HolderCalls(self._transport)
        self.holds = HoldCalls(self._transport)
        self.packages = PackageCalls(self._transport)
        self.relay = RelayCalls(self._transport)
        self.relay_calls = RelayCallCalls(self._transport)
        self.retention = RetentionCalls(self._transport)
        self.staff = StaffCalls(self._transport)
        self.switching = SwitchingCalls(self._transport)

    def __repr__(self) -> str:
        return f"Moat({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    # Values and tokens, in batches

    def tokenize(
        self,
        items: Iterable[Item],
        *,
        purpose: str | None = None,
        ref: str | None = None,
        atomic: bool = False,
        chunk: int = DEFAULT_CHUNK,
        idempotency_key: str | None = None,
    ) -> list[Tokenized | ItemError]:
        """Exchange values for tokens, one answer for each item in its place.

        ``atomic`` puts all items into one request, all or nothing (MoatError 422), and takes at most 10,000: more
        raise ValueError.
        """
        if atomic:
            items = list(islice(items, LARGEST_CHUNK + 1))
            chunk = max(1, len(items))
        extra: dict[str, object] = {"atomic": True} if atomic else {}
        return list(self._tokenize(items, _use(purpose, ref) | extra, chunk, idempotency_key))

    def iter_tokenize(
        self,
        items: Iterable[Item],
        *,
        purpose: str | None = None,
        ref: str | None = None,
        chunk: int = DEFAULT_CHUNK,
        idempotency_key: str | None = None,
    ) -> Iterator[Tokenized | ItemError]:
        """Do as ``tokenize`` for an input of any length: lazily, in order, one chunk in memory."""
        return self._tokenize(items, _use(purpose, ref), chunk, idempotency_key)

    def _tokenize(
        self, items: Iterable[Item], envelope: Mapping[str, object], chunk: int, key: str | None
    ) -> Iterator[Tokenized | ItemError]:
        for position, sent in enumerate(chunked(items, chunk)):
            body = {**envelope, "items": [item.wire() for item in sent]}
            answer = self._post("/v1/tokenize", body, nth_key(key, position))
            yield from map(Tokenized.of, items_of(answer, len(sent)))

    def tokenize_stream(
        self, lines: Iterable[bytes], *, purpose: str | None = None, ref: str | None = None
    ) -> Iterator[bytes]:
        """Send NDJSON lines, one item each, and yield an answer line for each that is not blank, in order.

        For producers that have NDJSON already: nothing is parsed here. Sent in requests of 1,000 lines, since HTTP/1.1
        clients do not read while they write. A repeat after a lost answer gives stable values the same tokens, and
        fresh ones others.
        """
        params = {name: str(value) for name, value in _use(purpose, ref).items()}
        for sent in chunked((line.strip() for line in lines if line.strip()), DEFAULT_CHUNK):
            answer = self._transport.send(
                "POST",
                "/v1/tokenize/stream",
                content=b"\n".join(sent) + b"\n",
                headers={"Content-Type": "application/x-ndjson"},
                params=params,
            )
            answered = answer.content.splitlines()
            if len(answered) != len(sent):
                raise MoatError("not_an_answer", detail="the stream broke off")
            yield from answered

    def detokenize(
        self,
        tokens: Iterable[str | TokenUse],
        *,
        purpose: str,
        ref: str | None = None,
        view: View = "masked",
        normal_form: bool = False,
        on_behalf_of: Mapping[str, str] | None = None,
        chunk: int = DEFAULT_CHUNK,
        idempotency_key: str | None = None,
    ) -> list[Revealed | ItemError]:
        """Return the values behind tokens, in the view asked, one answer for each token in its place.

        A plain value is the first submitted writing, or with ``normal_form`` that of its kind (a phone in E.164).
        ``on_behalf_of`` is ``{"role": …, "subject": …}`` and is what policy, log and budget see.
        """
        asked = _use(purpose, ref) | {"view": view}
        asked |= {"on_behalf_of": dict(on_behalf_of)} if on_behalf_of else {}
        asked |= {"form": "normal"} if normal_form else {}
        revealed: list[Revealed | ItemError] = []
        for position, sent in enumerate(chunked(tokens, chunk)):
            items = [(TokenUse(token) if isinstance(token, str) else token).wire() for token in sent]
            body = {**asked, "items": items}
            answer = self._post("/v1/detokenize", body, nth_key(idempotency_key, position))
            revealed.extend(map(Revealed.of, items_of(answer, len(sent))))
        return revealed

    def search(
        self, values: Iterable[tuple[str, str]], *, purpose: str, ref: str | None = None, limit: int = 20
    ) -> list[Found | ItemError]:
        """Find the tokens whose normal form equals that of each ``(kind, value)``; at most ``limit`` matches each."""
        asked = _use(purpose, ref) | {"limit": limit}
        found: list[Found | ItemError] = []
        for sent in chunked(values, LARGEST_SEARCH):
            items = [{"kind": kind, "value": value} for kind, value in sent]
            answer = self._post("/v1/search", {**asked, "items": items})
            found.extend(map(Found.of, items_of(answer, len(sent))))
        return found

    # One subject or one token

    def put_subject(
        self,
        subject: str,
        *,
        purpose: str,
        fields: Mapping[str, str | None],
        type: str | None = None,  # noqa: A002  the wire's word
    ) -> dict[str, str]:
        """Merge a subject's fields (``phone``, ``address.work``; None revokes) and return the tokens of those written."""
        body: dict[str, object] = {"purpose": purpose, "fields": dict(fields)}
        body |= {"type": type} if type else {}
        tokens = self._transport.json("PUT", path_of("subjects", subject), body=body).get("tokens")
        return {name: str(token) for name, token in tokens.items()} if isinstance(tokens, dict) else {}

    def subject(self, subject: str, *, purpose: str = "account") -> Profile:
        """Return a subject's masked profile."""
        return Profile.of(self._transport.json("GET", path_of("subjects", subject), params={"purpose": purpose}))

    def freeze(self, subject: str) -> str:
        """Keep a subject's values and let nobody use them until ``unfreeze``; return its state."""
        return str(self._transport.json("POST", path_of("subjects", subject, "freeze")).get("state"))

    def unfreeze(self, subject: str) -> str:
        """Lift a freeze; return the subject's state."""
        return str(self._transport.json("POST", path_of("subjects", subject, "unfreeze")).get("state"))

    def shred(self, subject: str, *, reason: str) -> dict[str, object]:
        """Destroy a subject's key, for a reason such as ``erasure_request``. Nothing brings the values back."""
        return self._post(path_of("subjects", subject, "shred"), {"reason": reason})

    def shred_receipt(self, subject: str) -> dict[str, object]:
        """The receipt of an earlier shredding: when it is complete, as far as is known now, and a new certificate of it."""
        return self._transport.json("GET", path_of("subjects", subject, "shred"))

    def token(self, token: str) -> TokenRecord:
        """Return what is recorded of a token, without its value."""
        return TokenRecord.of(token, self._transport.json("GET", path_of("tokens", token)))

    def revoke(self, token: str) -> None:
        """Delete a token and its value."""
        self._transport.json("DELETE", path_of("tokens", token))

    def assign(self, order: str, *, courier: str, stage: str) -> None:
        """Record which courier has an order, and its stage: ``assigned``, ``picked_up``, ``delivered``, ``cancelled``."""
        self._transport.json("PUT", path_of("orders", order, "assignment"), body={"courier": courier, "stage": stage})

    # What was done, and by whom it may be done

    def audit_entries(self, **filters: str | int) -> Iterator[dict[str, object]]:
        """Yield the tenant's audit entries, page by page as they are consumed; filters go into the query as they are."""
        return self._pages("/v1/audit/entries", filters)

    def access_log(self, subject: str, **filters: str | int) -> Iterator[dict[str, object]]:
        """Yield what was done with a person's data, by whom and for what, page by page as they are consumed."""
        return self._pages(path_of("subjects", subject, "access-log"), filters)

    def export_audit(
        self,
        *,
        filter: Mapping[str, object] | None = None,  # noqa: A002  the wire's word
        log: int | None = None,
        start: int | None = None,
        stop: int | None = None,
        proof: Literal["complete", "inclusion"] | None = None,
        formats: Iterable[str] = (),
        proofs: bool = False,
        since: str | None = None,
    ) -> str:
        """Have an export of the present or an earlier log made, of the entries from index ``start`` to before ``stop``;
        return its job's id.

        ``filter`` is as the service's documentation has it, such as ``{"action": ["vault.detokenize"]}``.
        """
        wanted = {"log": log, "from": start, "to": stop, "proof": proof, "since": since}
        body: dict[str, object] = {"filter": dict(filter or {}), "formats": list(formats), "proofs": proofs}
        body |= {name: value for name, value in wanted.items() if value is not None}
        return str(self._post("/v1/audit/exports", body)["job"])

    def download_audit_export(
        self, job: str, into: BinaryIO, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> None:
        """Write a finished export into a file that can be begun anew; ``progress`` is told octets done and in all."""
        self._transport.download(path_of("audit", "exports", job), into, progress)

    def job(self, job: str) -> Job:
        """Return how far a job is."""
        return Job.of(self._transport.json("GET", path_of("jobs", job)))

    def jobs(self, *, kind: str | None = None, state: str | None = None) -> Iterator[Job]:
        """Yield the tenant's jobs, the latest first, page by page as they are consumed."""
        wanted = {"kind": kind, "state": state}
        return map(
            Job.of, self._pages("/v1/jobs", {name: value for name, value in wanted.items() if value is not None})
        )

    def pause_job(self, job: str) -> Job:
        """Have a job begin no further step, until it is resumed."""
        return self._decide(job, "pause")

    def resume_job(self, job: str) -> Job:
        """Have a paused or failed job go on where it stopped; what a cancelled one was to do becomes a job of its own."""
        return self._decide(job, "resume")

    def cancel_job(self, job: str) -> Job:
        """Have a job end at its next step."""
        return self._decide(job, "cancel")

    def approve_job(self, job: str) -> Job:
        """Approve a job that takes two persons, with a credential other than that which asked for it."""
        return self._decide(job, "approve")

    def _decide(self, job: str, decision: str) -> Job:
        return Job.of(self._transport.json("POST", path_of("jobs", job, decision)))

    def keys(self) -> KeyStatus:
        """Return how the tenant's keys stand."""
        return KeyStatus.of(self._transport.json("GET", "/v1/keys"))

    def rotate_key(
        self,
        key: RotatedKey,
        *,
        subject: str | None = None,
        older_than_days: int | None = None,
        throttle: int | None = None,
        destroy: bool = False,
    ) -> str:
        """Have keys rotated; return the job's id.

        ``subject`` or ``older_than_days`` choose data keys, of which all are rotated otherwise. ``throttle`` bounds how many keys
        or records a second it moves. With ``destroy``, versions that nothing needs afterwards are destroyed, once another person
        has approved the job.
        """
        wanted = {"subject": subject, "older_than_days": older_than_days, "throttle": throttle}
        body: dict[str, object] = {name: value for name, value in wanted.items() if value is not None}
        return str(self._post(path_of("keys", key, "rotate"), body | {"destroy": destroy})["job"])

    def destroy_key_version(self, usage: str, version: int, *, kind: str | None = None) -> str:
        """Have a version destroyed that nothing needs; return the id of the job, which another person must approve."""
        body = {} if kind is None else {"kind": kind}
        return str(self._post(path_of("keys", usage, "versions", str(version), "destroy"), body)["job"])

    def explain(self, request_id: str) -> dict[str, object]:
        """Return why a request of the own tenant was refused, and what would have allowed it."""
        return self._transport.json("GET", path_of("explanations", request_id))

    def whoami(self) -> Caller:
        """Return whom the service takes this credential for."""
        return Caller.of(self._transport.json("GET", "/v1/whoami"))

    def create_credential(
        self,
        name: str,
        *,
        role: str,
        scopes: Iterable[str] = (),
        test: bool = False,
        expires_in: int | None = None,
    ) -> Credential:
        """Make a credential, whose ``text`` is in this answer only. ``scopes`` are added to the role's own; seconds."""
        body = {"name": name, "role": role, "scopes": list(scopes), "test": test, "expires_in": expires_in}
        return Credential.of(self._post("/v1/credentials", body))

    def credentials(self) -> Iterator[Credential]:
        """Yield the tenant's credentials, ended ones too, without their texts."""
        return map(Credential.of, self._pages("/v1/credentials", {}))

    def rotate_credential(self, id: int, *, overlap: int = 3_600) -> Credential:  # noqa: A002  the wire's word
        """Give a credential a new text; the old one works for ``overlap`` seconds more."""
        return Credential.of(self._post(path_of("credentials", str(id), "rotate"), {"overlap": overlap}))

    def revoke_credential(self, id: int) -> None:  # noqa: A002  the wire's word
        """End a credential at once."""
        self._transport.json("DELETE", path_of("credentials", str(id)))


def _use(purpose: str | None, ref: str | None) -> dict[str, object]:
    named = {"purpose": purpose, "ref": ref}
    return {name: value for name, value in named.items() if value is not None}


def _setting(given: str | None, variable: str) -> str:
    # A client library has no settings module: these two variables are its whole configuration.
    value = given or os.environ.get(variable, "")  # noqa: TID251  see above
    if not value:
        raise ValueError(f"{variable} is not set")
    return value
