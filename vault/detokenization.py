"""Giving values back, in the view that the caller may have.

    1. read      each token's text: a record of a kind, or nothing (no database for opaque ones)
    2. fetch     the records with their subjects' states and wrapped keys, in one statement
    3. check     version, expiry, uses left
    4. decide    in the order of vault.access
    5. open      what is allowed; a damaged record answers like one that is not there, and is counted; where a device's key was
                 named, seal for it
    6. spend     one use of what is limited, for plain answers only
    7. log       append the act's entries; the answer leaves after the commit

Steps 2 to 7 are one transaction.
"""

from collections.abc import Sequence
from typing import NamedTuple

from audit.entry import Action, Outcome, Reason
from database.transaction import Row, Transaction
from vault import issuing, store
from vault.access import Caller
from vault.disclosure import Candidate, Decision, behalf_of, candidate_of
from vault.envelope import open_sealed
from vault.errors import IntegrityError, KeysChangedError
from vault.grouping import Columns, Grouping
from vault.handover.alias import spoken
from vault.handover.gate import NOBODY, Standing, Wanted
from vault.handover.table import BY_BUILDING
from vault.idempotency import keep
from vault.identifier import KIND_BY_CODE, Kind, normal_form
from vault.item import ItemError, Revealed, RevealedSealed, Sealing, denied, failed
from vault.keyring import TenantKeys
from vault.means import Means
from vault.notes import HIDDEN, NOTE, shown_notes
from vault.policy import View
from vault.ports import BuildingMask, Masker, Recipients
from vault.protection.honey import Trap
from vault.token import PREFIX
from vault.wiping import wipe
from work.replay import Replay

Answer = Revealed | RevealedSealed | ItemError

ALIASED = frozenset({"name", "phone", "landline", "email", "wechat_id"})
"""Kinds of which a courier of an anonymous order sees the order's alias."""


class Presented(NamedTuple):
    """A token to detokenize, for a purpose and an order."""

    token: str
    purpose: str
    ref: str


class Detokenization:
    """The use case behind `POST /v1/detokenize`."""

    def __init__(
        self,
        means: Means,
        decision: Decision,
        masker: Masker,
        building: BuildingMask,
        trap: Trap,
        *,
        recipients: Recipients | None = None,
    ) -> None:
        self._means = means
        self._decision = decision
        self._mask = masker
        self._building = building
        self._trap = trap
        self._recipients = recipients

    def detokenize(
        self,
        caller: Caller,
        items: Sequence[Presented],
        view: View,
        *,
        normal: bool = False,
        seal_to: bytes | None = None,
        replay: Replay | None = None,
    ) -> list[Answer]:
        """A value or an error for each token, in order. The disclosure is in the log before any value is returned.

        With `normal` a plain answer is the normal form instead of the first submitted writing. With `seal_to`, the public key of
        a device, each value is sealed for it instead of being shown. A repeated `replay` decides everything again and spends no
        further use.
        """
        at = self._means.at()
        damaged = sprung = 0

        def work(tx: Transaction, keys: TenantKeys) -> list[Answer]:
            repeated = replay is not None and replay.earlier(tx, keys.idempotency, at) is not None
            run = _Run(self._means, tx, keys, caller, view, at)
            if seal_to is not None:
                run.seal_by(self._recipients, seal_to)
            candidates = run.candidates(self._decision, items)
            tripped = self._trap.look(tx, caller, run.nowhere, at) if run.nowhere else 0
            allowed = run.decide(self._decision, candidates, affordable=affordable)
            for candidate in sorted(allowed, key=lambda one: one.record.row):  # So that no two calls wait in a circle.
                self._open(run, candidate, normal=normal, spend=view is View.PLAIN and not repeated)
            run.log()
            nonlocal damaged, sprung
            damaged, sprung = run.damaged, tripped
            if replay is not None and not repeated:
                keep(tx, keys, replay, [], (candidate.subject.number for candidate in candidates), at)
            return [answer if answer is not None else failed(Reason.NOT_FOUND) for answer in run.answers]

        acted = self._means.acted(caller) if view is View.PLAIN else ""
        with self._decision.allowance(caller, acted, view, len(items), at) as allowance:
            affordable = allowance.granted
            answers = self._means.write(caller.tenant, work)
            if damaged:
                self._means.damaged(damaged)
            self._trap.sound(sprung)
            allowance.used = sum(not isinstance(answer, ItemError) for answer in answers)
        return answers

    def _open(self, run: "_Run", candidate: Candidate, *, normal: bool, spend: bool) -> None:
        """Steps 5 and 6 for one record."""
        record, subject, kind, tenant = candidate.record, candidate.subject, candidate.kind, run.caller.tenant
        if spend and record.uses_left is not None and not run.tx.run(store.SPEND_USE, tenant=tenant, record=record.row):
            run.fail(candidate, Reason.EXPIRED)
            return
        try:
            sealed = open_sealed(
                subject.dek, record.sealed, tenant=tenant, subject=subject.number, row=record.row, kind=kind.code
            )
        except IntegrityError:
            run.damaged += 1
            run.fail(candidate, Reason.INTEGRITY)
            return
        if run.sealing is not None and not normal and run.shows_as_stored(candidate):
            run.reveal_sealed(candidate, run.sealing, sealed)
            wipe(sealed)
            return
        value = self._shown(run, candidate, sealed.decode(), normal=normal)
        if run.sealing is not None:
            run.reveal_sealed(candidate, run.sealing, value.encode())
        else:
            run.reveal(candidate, value)

    def _shown(self, run: "_Run", candidate: Candidate, value: str, *, normal: bool) -> str:
        """A value as the run's view shows it."""
        kind, alias = candidate.kind, run.standing.alias(candidate.ref)
        if alias and kind.name in ALIASED:
            return spoken(alias)
        if run.shown_as(kind) is View.BUILDING:
            return self._building(value)
        if run.view is not View.PLAIN:
            hidden = kind.name == NOTE and candidate.record.row not in run.shown_notes
            return HIDDEN if hidden else self._mask(kind.name, value)
        return normal_form(kind, value, region=run.caller.region) if normal else value


