"""The composition root: settings → database and keys → use cases → operations, commands and server.

Everything is built here and handed down; nothing below looks anything up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import click
from flask import Flask
from moat_verifier.errors import CannotCheckError
from moat_verifier.policy import parse as parse_policy
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy.engine import make_url

import settings
from audit.anchor import DirectoryAnchor, UrlAnchor
from audit.directory import LogDirectory
from audit.entry import Actor, ActorKind
from audit.errors import RefusedError
from audit.event_id import uuid7
from audit.export_desk import ExportDesk
from audit.export_http import FURTHER as EXPORT_FURTHER
from audit.export_http import PROBLEMS as EXPORT_PROBLEMS
from audit.export_http import ExportApi
from audit.export_shelf import Shelf
from audit.files_http import LogFilesApi
from audit.http import PROBLEMS as AUDIT_PROBLEMS
from audit.http import AuditApi
from audit.jobs import ExportTask
from audit.lag import LagWatch
from audit.log import AuditLog
from audit.ports import Anchor
from audit.published import PublishedLogs
from audit.publisher import Publisher
from audit.publisher import Surroundings as PublisherSurroundings
from audit.publishing import Publishing
from audit.reader import AuditReader
from audit.witness_client import Answered, WitnessQuorum
from consent.purpose import starter_catalogue
from database.columns import millis
from database.engine import Database
from masking.mask import mask
from migrations.schema import SchemaState, state
from settings import Settings
from vault import policy
from vault.access import Access
from vault.budget import Budget
from vault.detokenization import Detokenization
from vault.disclosure import Decision
from vault.errors import RootKeyError
from vault.handover import Handover
from vault.http import UseCases, VaultApi
from vault.issued_token import IssuedTokens
from vault.key_summary import KeySummary
from vault.keyring import Keyring
from vault.log_key import EXPORT_SIGNING, LogKeyring
from vault.log_subject import LogSubjects
from vault.means import Means
from vault.open_gates import OpenHoldGate, OpenRestrictionGate, OpenRevealGate
from vault.policy import PolicyEngine, load_policies
from vault.policy_text import PolicyFileError
from vault.preserving import check_unassigned
from vault.problems import FURTHER, PROBLEMS
from vault.profile import Profiles
from vault.providers.file import FILE_NAME, FileKeyProvider
from vault.recording import Recording
from vault.request_explanation import RequestExplanation
from vault.search import Search
from vault.shredding import Shredding
from vault.subject import SubjectDirectory
from vault.sweep import Sweeper
from vault.tokenization import Tokenization
from web.bootstrap import remove_bootstrap_file
from web.edge import Bounds, Edge, Packages, Surroundings
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError
from web.http import CredentialApi
from web.issuance import CredentialDesk, Occasion
from web.logs import failure_line, refusal_line
from web.serve import Served, metrics_are_shared
from web.tenancy import TenantDesk
from work.desk import JobDesk
from work.dispatcher import Dispatcher
from work.durable import DurableJobs
from work.http import PROBLEMS as JOB_PROBLEMS
from work.http import JobApi
from work.job import Task

VERSION = version("moat-privacy")


def utc_now() -> datetime:
    """The clock of the settings."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the clock is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Moat:
    """A composed deployment: the HTTP edge, the desks that local commands use, and how to close it."""

    edge: Edge
    credentials: CredentialDesk
    tenants: TenantDesk
    database: Database
    keyring: Keyring
    sweeper: Sweeper
    publishing: Publishing
    jobs: JobDesk
    tasks: Sequence[Task] = ()

    @property
    def app(self) -> Flask:
        """The WSGI application."""
        return self.edge.app

    def close(self) -> None:
        """Stop what runs beside the calls, write what is still only counted, and close the database."""
        self.sweeper.stop()
        self.edge.close()
        self.publishing.stop()
        self.database.dispose()


