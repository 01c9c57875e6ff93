"""Requests of people in a deployment: the desk that moves them, and which steps of which rights are jobs."""

from dataclasses import dataclass

from composition.foundation import Foundation
from composition.part import Part
from dsar.desk.deciding import Deciding
from dsar.desk.http import RequestApi, RequestUseCases
from dsar.desk.intake import Intake
from dsar.desk.jobs import MessageTask
from dsar.desk.problems import PROBLEMS
from dsar.desk.reading import Reading
from dsar.desk.regime_text import shipped_regimes
from dsar.desk.requests import MESSAGE, RequestDesk, Steps
from dsar.desk.statistics import Statistics
from dsar.desk.watch import Watch
from dsar.desk.words import SealedWords
from dsar.disclosure.choosing import DISCLOSED
from dsar.erasure.state import RIGHTS as ERASING
from dsar.ports import Assurance, Messenger
from dsar.right import Right
from vault.errors import KeysUnavailableError
from vault.means import Means
from vault.subject_lookup import SubjectLookup
from vault.tenant_seal import TenantSeal

STEPS = Steps(
    prepared=frozenset({*ERASING, *DISCLOSED}),
    executed=frozenset(
        {*ERASING, *DISCLOSED, Right.RECTIFICATION, Right.RESTRICTION, Right.OBJECTION, Right.CONSENT_WITHDRAWAL}
    ),
)
"""Rights with a job `dsar_prepare_<right>`, and with a job `dsar_execute_<right>`: whoever adds such a job enters its right."""


MESSAGES_KEPT_MS = 30 * 86_400_000


@dataclass(frozen=True, slots=True)
class Requests:
    """What other parts call to take requests, and what the desk adds to the deployment."""

    intake: Intake
    words: SealedWords
    use: RequestUseCases
    part: Part


def request_desk(base: Foundation, assurance: Assurance) -> RequestDesk:
    """What moves the requests of a deployment."""
    return RequestDesk(base.log, base.jobs, shipped_regimes(), STEPS, assurance)


def requests(base: Foundation, means: Means, desk: RequestDesk, messenger: Messenger) -> Requests:
    """Everything around the desk."""
    regimes, subjects = shipped_regimes(), SubjectLookup(means)

    def nudge() -> None:
        base.jobs.nudge()

    words = SealedWords(base.database, TenantSeal(base.database, base.roots, base.keyring))
    intake = Intake(base.database, subjects, base.log, desk, words, nudge)
    watch = Watch(base.database, desk, nudge)
    use = RequestUseCases(
        intake=intake,
        deciding=Deciding(base.database, subjects, base.log, desk, nudge),
        reading=Reading(base.database, base.log, words),
        statistics=Statistics(base.database, base.log, regimes),
        clocks=desk.clocks,
        regimes=regimes,
    )
    part = Part(
        blueprints=RequestApi(use).blueprints(),
        tables=[PROBLEMS],
        tasks=[MessageTask(base.database, desk, messenger, base.now)],
        transient=[KeysUnavailableError],
        sweeps=[watch.forget, lambda at: _forget_messages(base, at)],
        rounds={"requests": watch.look},
    )
    return Requests(intake, words, use, part)


def _forget_messages(base: Foundation, at: int) -> None:
    """Delete the jobs of messages that ended a month ago: what they told stands in the histories."""
    base.database.write(None, lambda tx: base.jobs.forget_ended(tx, MESSAGE, at - MESSAGES_KEPT_MS))
