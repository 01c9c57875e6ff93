"""Whatever a console names by a code has a name in each language: a code that is added later fails here, and not on the page."""

from collections.abc import Iterable

import pytest

from audit.entry import Reason
from consent.catalogues.change import Facet
from consent.locale import Locale
from dsar.request import RequestState
from dsar.retention.policies import _FACETS
from masking.relay.calls.cases import Verdict
from masking.relay.calls.progress import Status
from masking.relay.calls.rules import Measure, Signal
from masking.relay.decision import CallKind, NumberState, RefusalReason
from pages.officer.calls import VERDICTS
from pages.shell.site import PAGES
from pages.shell.texts import shipped
from vault.rotation.asking import Rotated
from vault.rotation.ending import _NEEDED, ENDABLE
from work.job import JobState

CODES: dict[str, Iterable[str]] = {
    "state": RequestState,
    "job": JobState,
    "keys.rotated": Rotated,
    "keys.usage": ENDABLE,
    "keys.lost_about": ENDABLE,
    "keys.needed": [what for what, _ in _NEEDED.values()],
    "compare.facet": Facet,
    "retention.facet": (*_FACETS, "added", "removed"),
    "calls.kind": CallKind,
    "calls.status": Status,
    "calls.refusal": RefusalReason,
    "cases.signal": Signal,
    "cases.signal_about": Signal,
    "cases.measure": Measure,
    "cases.measure_about": Measure,
    "cases.verdict": Verdict,
    "cases.verdict_about": VERDICTS,
    "relay.states": NumberState,
    "reason": Reason,
}


@pytest.mark.parametrize("prefix", CODES)
def test_every_code_has_a_name(prefix: str) -> None:
    texts = shipped((PAGES,))
    missing = [
        (locale.value, code)
        for locale in Locale
        for code in CODES[prefix]
        if not texts.has(locale, f"officer.{prefix}.{code}")
    ]
    assert missing == []