class Integrity:
    """Counts records that failed to open, and makes the service say that it is not well."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counter = Counter(
            "moat_integrity_failures",
            "Records that failed to open although nothing was asked wrongly.",
            registry=registry,
        )
        self._seen = False

    def damaged(self, records: int) -> None:
        """Take note of records that did not open."""
        self._seen = True
        self._counter.inc(records)

    def check(self) -> None:
        """Raises RuntimeError once a record did not open since the start."""
        if self._seen:
            raise RuntimeError("stored records failed to open")


def compose(chosen: Settings, *, now: Callable[[], datetime] = utc_now) -> Moat:
    """Build a deployment whose database has its schema and whose root key exists.

    Raises:
        RootKeyError: the root key is missing, damaged, or of another database.
        PolicyFileError: a policy that may not be used.
        RefusedError: so may not the witnesses' policy.
    """
    check_unassigned()
    database = Database(chosen.database_url, pool_size=chosen.threads + 4)
    log = AuditLog()
    provider = FileKeyProvider(chosen.keys)
    keyring = Keyring(database, provider, log, now)
    keyring.open()
    engine = PolicyEngine(load_policies(chosen.policy_dir), starter_catalogue())
    registry = CollectorRegistry()
    integrity = Integrity(registry)
    lag = LagWatch(
        database,
        now,
        entries_at_most=chosen.audit_lag_entries,
        age_at_most_ms=chosen.audit_lag_seconds * 1000,
    )
    publisher = Publisher(publisher_surroundings(chosen, database, provider, now)) if chosen.audit_publish else None
    publishing = Publishing(publisher, lag, failed=_publishing_line)
    access = Access(engine, OpenRevealGate(), OpenRestrictionGate(), lag)
    means = Means(database, keyring, SubjectDirectory(), access, log, now, integrity.damaged)
    tenants = TenantDesk(database, log)
    credentials = CredentialDesk(database, log, bootstrap_ended=partial(remove_bootstrap_file, chosen.bootstrap_file))
    reader = AuditReader(database)
    jobs = JobDesk(database)
    logs, shelf = LogDirectory(chosen.audit_directory), Shelf(chosen.exports_directory)
    exports = ExportDesk(
        database, log, jobs, logs=logs, shelf=shelf, subjects=LogSubjects(means), generator=f"moat-privacy {VERSION}"
    )
    export_keys = LogKeyring(database, provider, log, now, usage=EXPORT_SIGNING)
    shredding = Shredding(means, OpenHoldGate())
    shredding.resume()
    packages = Packages(
        blueprints=[
            VaultApi(_use_cases(means, engine, reader, shredding), tenants.region_of).blueprint(),
            AuditApi(database, log, reader, published=PublishedLogs(logs), subjects=LogSubjects(means)).blueprint(),
            LogFilesApi(database, log, PublishedLogs(logs)).blueprint(),
            CredentialApi(credentials).blueprint(),
            JobApi(database, log, jobs).blueprint(),
            ExportApi(exports).blueprint(),
        ],
        tables=[PROBLEMS, AUDIT_PROBLEMS, JOB_PROBLEMS, EXPORT_PROBLEMS],
        problems=[*FURTHER, *EXPORT_FURTHER],
        checks={
            "database": lambda: database.read(None, lambda _: None),
            "key_provider": keyring.check,
            "migrations": partial(_require_current, chosen),
            "integrity": integrity.check,
            "audit": publishing.check,
            "audit_lag": lag.check,
        },
        # A host that was put back as a whole, files and all, is noticed by a checkpoint elsewhere only.
        warnings=() if chosen.audit_anchor or chosen.audit_policy else ("audit_unanchored",),
    )
    around = Surroundings(
        database=database, log=log, now=now, registry=registry, version=VERSION, shared_metrics=metrics_are_shared()
    )
    edge = Edge(around, packages, _bounds(chosen))
    return Moat(
        edge=edge,
        credentials=credentials,
        tenants=tenants,
        database=database,
        keyring=keyring,
        sweeper=Sweeper(means, [shelf.sweep]),
        publishing=publishing,
        jobs=jobs,
        tasks=[ExportTask(logs, shelf, lambda: export_keys.signers()[0])],
    )


def _use_cases(means: Means, engine: PolicyEngine, reader: AuditReader, shredding: Shredding) -> UseCases:
    budget = Budget(means.database)
    recording = Recording(means.subjects)
    reveal, look, find = (
        Decision(action, means.access, means.subjects, budget)
        for action in (policy.Action.DETOKENIZE, policy.Action.SUBJECT_READ, policy.Action.SEARCH)
    )
    return UseCases(
        tokenization=Tokenization(means, recording),
        detokenization=Detokenization(means, reveal, mask),
        search=Search(means, find),
        profiles=Profiles(means, recording, look, mask),
        shredding=shredding,
        tokens=IssuedTokens(means),
        handover=Handover(means),
        keys=KeySummary(means),
        explanation=RequestExplanation(means, reader, engine),
    )


def publisher_surroundings(
    chosen: Settings, database: Database, provider: FileKeyProvider, now: Callable[[], datetime]
) -> PublisherSurroundings:
    """What the log's publisher on this host works with."""
    return PublisherSurroundings(
        database=database,
        directory=LogDirectory(chosen.audit_directory),
        keys=LogKeyring(database, provider, AuditLog(), now),
        origin=chosen.audit_origin,
        now=now,
        anchors=_anchors(chosen),
        witnesses=_witnesses(chosen),
    )