class _Run:
    """One call on its way through the steps: its transaction, its answers, and what the log will say of it."""

    def __init__(self, means: Means, tx: Transaction, keys: TenantKeys, caller: Caller, view: View, at: int) -> None:
        self._means = means
        self._keys = keys
        self._at = at
        self._grouping = Grouping()
        self.tx = tx
        self.caller = caller
        self.view = view
        self.standing: Standing = NOBODY
        self.damaged = 0
        self.nowhere: list[issuing.Named] = []
        """Tokens that were issued, of which there is no record."""
        self.sealing: Sealing | None = None
        self._unsealable: Reason | None = None
        self._frozen = False
        self.shown_notes: frozenset[int] = frozenset()
        self.answers: list[Answer | None] = []
        self._columns: dict[tuple[Outcome, Reason | None, str, str], Columns] = {}

    def shows_as_stored(self, candidate: Candidate) -> bool:
        """Whether neither an alias nor a mask stands for the value."""
        aliased = bool(self.standing.alias(candidate.ref)) and candidate.kind.name in ALIASED
        return not aliased and self.shown_as(candidate.kind) is View.PLAIN

    def seal_by(self, recipients: Recipients | None, key: bytes) -> None:
        """Seal for a device what would be shown, or refuse it where the device is not one to seal for."""
        if recipients is None:
            self._unsealable = Reason.UNKNOWN_DEVICE
            return
        tenant, acting = self.caller.tenant, self.caller.acting
        person = None if acting is None else self._means.subjects.find(self.tx, self._keys, tenant, acting.subject)
        sealing = recipients.sealing(self.tx, tenant, None if person is None else person.number, key, self._at)
        if isinstance(sealing, Reason):
            self._unsealable = sealing
        else:
            self.sealing = sealing

    def candidates(self, decision: Decision, items: Sequence[Presented]) -> list[Candidate]:
        """Steps 1 to 3: the live records that the tokens reach. What step 4 asks of their orders travels with them."""
        self.answers = [None] * len(items)
        named = self._named([item.token for item in items])
        rows = {name.row for name in named if name is not None}
        wanted = {Wanted(name.row, item.ref) for item, name in zip(items, named, strict=True) if name is not None}
        standing = decision.standing(self.tx, self._keys, self.caller, wanted, self._at)
        frozen = self.tx.later(store.CREDENTIAL_FROZEN, tenant=self.caller.tenant, credential=self.caller.credential)
        fetched = self.tx.all(store.RECORDS, rows=[(row,) for row in rows], tenant=self.caller.tenant) if rows else []
        self._frozen, self.standing = frozen() is not None, standing()
        records = {values[0]: values for values in fetched}
        candidates = []
        for place, (item, name) in enumerate(zip(items, named, strict=True)):
            values = records.get(name.row) if name else None
            if name is None:
                self._grouping.add(Outcome.FAILED, Reason.UNKNOWN)
            elif values is None or values[1] != name.kind or values[4] != name.version:
                if values is None:
                    self.nowhere.append(name)
                self._grouping.add(Outcome.FAILED, Reason.NOT_FOUND, kind=KIND_BY_CODE[name.kind].name)
            elif candidate := self._candidate(place, item, values):
                candidates.append(candidate)
        return candidates

    def decide(self, decision: Decision, candidates: Sequence[Candidate], *, affordable: bool) -> list[Candidate]:
        """Step 4: those that may be revealed; the others get their answer."""
        refusals = decision.refusals(
            self.tx, self.caller, candidates, self.view, self._at, standing=self.standing, affordable=affordable
        )
        allowed = []
        for candidate, refused in zip(candidates, refusals, strict=True):
            refusal = refused or (Reason.FROZEN if self._frozen else self._unsealable)
            if refusal is None:
                allowed.append(candidate)
            else:
                self._note(candidate, Outcome.DENIED, refusal)
                self.answers[candidate.place] = denied(refusal)
        if self.view is not View.PLAIN:
            notes = [one.record.row for one in allowed if one.kind.name == NOTE]
            self.shown_notes = shown_notes(self.tx, self.caller.tenant, notes)
        return allowed

    def shown_as(self, kind: Kind) -> View:
        """The view in which a value of a kind is shown: at building level only what has a building."""
        return View.MASKED if self.view is View.BUILDING and kind.name not in BY_BUILDING else self.view

    def reveal(self, candidate: Candidate, value: str) -> None:
        self._note(candidate, Outcome.DONE)
        shown_as = self.shown_as(candidate.kind).value
        self.answers[candidate.place] = Revealed(candidate.kind.name, self._named_as(candidate), value, shown_as)

    def reveal_sealed(self, candidate: Candidate, sealing: Sealing, value: bytes) -> None:
        self._note(candidate, Outcome.DONE)
        shown_as = self.shown_as(candidate.kind).value
        box = sealing(candidate.kind.name, candidate.ref, shown_as, value)
        self.answers[candidate.place] = RevealedSealed(candidate.kind.name, self._named_as(candidate), box, shown_as)

    def _named_as(self, candidate: Candidate) -> str | None:
        """Whose value it is. An anonymous customer is not named: by one id, orders could be told to be one person's."""
        return None if self.standing.alias(candidate.ref) else candidate.subject.platform_id

    def fail(self, candidate: Candidate, reason: Reason) -> None:
        """Not found, as far as the caller is told."""
        self._note(candidate, Outcome.FAILED, reason)

    def log(self) -> None:
        groups = self._grouping.groups(self._keys, self.caller.tenant)
        behalf = behalf_of(self.caller, self.standing)
        self._means.append(self.tx, self.caller, Action.DETOKENIZE, self._at, groups, behalf)

    def _named(self, texts: Sequence[str]) -> list[issuing.Named | None]:
        named = issuing.read(self._keys, self.caller.tenant, texts)
        if None in named and self.tx.one(store.EPOCH, tenant=self.caller.tenant) != (self._keys.epoch,):
            raise KeysChangedError  # a version that another process has minted looks like a token never issued
        if self.caller.preserving:
            others = [place for place, text in enumerate(texts) if not text.startswith(PREFIX)]
            if others:
                resolved = issuing.resolve(self.tx, self._keys, self.caller.tenant, [texts[place] for place in others])
                for place, name in zip(others, resolved, strict=True):
                    named[place] = name
        return named

    def _candidate(self, place: int, asked: Presented, values: Row) -> Candidate | None:
        try:
            candidate = candidate_of(
                self._means.subjects,
                self._keys,
                self.caller.tenant,
                values,
                place=place,
                purpose=asked.purpose,
                ref=asked.ref,
                at=self._at,
            )
        except IntegrityError:
            self.damaged += 1
            self._grouping.add(Outcome.FAILED, Reason.INTEGRITY)
            return None
        record = candidate.record
        spent = record.uses_left is not None and record.uses_left <= 0
        if spent or (record.expires_at is not None and record.expires_at <= self._at):
            self.fail(candidate, Reason.EXPIRED)
            return None
        return candidate

    def _note(self, candidate: Candidate, outcome: Outcome, reason: Reason | None = None) -> None:
        fate = outcome, reason, candidate.purpose, candidate.kind.name
        columns = self._columns.get(fate)
        if columns is None:
            purpose, kind = candidate.purpose, candidate.kind.name
            shown_as = self.shown_as(candidate.kind).value
            columns = self._grouping.column(outcome, reason, purpose=purpose, kind=kind, view=shown_as)
            self._columns[fate] = columns
        subjects, rows, refs = columns
        subjects.append(candidate.subject.ref)
        rows.append(candidate.record.row)
        refs.append(candidate.ref)
