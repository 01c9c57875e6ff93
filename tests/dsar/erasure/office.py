"""Requests for erasure over a whole deployment, carried out without the threads of a service, with a system beside it that holds
data, answers late, or refuses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from pydantic import SecretStr

from audit.checkpoint import ED25519, VerifierKey
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.certificates import opened_certificates
from composition.requests import STEPS
from database.columns import millis
from database.statement import Statement
from database.transaction import Transaction
from dsar.desk import store as desk_store
from dsar.desk.record import Record
from dsar.desk.regime_text import shipped_regimes
from dsar.desk.requests import RequestDesk
from dsar.erasure.jobs import EraseTask, PlanTask
from dsar.holders.errors import HolderAwayError, HolderRefusedError
from dsar.holders.holder import Act, Disposal, Errand, Holder, Holding, Person, Piece, Receipt, Use
from dsar.request import By, Level, Request, RequestState
from dsar.right import Requester, Right
from tests.api.conftest import Api
from tests.dsar.holds.conftest import DAY_MS, Case
from tests.support.assurance import ChannelAssurance
from work.job import Job, JobState

Entries = dict[Use, tuple[int, int]]


class KilledError(BaseException):
    """The process is gone."""


class Beside:
    """A system beside this one. It remembers what it was asked by errand, and answers the same errand alike."""

    name = "order_service"
    acts = frozenset({Act.INVENTORY, Act.DISPOSE, Act.RESTRICT})

    def __init__(self) -> None:
        self.held: dict[int, Entries] = {}
        self.away = self.nameless = False
        self.asked: list[tuple[str, str]] = []
        self.restricted: set[int] = set()
        self.under_way: set[str] = set()
        self.lies = 0
        self._done: dict[tuple[UUID, str], Receipt] = {}

    def hold(self, number: int, use: Use, count: int, since: int) -> None:
        self.held.setdefault(number, {})[use] = (count, since)

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:
        self._ask("inventory", errand)
        return [
            Holding(
                holder=self.name,
                category=use[0],
                purpose=use[1],
                ref=use[2],
                count=count,
                since=since,
                kept_by="order_under_way" if use[2] in self.under_way else None,
            )
            for use, (count, since) in sorted(self.held.get(person.number, {}).items())
        ]

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        raise HolderRefusedError("not_supported")

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:
        raise HolderRefusedError("not_supported")

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:
        self._ask("restrict", errand)
        self.restricted.add(person.number)
        return Receipt(holder=self.name, method="restrict", count=1, at=1_000, evidence=sha256(b"restricted").digest())

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        self._ask("dispose", errand)
        if (errand.request, errand.key) not in self._done:
            held = self.held.get(person.number, {})
            gone = [use for use in held if use not in disposal.keep and not self.lies]
            self.lies = max(self.lies - 1, 0)
            count = sum(held.pop(use)[0] for use in gone)
            receipt = Receipt(
                holder=self.name, method="delete", count=count, at=1_000, evidence=sha256(b"answer").digest()
            )
            self._done[errand.request, errand.key] = receipt
        return self._done[errand.request, errand.key]

    def _ask(self, act: str, errand: Errand) -> None:
        self.asked.append((act, errand.key))
        if self.away:
            raise HolderAwayError(0)
        if self.nameless:
            raise HolderRefusedError("subject_erased")


class Office(Case):
    """The request desk, two privacy officers, and an order service beside the vault."""

    def __init__(self, api: Api, place: Path, url: SecretStr | None) -> None:
        super().__init__(api)
        self.directory, self.url = place, url
        self.beside = Beside()
        self.attach()

    def attach(self) -> None:
        """Work at the deployment as it is opened now, with the order service beside it."""
        moat = self.api.moat
        self.desk = RequestDesk(AuditLog(), moat.jobs, shipped_regimes(), STEPS, ChannelAssurance())
        (planner,) = [task for task in moat.work.tasks if task.kind == "dsar_prepare_erasure"]
        assert isinstance(planner, PlanTask)
        means = planner._planning._means
        self.local = tuple(means.holders.of(self.tenant))
        object.__setattr__(means, "holders", self)

    def of(self, tenant: int) -> Sequence[Holder]:
        """The deployment's holders, and one more."""
        return [self.beside, *self.local]

    @property
    def at(self) -> int:
        return millis(self.api.clock())

    def person(self, name: str) -> int:
        """The number of a new person, of whom the vault holds a phone for an order."""
        self.api.token(subject=name, ref=f"order:{name}")
        return self.number()

    def ask(self, number: int | None, right: str = "erasure", regime: str = "pipl") -> UUID:
        """A request of a person who has shown who they are, accepted by the officer."""
        made = uuid7(self.at)
        record = Record(
            tenant=self.tenant,
            id=made,
            right=Right(right),
            regime=regime,
            requester=Requester.SELF,
            channel="app",
            subject=number,
            name=made.bytes,
            state=RequestState.VERIFYING,
            level=Level.DOCUMENT,
            locale="en",
            purposes=(),
            evidence=0,
            category=None,
            accountable=None,
            received_at=self.at,
            started_at=self.at,
            due_at=self.at + 30 * DAY_MS,
            certain=True,
            asked_by=1,
        )

        def work(tx: Transaction) -> None:
            columns = record.columns
            tx.insert(desk_store.INSERT_REQUESTS, [tuple(columns[name] for name in desk_store.COLUMNS)])
            self.desk.accept(tx, self.desk.locked(tx, record.request), self._by(OFFICER))

        self.api.moat.database.write(self.tenant, work)
        return made

    def verify(self, request: str) -> None:
        """The person has shown who they are, beyond doubt."""
        found = self.request(UUID(request))
        self.api.moat.database.write(
            self.tenant, lambda tx: self.desk.verified(tx, found, Level.DOCUMENT, self.at, by=self._by(OFFICER))
        )

    def approve(self, request: UUID) -> None:
        """The colleague approves what was planned."""
        found = self.request(request)
        self.api.moat.database.write(
            self.tenant, lambda tx: self.desk.approve(tx, self.desk.locked(tx, found), self._by(COLLEAGUE))
        )

    def request(self, request: UUID) -> Request:
        return self.api.moat.database.read(self.tenant, lambda tx: self.desk.find(tx, self.tenant, request))

    def state(self, request: UUID) -> str:
        return self.request(request).state.value

    def work(self, *, steps: int = 60) -> None:
        """Carry out every job of erasures that waits, as far as it goes: one that waits for a holder goes on later."""
        for job in self.jobs():
            (task,) = [task for task in self.api.moat.work.tasks if task.kind == job.kind]
            for number in range(steps):
                progress = task.step(job, number)
                if progress.finished:
                    self._ended(job)
                if progress.finished or progress.wait_seconds:
                    break

    def jobs(self) -> list[Job]:
        found = self.api.moat.jobs.page(self.tenant, before=None, limit=200, kind=None, state=JobState.QUEUED)
        return [job for job in reversed(found) if job.kind.startswith(("dsar_prepare_", "dsar_execute_"))]

    def step(self) -> None:
        """One step of the execution that waits."""
        (job,) = [job for job in self.jobs() if job.kind.startswith("dsar_execute_")]
        (task,) = [task for task in self.api.moat.work.tasks if task.kind == job.kind]
        task.step(job, 0)

    def work_through(self, request: UUID) -> None:
        """Plan, approve and carry out, as far as that was not done before."""
        self.work()
        if self.state(request) == "review":
            self.approve(request)
        self.work()

    def crashing(self, commits: int, work: Callable[[], None], *, before: bool) -> bool:
        """Do something in a process that dies right before or after the commit of that number; whether it came to that."""
        database, left = self.api.moat.database, [commits]
        write = database.write

        def dying(tenant: int | None, attempt: Callable[[Transaction], Any]) -> Any:
            left[0] -= 1
            if left[0] == 0 and before:
                raise KilledError
            answer = write(tenant, attempt)
            if left[0] == 0:
                raise KilledError
            return answer

        database.write = dying  # type: ignore[method-assign, assignment]  # until it died
        try:
            work()
        except KilledError:
            return True
        finally:
            database.write = write  # type: ignore[method-assign]
        return False

    @contextmanager
    def just_before_the_vault_disposes(self, act: Callable[[], int]) -> Iterator[list[int]]:
        """Something happens between what was judged and the vault's own transaction, once; what came of it."""
        came: list[int] = []
        vault = self.local[-1]
        dispose = vault.dispose

        def interrupted(person: Person, disposal: Disposal, errand: Errand) -> Receipt:
            if not came:
                came.append(act())
            return dispose(person, disposal, errand)

        vault.dispose = interrupted  # type: ignore[method-assign]  # for this once
        yield came
        del vault.dispose

    @contextmanager
    def sending(self, fails: int) -> Iterator[list[tuple[str, str, Mapping[str, str], int]]]:
        """Messages leave after so many failures: template, locale, values, and how many records the person had at that moment."""
        sent: list[tuple[str, str, Mapping[str, str], int]] = []
        left, office = [fails], self

        class Way:
            def send(
                self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]
            ) -> str | None:
                if left[0] > 0:
                    left[0] -= 1
                    raise OSError
                sent.append((template, locale, values, len(office.kept(subject))))
                return "sms"

        (task,) = [task for task in self.api.moat.work.tasks if task.kind == "dsar_execute_erasure"]
        assert isinstance(task, EraseTask)
        telling = task._execution._telling
        way, telling._messenger = telling._messenger, Way()
        yield sent
        telling._messenger = way

    @contextmanager
    def at_another_time(self, **later: float) -> Iterator[None]:
        now = self.api.clock.moment
        self.api.clock.advance(**later)
        yield
        self.api.clock.moment = now

    def resumed(self, request: UUID) -> str:
        """What becomes of a request when the clock has moved on."""
        self.api.moat.work.rounds["erasures"](self.at)
        self.work()
        return self.state(request)

    def counted(self, since: Mapping[str, int] | None = None) -> dict[str, int]:
        """How many entries of erasures the log has, since another count."""
        kinds = {kind: len(self.entries(f"dsar.erasure_{kind}")) for kind in ("plan", "dispose", "end")}
        return {kind: count - (since or {}).get(kind, 0) for kind, count in kinds.items()}

    def assign(self, courier: str, order: str, stage: str) -> None:
        body = {"courier": courier, "stage": stage}
        answer = self.api.call("PUT", f"/v1/orders/{order}/assignment", body)
        assert answer.status_code < 300, answer.text

    def give_consent(self, name: str) -> None:
        asked = {"subject": name, "purposes": ["marketing_sms"], "locale": "en", "channel": "app"}
        shown: Any = self.api.call("POST", "/v1/presentations", asked).json
        said = {"subject": name, "purpose": "marketing_sms", "state": "given", "presentation": shown["presentation"]}
        (answer,) = self.api.items("/v1/consents", {"items": [said]})
        assert "error" not in answer

    def rows_of(self, request: UUID) -> list[tuple[Any, ...]]:
        """Every row of the erasure of a request."""
        found: list[tuple[Any, ...]] = []
        for table in ("erasure", "erasure_line", "erasure_receipt"):
            text = Statement(f"SELECT * FROM {table} WHERE request = :request")
            found += self._rows(text, request)
        return found

    def number_kept(self, request: UUID) -> int | None:
        text = Statement("SELECT number FROM erasure WHERE request = :request")
        (row,) = self._rows(text, request)
        return None if row[0] is None else int(row[0])

    def _rows(self, text: Statement, request: UUID) -> list[tuple[Any, ...]]:
        return self.api.moat.database.read(None, lambda tx: tx.all(text, request=request.bytes))

    def erased(self, request: UUID) -> None:
        """Plan, approve and carry out."""
        self.work()
        self.approve(request)
        self.work()

    def plan(self, request: UUID) -> Any:
        answer = self.api.call("GET", f"/v1/requests/{request}/plan", credential=self.officer)
        assert answer.status_code == 200, answer.text
        return answer.json

    def certificate(self, request: UUID) -> str:
        answer: Any = self.api.call("GET", f"/v1/requests/{request}/certificate", credential=self.officer)
        assert answer.status_code == 200, answer.text
        return str(answer.json["certificate"])

    def published(self, request: UUID) -> str:
        """The certificate once the log is published."""
        while self.api.moat.publishing._run_once():
            pass
        return self.certificate(request)

    def vkeys(self) -> list[str]:
        """The keys that check certificates, and those of the log."""
        url = None if self.url is None else self.url.get_secret_value()
        with opened_certificates(data=self.directory / "data", keys=self.directory / "keys", database=url) as listed:
            signing = [str(key) for key in listed()]
        publisher = self.api.moat.publishing._publisher
        assert publisher is not None
        checkpoint = publisher._around.directory.files(1).checkpoint()
        assert checkpoint is not None
        origin = checkpoint.decode().split("\n")[0]
        return signing + [str(VerifierKey(origin, ED25519, one)) for one in publisher._around.keys.publics()]

    def facts(self, request: UUID) -> Any:
        """What the certificate says."""
        return orjson.loads(self.certificate(request).split("\n")[1])["erasure"]

    def shredded(self, number: int) -> bool:
        rows = self.api.moat.database.read(
            None, lambda tx: tx.all(Statement("SELECT state FROM subject WHERE id = :id"), id=number)
        )
        return bool(rows == [("erased",)])

    def kept(self, number: int) -> list[tuple[int, str, str]]:
        """The records of a person that are there."""
        return self.api.moat.database.read(None, lambda tx: tx.all(_RECORDS, subject=number))

    def _ended(self, job: Job) -> None:
        self.api.moat.database.write(self.tenant, lambda tx: tx.run(_DONE, id=job.id.bytes, tenant=self.tenant))

    def _by(self, credential: int) -> By:
        return By(Actor(ActorKind.CREDENTIAL, credential, "privacy_officer"), str(uuid7(self.at)), self.at)


OFFICER, COLLEAGUE = 11, 12
_DONE = Statement("UPDATE job SET state = 'done' WHERE tenant = :tenant AND id = :id")
_RECORDS = Statement("""
    SELECT r.kind, u.purpose, u.ref FROM record r JOIN record_use u ON u.tenant = r.tenant AND u.record = r.id
    WHERE r.subject = :subject ORDER BY r.kind, u.purpose, u.ref
""")
