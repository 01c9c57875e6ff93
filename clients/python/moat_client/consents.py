"""The calls about consents and decisions, which ``Moat`` has beside its others."""

from collections.abc import Iterable, Iterator
from itertools import islice

from moat_client.batches import DEFAULT_CHUNK, LARGEST_CHUNK, chunked, items_of, nth_key
from moat_client.calls import Calls, path_of
from moat_client.consent_answers import Decision, Presentation, Recorded, Said, Use
from moat_client.errors import ItemError, MoatError


class ConsentCalls(Calls):
    """What people have agreed to, and whether their data may be used."""

    def present(
        self,
        subject: str,
        purposes: Iterable[str],
        *,
        locale: str = "zh-Hans",
        channel: str = "app",
        by_person: bool = False,
    ) -> Presentation:
        """Return the notices to show a person, with the token that proves it. Whoever has refused lately may be asked again only
        where they have come to the question themselves: ``by_person``; else MoatError ``recently_refused``."""
        asked_by = "person" if by_person else "platform"
        body = {
            "subject": subject,
            "purposes": list(purposes),
            "locale": locale,
            "channel": channel,
            "asked_by": asked_by,
        }
        return Presentation.of(self._post("/v1/presentations", body))

    def consent(
        self,
        items: Iterable[Said],
        *,
        atomic: bool = False,
        chunk: int = DEFAULT_CHUNK,
        idempotency_key: str | None = None,
    ) -> list[Recorded | ItemError]:
        """Record what people have said, one answer for each in its place. ``atomic`` is as with ``tokenize``."""
        if atomic:
            items = list(islice(items, LARGEST_CHUNK + 1))
            chunk = max(1, len(items))
        extra: dict[str, object] = {"atomic": True} if atomic else {}
        recorded: list[Recorded | ItemError] = []
        for position, sent in enumerate(chunked(items, chunk)):
            body = {**extra, "items": [item.wire() for item in sent]}
            answer = self._post("/v1/consents", body, nth_key(idempotency_key, position))
            recorded.extend(map(Recorded.of, items_of(answer, len(sent))))
        return recorded

    def withdraw(self, subject: str, purpose: str) -> Recorded:
        """Withdraw a person's consent to a purpose, in force when this returns. It needs nothing else, and may be repeated.

        Raises MoatError with the code of the refusal, such as ``unknown_purpose``.
        """
        (answer,) = self.consent([Said(subject, purpose, "withdrawn")])
        if isinstance(answer, ItemError):
            raise MoatError(answer.code, status=200, detail=answer.detail)
        return answer

    def decide(self, uses: Iterable[Use], *, chunk: int = DEFAULT_CHUNK) -> list[Decision]:
        """Return whether data may be used, one answer for each use in its place. Ask before each use, or keep an answer for as
        long as its ``ttl_s`` says and no longer."""
        decided: list[Decision] = []
        for sent in chunked(uses, chunk):
            answer = self._post("/v1/decisions", {"items": [use.wire() for use in sent]})
            decided.extend(map(Decision.of, items_of(answer, len(sent))))
        return decided

    def consents(self, subject: str, *, as_of: str | None = None) -> dict[str, object]:
        """Return how a person stands to each purpose, now or at a past moment (RFC 3339)."""
        params = {} if as_of is None else {"as_of": as_of}
        return self._transport.json("GET", path_of("subjects", subject, "consents"), params=params)

    def consent_history(self, subject: str) -> Iterator[dict[str, object]]:
        """Yield everything that happened to a person's consents, in order, page by page as they are consumed."""
        return self._pages(path_of("subjects", subject, "consents", "history"), {})
