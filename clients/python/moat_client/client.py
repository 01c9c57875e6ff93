"""``Moat``: the service's calls as typed, synchronous methods. One instance serves many threads."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, Self
from urllib.parse import quote

import httpx

from moat_client.answers import (
    Caller,
    Credential,
    Found,
    Item,
    Profile,
    Revealed,
    Tokenized,
    TokenRecord,
    TokenUse,
    View,
)
from moat_client.batches import DEFAULT_CHUNK, LARGEST_CHUNK, chunked, items_of, nth_key
from moat_client.errors import ItemError
from moat_client.transport import Params, Retries, Transport

TIMEOUT_S: Final = 60.0


class Moat:
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

    def detokenize(
        self,
        tokens: Iterable[str | TokenUse],
        *,
        purpose: str,
        ref: str | None = None,
        view: View = "masked",
        on_behalf_of: Mapping[str, str] | None = None,
        seal_to: str | None = None,
        chunk: int = DEFAULT_CHUNK,
        idempotency_key: str | None = None,
    ) -> list[Revealed | ItemError]:
        """Return the values behind tokens, in the view asked, one answer for each token in its place.

        ``on_behalf_of`` is ``{"role": …, "subject": …}`` and is what policy, log and budget see. With ``seal_to``, an
        X25519 public key, values come as PyNaCl sealed boxes.
        """
        asked = _use(purpose, ref) | {"view": view}
        asked |= {"on_behalf_of": dict(on_behalf_of)} if on_behalf_of else {}
        asked |= {"seal_to": seal_to} if seal_to else {}
        revealed: list[Revealed | ItemError] = []
        for position, sent in enumerate(chunked(tokens, chunk)):
            items = [(TokenUse(token) if isinstance(token, str) else token).wire() for token in sent]
            body = {**asked, "items": items}
            answer = self._post("/v1/detokenize", body, nth_key(idempotency_key, position))
            revealed.extend(map(Revealed.of, items_of(answer, len(sent))))
        return revealed

    def search(
        self,
        values: Iterable[tuple[str, str]],
        *,
        purpose: str,
        limit: int = 20,
        chunk: int = DEFAULT_CHUNK,
    ) -> list[Found | ItemError]:
        """Find the tokens whose normal form equals that of each ``(kind, value)``; at most ``limit`` matches each."""
        found: list[Found | ItemError] = []
        for sent in chunked(values, chunk):
            items = [{"kind": kind, "value": value} for kind, value in sent]
            answer = self._post("/v1/search", {"purpose": purpose, "items": items, "limit": limit})
            found.extend(map(Found.of, items_of(answer, len(sent))))
        return found

    # One subject or one token

    def put_subject(
        self,
        subject: str,
        *,
        type: str,  # noqa: A002  the wire's word
        purpose: str,
        fields: Mapping[str, str | None],
    ) -> dict[str, str]:
        """Merge a subject's fields (``phone``, ``address.work``; None revokes) and return the tokens of all fields."""
        body = {"type": type, "purpose": purpose, "fields": dict(fields)}
        tokens = self._transport.json("PUT", _path("subjects", subject), body=body).get("tokens")
        return {name: str(token) for name, token in tokens.items()} if isinstance(tokens, dict) else {}

    def subject(self, subject: str) -> Profile:
        """Return a subject's masked profile."""
        return Profile.of(self._transport.json("GET", _path("subjects", subject)))

    def freeze(self, subject: str, *, reason: str) -> dict[str, object]:
        """Stop every disclosure of a subject's values until ``unfreeze``."""
        return self._post(_path("subjects", subject, "freeze"), {"reason": reason})

    def unfreeze(self, subject: str, *, reason: str) -> dict[str, object]:
        """End a freeze."""
        return self._post(_path("subjects", subject, "unfreeze"), {"reason": reason})

    def shred(self, subject: str, *, reason: str) -> dict[str, object]:
        """Destroy a subject's key. Nothing brings the values back."""
        return self._post(_path("subjects", subject, "shred"), {"reason": reason})

    def token(self, token: str) -> TokenRecord:
        """Return what is recorded of a token, without its value."""
        return TokenRecord.of(token, self._transport.json("GET", _path("tokens", token)))

    def revoke(self, token: str) -> None:
        """Delete a token and its value."""
        self._transport.json("DELETE", _path("tokens", token))

    # Record and access

    def audit_entries(self, **filters: str | int) -> Iterator[dict[str, object]]:
        """Yield the audit entries that match, page by page as they are consumed."""
        return self._pages("/v1/audit/entries", filters)

    def explain(self, request_id: str) -> dict[str, object]:
        """Return why a request of the own tenant was refused, and what would have allowed it."""
        return self._transport.json("GET", _path("explanations", request_id))

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
        return Credential.of(self._post(_path("credentials", str(id), "rotate"), {"overlap": overlap}))

    def revoke_credential(self, id: int) -> None:  # noqa: A002  the wire's word
        """End a credential at once."""
        self._transport.json("DELETE", _path("credentials", str(id)))

    def _post(self, path: str, body: Mapping[str, object], key: str | None = None) -> dict[str, object]:
        return self._transport.json("POST", path, body=body, idempotency_key=key)

    def _pages(self, path: str, filters: Mapping[str, str | int]) -> Iterator[dict[str, object]]:
        params: Params = filters
        while True:
            page = self._transport.json("GET", path, params=params)
            items = page.get("items")
            yield from items if isinstance(items, list) else ()
            cursor = page.get("next_cursor")
            if cursor is None:
                return
            params = {**filters, "cursor": str(cursor)}


def _use(purpose: str | None, ref: str | None) -> dict[str, object]:
    named = {"purpose": purpose, "ref": ref}
    return {name: value for name, value in named.items() if value is not None}


def _path(*segments: str) -> str:
    """Build a path whose segments cannot reach another one: a subject may hold ``:`` and a token is not trusted."""
    if any(segment in {"", ".", ".."} for segment in segments):
        raise ValueError("not an id")
    return "/v1/" + "/".join(quote(segment, safe="") for segment in segments)


def _setting(given: str | None, variable: str) -> str:
    # A client library has no settings module: these two variables are its whole configuration.
    value = given or os.environ.get(variable, "")  # noqa: TID251  see above
    if not value:
        raise ValueError(f"{variable} is not set")
    return value