def _witnesses(chosen: Settings) -> WitnessQuorum | None:
    """The witnesses that the operator's policy names by their addresses.

    Raises:
        RefusedError: the policy cannot be read, or its quorum cannot be asked.
    """
    if chosen.audit_policy is None:
        return None
    try:
        trusted = parse_policy(chosen.audit_policy.read_bytes())
        named = [party.url for party in trusted.witnesses.values() if party.url is not None]
        egress = Egress(
            allowed=[*chosen.egress_allow, *(_origin(url) for url in named if url.startswith("https://"))],
            internal=chosen.egress_internal,
        )

        def post(url: str, body: bytes) -> Answered:
            try:
                answer = egress.call("POST", url, body=body)
            except (EgressFailedError, EgressRefusedError) as error:
                raise OSError(f"the witness {url} does not answer") from error
            return Answered(answer.status, answer.headers, answer.body)

        return WitnessQuorum(trusted, post)
    except (OSError, ValueError, CannotCheckError) as error:
        raise RefusedError(f"the policy {chosen.audit_policy} cannot be used: {error}") from None


def _origin(url: str) -> str:
    """Scheme, host and port of an address."""
    return "/".join(url.split("/")[:3])


def _anchors(chosen: Settings) -> list[Anchor]:
    """Anchors as the operator named them: an address has a scheme, everything else is a directory."""
    addresses = [named for named in chosen.audit_anchor if "://" in named]
    allowed = [_origin(named) for named in addresses if named.startswith("https://")]
    egress = Egress(allowed=[*chosen.egress_allow, *allowed], internal=chosen.egress_internal)

    def fetch(url: str) -> bytes | None:
        try:
            answer = egress.call("GET", url)
        except (EgressFailedError, EgressRefusedError) as error:
            raise OSError(f"the anchor {url} does not answer") from error
        if answer.status not in {200, 404}:
            raise OSError(f"the anchor {url} answers {answer.status}")
        return answer.body if answer.status == 200 else None

    return [UrlAnchor(one, fetch) if one in addresses else DirectoryAnchor(Path(one)) for one in chosen.audit_anchor]


def _publishing_line(error: BaseException) -> None:
    """Why nothing is published. A refusal's words are this program's own, about paths and sizes."""
    if isinstance(error, RefusedError):
        refusal_line("audit", error.why)
    else:
        failure_line(error, "")


def _bounds(chosen: Settings) -> Bounds:
    return Bounds(
        body_bytes=chosen.max_body_mib * settings.MIB,
        calls_at_once=chosen.threads,
        calls_rate=chosen.call_rate,
        calls_burst=chosen.call_burst,
        failures_rate=chosen.failure_rate,
        failures_burst=chosen.failure_burst,
        proxies=chosen.behind_proxy,
        secure_transport=chosen.tls or bool(chosen.behind_proxy),
    )


def _require_current(chosen: Settings) -> None:
    if state(make_url(chosen.database_url)) is not SchemaState.CURRENT:
        raise RuntimeError("the schema is not that of this version")


def opened(chosen: Settings) -> Moat:
    """A composed deployment for this process.

    Raises:
        click.ClickException: it cannot be built, in one line.
    """
    try:
        return compose(chosen)
    except RootKeyError as error:
        raise click.ClickException(_ROOT_KEY_REMEDIES[error.cause].format(path=chosen.keys / FILE_NAME)) from None
    except (PolicyFileError, RefusedError) as error:
        raise click.ClickException(str(error)) from None


_ROOT_KEY_REMEDIES = {
    "missing": "{path} is missing: put it back from its backup",
    "damaged": "{path} cannot be read as a root key: put it back from its backup",
    "readable_by_others": "others may read {path}: chmod 600 it",
    "other_database": "{path} is not the root key that this database was sealed under; nothing was changed",
}


def opened_database(data: Path | None, url: str | None) -> Database:
    """The database that a local command works on."""
    chosen = settings.load(data=data, database=url)
    return Database(chosen.database_url, pool_size=2)


def operator_occasion() -> Occasion:
    """Somebody at the host's console does something now."""
    at = millis(utc_now())
    return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


def load_served(chosen: Settings) -> Served:
    """The application of one worker process."""
    moat = compose(chosen)
    moat.sweeper.start()
    moat.publishing.start()
    dispatcher = start_work(chosen, moat)

    def close() -> None:
        dispatcher.stop()
        moat.close()

    return Served(moat.app, close)


def start_work(chosen: Settings, moat: Moat) -> Dispatcher:
    """Run jobs in this process, beside whatever else it does.

    On the embedded database there is one worker, which takes its own unfinished jobs up again at every start. Elsewhere each
    process is a worker of its own, and takes over from those that have fallen silent.
    """
    worker = "embedded" if chosen.on_sqlite else str(uuid4())
    jobs = DurableJobs(
        moat.database,
        moat.tasks,
        utc_now,
        store_url=chosen.work_url,
        worker=worker,
        migrates=chosen.on_sqlite,
    )
    dispatcher = Dispatcher(moat.database, jobs, utc_now, worker=worker, failed=lambda error: failure_line(error, ""))
    moat.jobs.nudge = dispatcher.nudge
    dispatcher.start()
    return dispatcher
