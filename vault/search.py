"""Finding the tokens of a value, by the exact match of its normal form under a keyed fingerprint.

Only stable values of searchable kinds are found. What is answered are tokens and the platform's ids of people, never a
value; each probe costs one unit of the caller's budget, as guessing is what a search could be abused for.
"""

from collections.abc import Sequence
from typing import NamedTuple

from audit.entry import Action, Outcome, Reason
from database.transaction import Transaction
from vault import policy, store
from vault.access import Caller
from vault.disclosure import Candidate, Decision, behalf_of, candidate_of
from vault.errors import IntegrityError, KeysChangedError
from vault.fingerprint import search_fingerprint
from vault.grouping import Grouping
from vault.identifier import KINDS, InvalidIdentifier, Kind, normal_form
from vault.issuing import issue
from vault.item import ItemError, denied, failed
from vault.keyring import TenantKeys
from vault.means import Means
from vault.policy import View

MATCHES_AT_MOST = 1_000
"""Matches of one call, over all its items."""


class Probe(NamedTuple):
    """A value to look for."""

    kind: str
    value: str


class Match(NamedTuple):
    """A token under which the value is stored, and whose it is."""

    token: str
    subject: str


class Matches(NamedTuple):
    """What one probe found; `truncated` when there is more than the limit."""

    matches: list[Match]
    truncated: bool


Answer = Matches | ItemError


class Search:
    """The use case behind `POST /v1/search`."""

    def __init__(self, means: Means, decision: Decision) -> None:
        self._means = means
        self._decision = decision

    def search(self, caller: Caller, probes: Sequence[Probe], *, purpose: str, ref: str, limit: int) -> list[Answer]:
        """The matches of each probe, in order, at most `limit` for each."""
        at = self._means.at()
        judged = [self._judge(caller, probe, purpose, ref) for probe in probes]

        def work(tx: Transaction, keys: TenantKeys) -> list[Answer]:
            if tx.one(store.EPOCH, tenant=caller.tenant) != (keys.epoch,):
                raise KeysChangedError  # a row of an epoch that another process has begun would not be found
            grouping = Grouping()
            for one in judged:
                if isinstance(one, ItemError):
                    outcome = Outcome.DENIED if one.reason else Outcome.FAILED
                    grouping.add(outcome, one.reason or Reason.INVALID, purpose=one.purpose, kind=one.kind)
            frozen = tx.one(store.CREDENTIAL_FROZEN, tenant=caller.tenant, credential=caller.credential) is not None
            if frozen:
                answers: list[Answer] = [denied(Reason.FROZEN) for _ in judged]
                grouping.add(Outcome.DENIED, Reason.FROZEN, purpose=purpose)
            elif allowance.granted:
                answers = self._found(tx, keys, caller, judged, grouping, use=(purpose, ref), limit=limit, at=at)
            else:
                answers = [denied(Reason.BUDGET) for _ in judged]
                grouping.add(Outcome.DENIED, Reason.BUDGET, purpose=purpose)
            behalf = behalf_of(caller, self._decision.standing(tx, keys, caller, [], at)())
            self._means.append(tx, caller, Action.SEARCH, at, grouping.groups(keys, caller.tenant), behalf)
            return answers

        with self._decision.allowance(caller, self._means.acted(caller), View.PLAIN, len(probes), at) as allowance:
            allowance.used = len(probes)
            return self._means.write(caller.tenant, work)

    def _judge(self, caller: Caller, probe: Probe, purpose: str, ref: str) -> tuple[Kind, str] | ItemError:
        kind = KINDS.get(probe.kind)
        if kind is None:
            return failed("unknown_kind")
        if not self._means.access.knows(caller.tenant, purpose):
            return failed("unknown_purpose")
        if not kind.searchable:
            return failed("not_searchable")
        refusal = self._means.access.ruling(caller, policy.Action.SEARCH, kind, purpose=purpose, ref=ref)
        if refusal is not None:
            return denied(refusal, purpose=purpose, kind=kind.name)
        try:
            return kind, normal_form(kind, probe.value, region=caller.region)
        except InvalidIdentifier as invalid:
            return ItemError(invalid.code, invalid.detail)

    def _found(
        self,
        tx: Transaction,
        keys: TenantKeys,
        caller: Caller,
        judged: Sequence[tuple[Kind, str] | ItemError],
        grouping: Grouping,
        *,
        use: tuple[str, str],
        limit: int,
        at: int,
    ) -> list[Answer]:
        purpose, ref = use
        probes = [
            (place, kind.code, epoch, search_fingerprint(key, normal=normal))
            for place, one in enumerate(judged)
            if not isinstance(one, ItemError)
            for kind, normal in [one]
            for epoch, key in keys.search[kind.name].items()
        ]
        per_probe: dict[int, list[int]] = {}
        rows = tx.all(store.SEARCH, rows=probes, tenant=caller.tenant, limit=MATCHES_AT_MOST + 1) if probes else []
        for place, row in rows[:MATCHES_AT_MOST]:
            per_probe.setdefault(place, []).append(row)
        cut = rows[MATCHES_AT_MOST][0] if len(rows) > MATCHES_AT_MOST else None
        wanted = {row for found in per_probe.values() for row in found[:limit]}
        candidates = self._candidates(tx, keys, caller, wanted, purpose=purpose, ref=ref, at=at)
        refusals = self._decision.refusals(tx, caller, candidates, View.MASKED, at, affordable=True)
        shown: dict[int, Match] = {}
        allowed = [one for one, refusal in zip(candidates, refusals, strict=True) if refusal is None]
        for candidate, token in zip(allowed, issue(keys, caller.tenant, [one.record for one in allowed]), strict=True):
            shown[candidate.record.row] = Match(token, candidate.subject.platform_id)
        for candidate, refusal in zip(candidates, refusals, strict=True):
            outcome = Outcome.DONE if refusal is None else Outcome.DENIED
            subjects, numbers, refs = grouping.column(outcome, refusal, purpose=purpose, kind=candidate.kind.name)
            subjects.append(candidate.subject.ref)
            numbers.append(candidate.record.row)
            refs.append(ref)
        answers: list[Answer] = []
        for place, one in enumerate(judged):
            if isinstance(one, ItemError):
                answers.append(one)
                continue
            found = per_probe.get(place, [])
            matches = [shown[row] for row in found[:limit] if row in shown]
            answers.append(Matches(matches, len(found) > limit or (cut is not None and place >= cut)))
        return answers

    def _candidates(
        self,
        tx: Transaction,
        keys: TenantKeys,
        caller: Caller,
        rows: set[int],
        *,
        purpose: str,
        ref: str,
        at: int,
    ) -> list[Candidate]:
        """The live records among those found; a damaged one is left out."""
        candidates = []
        subjects = self._means.subjects
        for values in (
            tx.all(store.RECORDS, rows=[(row,) for row in sorted(rows)], tenant=caller.tenant) if rows else []
        ):
            try:
                candidate = candidate_of(
                    subjects, keys, caller.tenant, values, place=0, purpose=purpose, ref=ref, at=at
                )
            except IntegrityError:
                continue
            candidates.append(candidate)
        return candidates
