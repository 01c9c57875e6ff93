"""Telling people of a changed notice: everybody it concerns, in their language, in bounded batches, and nobody twice."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from consent.catalogues.jobs import AT_ONCE, TellingTask
from consent.catalogues.occasion import Occasion
from consent.catalogues.source import CatalogueSource
from consent.catalogues.telling import KIND, Telling, TellingDesk
from consent.errors import CatalogueError, NoticeNotFoundError
from database.columns import millis
from tests.consent.desk import SMS, Desk
from tests.support.catalogue import source
from tests.support.vault import OTHER_TENANT, TENANT, Vault
from work.desk import JobDesk
from work.job import Job, JobState, Progress

URL = "https://platform.test/privacy"


class Mailbox:
    """A messenger that remembers what it sent, knows no address of some, and cannot reach others."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str, Mapping[str, str]]] = []
        self.without_address: set[int] = set()
        self.unreachable: set[int] = set()

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:
        assert (tenant, template) == (TENANT, "notice_changed")
        if subject in self.unreachable:
            raise OSError("the gateway is away")
        if subject in self.without_address:
            return None
        self.sent.append((subject, locale, values))
        return "sms"

    @property
    def people(self) -> list[int]:
        return [subject for subject, _, _ in self.sent]


class Office:
    """The desk of consents, and the job, run by hand."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.desk = Desk(vault)
        self.mailbox = Mailbox()
        catalogues = CatalogueSource(vault.database)
        self.jobs = JobDesk(vault.database)
        self.telling = TellingDesk(vault.database, AuditLog(), self.jobs, catalogues)
        self.task = TellingTask(
            vault.database, self.desk.subjects, self.mailbox, source=catalogues, log=AuditLog(), now=vault.clock
        )

    def occasion(self, tenant: int = TENANT) -> Occasion:
        at = millis(self.vault.clock())
        return Occasion(tenant=tenant, actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)

    def change(self, version: int = 2, url: str | None = URL) -> None:
        """Publish other words of the notice."""
        edits = {
            "version": version,
            f"notices__{SMS}__en__why": f"Version {version}.",
            f"purposes__{SMS}__notice": {"version": version, "material": False},
        }
        self.desk.publication.apply(source(**edits, controller__url=url), self.occasion())

    def job(self, done: int = 0) -> Job:
        params = Telling(SMS, 2).params()
        return Job(TENANT, UUID(int=1), KIND, JobState.RUNNING, params, done, 0, None, 0)

    def run(self) -> list[Progress]:
        """Every step until the job is done."""
        steps = [self.task.step(self.job(), 0)]
        while not steps[-1].finished:
            steps.append(self.task.step(self.job(steps[-1].done), len(steps)))
        return steps


@pytest.fixture
def office(vault: Vault) -> Office:
    return Office(vault)


def test_whoever_has_a_live_consent_to_an_older_version_is_told_in_their_language(office: Office) -> None:
    desk = office.desk
    for subject, locale in (("cust-1", "zh-Hans"), ("cust-2", "zh-TW"), ("cust-3", "en"), ("cust-4", "en")):
        desk.say(subject, SMS, token=desk.shown(subject, SMS, locale=locale))
    desk.withdraw("cust-4")
    desk.give("cust-5", "marketing_call")
    office.change()
    desk.give("cust-6")
    (step,) = office.run()
    assert (step.done, step.total, step.finished) == (3, 3, True)
    assert office.mailbox.people == [desk.number(subject) for subject in ("cust-1", "cust-2", "cust-3")]
    assert [locale for _, locale, _ in office.mailbox.sent] == ["zh-Hans", "zh-Hant", "en"]
    assert office.mailbox.sent[2][2] == {"purpose": "Offers by text message", "effective": "2026-11-02", "link": URL}


def test_nobody_is_told_twice_of_one_version_and_everybody_of_the_next(office: Office) -> None:
    office.desk.give("cust-1")
    office.change()
    office.run()
    office.run()
    assert len(office.mailbox.sent) == 1
    office.change(version=3)
    params = Telling(SMS, 3).params()
    office.task.step(Job(TENANT, UUID(int=2), KIND, JobState.RUNNING, params, 0, 0, None, 0), 0)
    assert len(office.mailbox.sent) == 2


def test_people_are_told_in_bounded_batches_with_a_pause_between(office: Office) -> None:
    people = [f"cust-{number}" for number in range(AT_ONCE + 3)]
    for subject in people:
        office.desk.give(subject)
    office.change()
    first, second = office.run()
    assert (first.done, first.total, first.finished, first.wait_seconds) == (AT_ONCE, AT_ONCE + 3, False, 1.0)
    assert (second.done, second.total, second.finished) == (AT_ONCE + 3, AT_ONCE + 3, True)
    assert sorted(office.mailbox.people) == sorted(office.desk.number(subject) for subject in people)


def test_a_message_that_does_not_leave_keeps_nobody_else_waiting_and_is_tried_again(office: Office) -> None:
    for subject in ("cust-1", "cust-2"):
        office.desk.give(subject)
    office.change()
    away = office.desk.number("cust-1")
    office.mailbox.unreachable = {away}
    step = office.task.step(office.job(), 0)
    assert (step.done, step.total, step.finished) == (1, 2, False)
    with pytest.raises(OSError, match="away"):
        office.task.step(office.job(1), 1)
    office.mailbox.unreachable = set()
    assert office.task.step(office.job(1), 1).finished
    assert office.mailbox.people == [office.desk.number("cust-2"), away]


def test_what_is_kept_is_who_was_told_by_which_channel_and_no_address(office: Office) -> None:
    for subject in ("cust-1", "cust-2"):
        office.desk.give(subject)
    nowhere = office.desk.number("cust-2")
    office.mailbox.without_address = {nowhere}
    office.change()
    office.run()
    rows = office.vault.sql("SELECT tenant, purpose, version, subject, channel FROM consent_told ORDER BY subject")
    assert [tuple(row) for row in rows] == [
        (TENANT, SMS, 2, office.desk.number("cust-1"), "sms"),
        (TENANT, SMS, 2, nowhere, None),
    ]
    told = office.vault.entries(action="consent.notice_tell")
    assert [(entry["outcome"], entry["purpose"], len(entry["subjects"])) for entry in told] == [
        ("done", SMS, 1),
        ("failed", SMS, 1),
    ]


def test_of_an_erased_person_it_stays_that_somebody_was_told_and_not_how(office: Office) -> None:
    office.desk.give("cust-1")
    office.change()
    office.run()
    number = office.desk.number("cust-1")
    office.vault.database.write(TENANT, lambda tx: office.desk.erasure.erased(tx, TENANT, number, 0))
    assert [tuple(row) for row in office.vault.sql("SELECT subject, channel FROM consent_told")] == [(number, None)]


def test_telling_is_asked_for_as_a_job_of_the_present_version(office: Office) -> None:
    office.change()
    job = office.jobs.get(TENANT, office.telling.ask(SMS, office.occasion()))
    assert (job.kind, job.params, job.state) == (KIND, {"purpose": SMS, "version": 2}, JobState.QUEUED)


def test_telling_needs_a_notice_and_a_page_to_lead_to(office: Office) -> None:
    office.change(url=None)
    with pytest.raises(CatalogueError, match=r"controller\.url: needed"):
        office.telling.ask(SMS, office.occasion())
    for purpose, tenant in (("curiosity", TENANT), (SMS, OTHER_TENANT)):
        with pytest.raises(NoticeNotFoundError):
            office.telling.ask(purpose, office.occasion(tenant))


def test_a_notice_whose_purpose_has_gone_ends_the_job(office: Office) -> None:
    office.change()
    tree = source(version=3)
    del tree["purposes"][SMS], tree["notices"][SMS]
    office.desk.publication.apply(tree, office.occasion())
    with pytest.raises(NoticeNotFoundError):
        office.task.step(office.job(), 0)
