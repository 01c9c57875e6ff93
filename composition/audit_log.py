"""The audit log of a deployment: its publisher, its readers and its exports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from moat_verifier.errors import CannotCheckError
from moat_verifier.policy import parse as parse_policy

from audit.anchor import DirectoryAnchor, UrlAnchor
from audit.directory import LogDirectory
from audit.errors import RefusedError
from audit.export_desk import ExportDesk
from audit.export_http import FURTHER as EXPORT_FURTHER
from audit.export_http import PROBLEMS as EXPORT_PROBLEMS
from audit.export_http import ExportApi
from audit.export_shelf import Shelf
from audit.files_http import LogFilesApi
from audit.http import PROBLEMS, AuditApi
from audit.jobs import ExportTask
from audit.lag import LagWatch
from audit.log import AuditLog
from audit.ports import Anchor
from audit.published import PublishedLogs
from audit.publisher import Publisher, Surroundings
from audit.publishing import Publishing
from audit.reader import AuditReader
from audit.reading import LogReading
from audit.tallying import Tallying
from audit.witness_client import Answered, WitnessQuorum
from composition.foundation import VERSION, Foundation
from composition.part import Part
from database.engine import Database
from settings import Settings
from vault.custody.roots import Roots
from vault.log_key import EXPORT_SIGNING, LogKeyring
from vault.log_subject import LogSubjects
from vault.means import Means
from web.egress import Egress
from web.errors import EgressFailedError, EgressRefusedError
from web.logs import failure_line, refusal_line


def lag_watch(base: Foundation) -> LagWatch:
    """Tells when the log lags so far behind that no plain values may leave."""
    return LagWatch(
        base.database,
        base.now,
        entries_at_most=base.chosen.audit_lag_entries,
        age_at_most_ms=base.chosen.audit_lag_seconds * 1000,
    )


def publishing(base: Foundation, lag: LagWatch) -> Publishing:
    """The publisher of this process, if it has one, beside the watch over the lag.

    Raises:
        RefusedError: the witnesses' policy may not be used.
    """
    around = publisher_surroundings(base.chosen, base.database, base.roots, base.now)
    publisher = Publisher(around) if base.chosen.audit_publish else None
    return Publishing(publisher, lag, failed=_publishing_line)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLog:
    """What other parts take of the log's readers."""

    part: Part
    reading: LogReading
    published: PublishedLogs
    exports: ExportDesk
    tallying: Tallying


def read_log(base: Foundation, means: Means, lag: LagWatch, publishing: Publishing) -> ReadLog:
    """Entries, proofs, the log as files, and exports."""
    logs, shelf = LogDirectory(base.chosen.audit_directory), Shelf(base.chosen.exports_directory)
    published, subjects = PublishedLogs(logs), LogSubjects(means)
    exports = ExportDesk(
        base.database,
        base.log,
        base.jobs,
        logs=logs,
        shelf=shelf,
        subjects=subjects,
        generator=f"moat-privacy {VERSION}",
        mac_of=lambda tenant: base.keyring.of(tenant).idempotency,
    )
    export_keys = LogKeyring(base.database, base.roots, base.log, base.now, usage=EXPORT_SIGNING)
    reading = LogReading(base.database, base.log, AuditReader(base.database), published=published, subjects=subjects)
    tallying = Tallying(base.database, base.log, ZoneInfo(base.chosen.time_zone))
    part = Part(
        blueprints=[
            AuditApi(reading, published).blueprint(),
            LogFilesApi(base.database, base.log, published).blueprint(),
            ExportApi(exports).blueprint(),
        ],
        tables=[PROBLEMS, EXPORT_PROBLEMS],
        problems=EXPORT_FURTHER,
        checks={"audit": publishing.check, "audit_lag": lag.check},
        # A host that was put back as a whole, files and all, is noticed by a checkpoint elsewhere only.
        warnings=() if base.chosen.audit_anchor or base.chosen.audit_policy else ("audit_unanchored",),
        tasks=[ExportTask(logs, shelf, lambda: export_keys.signers()[0])],
        sweeps=[shelf.sweep],
        rounds={"audit_tally": tallying.round},
    )
    return ReadLog(part=part, reading=reading, published=published, exports=exports, tallying=tallying)


def publisher_surroundings(
    chosen: Settings, database: Database, roots: Roots, now: Callable[[], datetime]
) -> Surroundings:
    """What the log's publisher on this host works with."""
    return Surroundings(
        database=database,
        directory=LogDirectory(chosen.audit_directory),
        keys=LogKeyring(database, roots, AuditLog(), now),
        origin=chosen.audit_origin,
        now=now,
        anchors=_anchors(chosen),
        witnesses=witness_quorum(chosen),
    )


def witness_quorum(chosen: Settings) -> WitnessQuorum | None:
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
