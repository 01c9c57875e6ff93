"""What is sent, to whom, how often, and what becomes of it when something fails on the way."""

import re
from pathlib import Path
from typing import Any

import pytest

from dsar.identity.asking import KIND
from dsar.identity.sending import MESSAGES_AN_HOUR
from tests.api.conftest import refused
from tests.dsar.identity.centre import Centre, centre_at
from web.messages.transports import FileTransport


def asked_by_phone(centre: Centre) -> Any:
    answer = centre.ask("phone", who=centre.person())
    assert answer.json is not None
    return answer.json["challenge"]


def test_a_code_that_did_not_leave_is_drawn_and_sent_again(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = asked_by_phone(centre)
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise OSError

        broken.setattr(FileTransport, "deliver", fail)
        with pytest.raises(OSError, match=r"^$"):
            centre.run_jobs()
        assert centre.answer(challenge, "123456").status_code == 403
    assert centre.answer(challenge, *centre.codes()).status_code == 201


def test_only_the_last_code_counts_when_the_note_of_the_first_was_lost(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies between sending and noting."""
    challenge = asked_by_phone(centre)
    before = len(centre.sent())
    (task,) = [task for task in centre.moat.work.tasks if task.kind == KIND]
    with monkeypatch.context() as dying:
        dying.setattr(task._sending, "_note", _die)  # type: ignore[attr-defined]  # the use case behind the task
        with pytest.raises(KeyboardInterrupt):
            centre.run_jobs()
    (lost,) = re.findall(r"\d{6}", centre.sent()[before]["text"])
    (code,) = centre.codes()
    if lost != code:
        assert centre.answer(challenge, lost).status_code == 403
    assert centre.answer(challenge, code).status_code == 201


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_repeated_step_sends_nothing_again(centre: Centre) -> None:
    asked_by_phone(centre)
    (job,) = centre.waiting(centre.tenant)
    (task,) = [task for task in centre.moat.work.tasks if task.kind == KIND]
    assert [task.step(job, 0).done, task.step(job, 0).done] == [1, 0]


def test_a_person_gets_no_more_than_ten_messages_an_hour_by_all_names_together(centre: Centre) -> None:
    ann, sent = centre.person(), 0
    for _ in range(5):
        for kinds in (("phone",), ("email",), ("account",)):
            assert centre.ask(*kinds, who=ann).status_code == 202
            sent += len(centre.codes())
        centre.clock.advance(minutes=2)
    assert sent == MESSAGES_AN_HOUR


def test_what_has_run_out_is_swept_and_what_was_tried_is_kept_until_it_is_forgotten(centre: Centre) -> None:
    ann = centre.person()
    centre.session(ann)
    centre.link(ann)
    challenge = asked_by_phone(centre)
    centre.answer(challenge, "123456")
    swept = ("identity_challenge", "identity_claim", "identity_link", "identity_session")
    assert all(centre.rows()[name] for name in swept)
    centre.clock.advance(days=2)
    centre.moat.sweeper.sweep()
    rows = centre.rows()
    assert [rows[name] for name in swept] == [[], [], [], []]
    assert rows["identity_guard"]
    centre.clock.advance(days=14)
    centre.moat.sweeper.sweep()
    assert centre.rows()["identity_guard"] == []


def test_without_a_messenger_and_beyond_a_sources_rate_everybody_hears_the_same(tmp_path: Path) -> None:
    public = "https://privacy.example.com"
    with centre_at(tmp_path, None, messenger="none", visitor_rate=0.001, visitor_burst=2, privacy_url=public) as centre:
        assert centre.page_of_link(centre.person()).startswith(f"{public}/privacy/default/enter/mpl1_")
        for who in (centre.person(), centre.nobody()):
            refused(centre.ask("phone", who=who), 409, "no_messenger")
        for who in (centre.person(), centre.nobody()):
            refused(centre.ask("phone", who=who), 429, "rate_limited")
        assert centre.call("GET", "/v1/whoami", bearer=centre.service).status_code == 200
